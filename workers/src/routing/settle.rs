//! From reservations to agents' screens.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{
    Assignment, AssignmentId, AssignmentStatus, Conversation, ConversationId, LiveEvent, LiveEventName,
    Timestamp, UserId,
};
use switchboard_queue::Lane;

use crate::{Hub, error::WorkError, events, shown::SLACK, timers::TimerJob, told::Placed};

/// What is younger may be about to be told by whoever placed it.
const YOUNG: Duration = Duration::from_secs(5);
/// How far back it is looked for what was never told. A worker that died is found out within seconds; of what is older, the
/// live stream may no longer have that it was told.
const LOOK_BACK: Duration = Duration::from_mins(5);
/// Between attempts to tell of what is placed while Redis is away.
const PAUSE: Duration = Duration::from_millis(250);

/// What was placed, and where.
type Pairs<'a> = Vec<(&'a Assignment, &'a Conversation)>;

impl Hub {
    /// Gives the conversations to the agents who were reserved for them, and tells.
    pub(super) async fn settle(&self, won: Vec<Assignment>, now: Timestamp) -> Result<(), WorkError> {
        if won.is_empty() {
            return Ok(());
        }
        let placed_after = self.clock.now();
        let placed = self.store.conversations.place(&won).await?;
        let pairs = self.placed(&won, &placed, now).await?;
        self.schedule_offers(&pairs).await?;
        metrics::counter!("switchboard_routing_placements_total").increment(pairs.len() as u64);
        let mut agents: Vec<UserId> = pairs.iter().map(|(one, _)| one.agent_id.clone()).collect();
        agents.sort();
        agents.dedup();
        self.store.presence.assigned(&agents, now).await?;
        let mut events = placements(&pairs, now)?;
        let waited: Vec<Placed<'_>> = pairs
            .iter()
            .map(|(assignment, conversation)| Placed {
                conversation,
                agent: &assignment.agent_id,
                at: placed_after,
            })
            .collect();
        events.extend(self.tell_what_waited(&waited, now).await?);
        self.show_at_last(&events).await
    }

    /// Who got what; what was resolved, snoozed or taken by hand since we looked is let go.
    async fn placed<'a>(
        &self,
        won: &'a [Assignment],
        placed: &'a [Conversation],
        now: Timestamp,
    ) -> Result<Pairs<'a>, WorkError> {
        let placed: HashMap<&AssignmentId, &Conversation> = placed
            .iter()
            .filter_map(|conversation| Some((conversation.assignment_id.as_ref()?, conversation)))
            .collect();
        let mut pairs = Vec::with_capacity(won.len());
        for assignment in won {
            if let Some(conversation) = placed.get(&assignment.id) {
                pairs.push((assignment, *conversation));
            } else {
                let released = AssignmentStatus::Released;
                self.store.assignments.end(&assignment.id, released, now).await?;
            }
        }
        Ok(pairs)
    }

    async fn schedule_offers(&self, pairs: &[(&Assignment, &Conversation)]) -> Result<(), WorkError> {
        for (assignment, _) in pairs {
            if let Some(at) = assignment.expires_at {
                let assignment_id = assignment.id.clone();
                let job = TimerJob::OfferExpires { assignment_id };
                let name = format!("offer:{}", assignment.id);
                self.producer.schedule(Lane::Timers, &name, at, &job).await?;
            }
        }
        Ok(())
    }

    /// What was placed since then and never told of: whoever placed it died in between.
    pub(super) async fn tell_untold(&self, since: Timestamp, now: Timestamp) -> Result<(), WorkError> {
        let since = since.max(now.minus(LOOK_BACK));
        let mut live = self.store.assignments.live_since(since.minus(SLACK)).await?;
        live.retain(|one| one.created_at <= now.minus(YOUNG));
        if live.is_empty() {
            return Ok(());
        }
        let shown = self.shown_since(since).await?;
        live.retain(|one| {
            let names = [LiveEventName::AssignmentOffered, LiveEventName::AssignmentUpdated];
            !names.iter().any(|name| shown.has(*name, &one.id))
        });
        let ids: Vec<ConversationId> = live.iter().map(|one| one.conversation_id.clone()).collect();
        let conversations = self.store.conversations.get_many(&ids).await?;
        let by_assignment: HashMap<&AssignmentId, &Conversation> = conversations
            .iter()
            .filter_map(|conversation| Some((conversation.assignment_id.as_ref()?, conversation)))
            .collect();
        let pairs: Pairs<'_> = live
            .iter()
            .filter_map(|one| Some((one, *by_assignment.get(&one.id)?)))
            .collect();
        self.schedule_offers(&pairs).await?;
        let mut events = placements(&pairs, now)?;
        let waited: Vec<Placed<'_>> = pairs
            .iter()
            .map(|(assignment, conversation)| Placed {
                conversation,
                agent: &assignment.agent_id,
                at: assignment.created_at,
            })
            .collect();
        events.extend(self.tell_what_waited_untold(&waited, &shown, now).await?);
        self.show_at_last(&events).await
    }

    /// Waits out an outage of Redis: what is placed can't be placed again to be told of.
    async fn show_at_last(&self, events: &[LiveEvent]) -> Result<(), WorkError> {
        loop {
            match self.show(events).await {
                Err(error) if error.is_temporary() => tokio::time::sleep(PAUSE).await,
                result => return Ok(result?),
            }
        }
    }
}

/// What consoles are told of these.
fn placements(pairs: &[(&Assignment, &Conversation)], now: Timestamp) -> Result<Vec<LiveEvent>, WorkError> {
    let mut shown = Vec::with_capacity(2 * pairs.len());
    for (assignment, conversation) in pairs {
        let name = if assignment.status == AssignmentStatus::Offered {
            LiveEventName::AssignmentOffered
        } else {
            LiveEventName::AssignmentUpdated
        };
        shown.push(events::conversation(
            LiveEventName::ConversationUpdated,
            conversation,
            now,
        )?);
        shown.push(events::assignment(name, conversation, assignment, now)?);
    }
    Ok(shown)
}
