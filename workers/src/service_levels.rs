//! Promised times: warned of and told when they are broken.
//!
//! Nothing is kept in memory and no timer can be lost: every sweep looks at the conversations to which something
//! happened since the mark, and at those whose next moment has come. Each alarm is claimed in the conversation's row, so
//! that of any number of workers one tells it.

use std::time::Duration;

use switchboard_domain::{
    BusinessHours, Conversation, ConversationId, LiveEventName, SlaAlarm, SlaEvent, SlaPolicy, SlaStanding,
    SlaTimer, Timestamp,
};
use switchboard_routing::{Calendar, SlaSubject, policy_of, sla_timers};

use crate::{Hub, error::WorkError, events};

const MARK: &str = "service_levels";
/// Clocks of several nodes may differ, and a write takes its time: this much is looked at again.
const OVERLAP: Duration = Duration::from_secs(30);
const BATCH: i64 = 500;

/// The policies, with their calendars.
struct Promises {
    policies: Vec<SlaPolicy>,
    calendars: Vec<BusinessHours>,
}

impl Hub {
    /// Looks at every promise that may have changed or come due.
    pub(crate) async fn check_service_levels(&self, now: Timestamp) -> Result<(), WorkError> {
        let policies = self.store.sla_policies.all().await?;
        if policies.iter().all(|policy| !policy.enabled) {
            return Ok(());
        }
        let promises = self.promises(policies).await?;
        let mark = self.store.marks.get(MARK).await?.unwrap_or_default();
        let mut since = mark.minus(OVERLAP);
        loop {
            let active = self.store.conversations.active_since(since, BATCH).await?;
            self.keep_promises(&promises, &active, now).await?;
            let reached = active.last().map(|last| last.last_activity_at);
            match reached {
                // A full page at one instant can't be gone beyond; the due ones below still are.
                Some(at) if active.len() as i64 == BATCH && at > since => since = at,
                _ => break,
            }
            self.store.marks.advance(MARK, since).await?;
        }
        self.store.marks.advance(MARK, now).await?;
        let due = self.store.conversations.sla_due(now, BATCH).await?;
        self.keep_promises(&promises, &due, now).await
    }

    /// How a conversation stands with what was promised; none if nothing was.
    pub async fn service_level(&self, conversation: &Conversation) -> Result<Option<SlaStanding>, WorkError> {
        let promises = self.promises(self.store.sla_policies.all().await?).await?;
        let standings = self
            .standings(&promises, std::slice::from_ref(conversation), self.clock.now())
            .await?;
        Ok(standings.into_iter().next().map(|(_, standing, _)| standing))
    }

    async fn promises(&self, policies: Vec<SlaPolicy>) -> Result<Promises, WorkError> {
        let calendars = self.store.business_hours.all().await?;
        Ok(Promises { policies, calendars })
    }

    async fn keep_promises(
        &self,
        promises: &Promises,
        conversations: &[Conversation],
        now: Timestamp,
    ) -> Result<(), WorkError> {
        for (conversation, standing, warned) in self.standings(promises, conversations, now).await? {
            for (timer, warn) in standing.timers.iter().zip(warned) {
                self.alarm(conversation, &standing, timer, warn, now).await?;
            }
            let moments = standing
                .timers
                .iter()
                .flat_map(|timer| [timer.warns_at, timer.due_at]);
            let next = moments.flatten().filter(|at| *at > now).min();
            self.store
                .conversations
                .set_sla_next(&conversation.id, next)
                .await?;
        }
        Ok(())
    }

    /// Tells that a promise is broken, or else that it soon will be, once.
    async fn alarm(
        &self,
        conversation: &Conversation,
        standing: &SlaStanding,
        timer: &SlaTimer,
        warn: bool,
        now: Timestamp,
    ) -> Result<(), WorkError> {
        // "Breached" may speak of an earlier response; this is about the one that runs.
        let late = timer.breached && timer.elapsed_secs >= u64::from(timer.target_secs);
        let (name, due_at) = match timer.due_at {
            Some(due_at) if late => (LiveEventName::SlaBreached, due_at),
            Some(due_at) if warn => (LiveEventName::SlaWarning, due_at),
            // Answered before anybody looked: late is late.
            None if late => (LiveEventName::SlaBreached, timer.met_at.unwrap_or(now)),
            _ => return Ok(()),
        };
        let key = format!(
            "{}:{}:{}:{}",
            name.as_str(),
            standing.policy_id,
            timer.metric.as_str(),
            timer.started_at.as_millis()
        );
        if !self
            .store
            .conversations
            .claim_alarm(&conversation.id, &key)
            .await?
        {
            return Ok(());
        }
        metrics::counter!("switchboard_sla_alarms_total", "event" => name.as_str(), "metric" => timer.metric.as_str())
            .increment(1);
        let alarm = SlaAlarm {
            conversation_id: conversation.id.clone(),
            policy_id: standing.policy_id.clone(),
            metric: timer.metric,
            due_at,
        };
        self.show(&[events::sla(name, conversation, &alarm, now)?])
            .await?;
        Ok(())
    }

    /// Each conversation with its promises, and for each of these whether it is time to warn.
    async fn standings<'c>(
        &self,
        promises: &Promises,
        conversations: &'c [Conversation],
        now: Timestamp,
    ) -> Result<Vec<(&'c Conversation, SlaStanding, Vec<bool>)>, WorkError> {
        let under: Vec<(&Conversation, &SlaPolicy)> = conversations
            .iter()
            .filter_map(|conversation| Some((conversation, promises.policy(conversation)?)))
            .collect();
        let ids: Vec<ConversationId> = under.iter().map(|(one, _)| one.id.clone()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (mut said, mut changed) = tokio::try_join!(
            self.store.messages.exchanges(&ids),
            self.store.conversations.histories(&ids),
        )?;
        let mut standings = Vec::with_capacity(under.len());
        for (conversation, policy) in under {
            let mut events: Vec<SlaEvent> = said.remove(&conversation.id).unwrap_or_default();
            events.extend(changed.remove(&conversation.id).unwrap_or_default());
            let calendar = promises.calendar(policy);
            let timers = sla_timers(policy, &calendar, &events, now);
            let warned = timers
                .iter()
                .map(|timer| timer.warns_at.is_some_and(|at| at <= now));
            let warned = warned.collect();
            let standing = SlaStanding {
                conversation_id: conversation.id.clone(),
                policy_id: policy.id.clone(),
                timers,
            };
            standings.push((conversation, standing, warned));
        }
        Ok(standings)
    }
}

impl Promises {
    fn policy(&self, conversation: &Conversation) -> Option<&SlaPolicy> {
        let subject = SlaSubject {
            queue_id: conversation.queue_id.as_ref(),
            labels: &conversation.labels,
            channel: conversation.channel,
        };
        policy_of(&self.policies, &subject)
    }

    /// A calendar that is gone, or can't be read, stops no clock.
    fn calendar(&self, policy: &SlaPolicy) -> Calendar {
        let mut known = self.calendars.iter();
        known
            .find(|hours| Some(&hours.id) == policy.business_hours_id.as_ref())
            .and_then(|hours| Calendar::new(hours).ok())
            .unwrap_or_else(Calendar::always)
    }
}
