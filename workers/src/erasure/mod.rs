//! A customer is forgotten: what is stored of them, what came raw, and what is still on its way.
//!
//! A job that may be run any number of times, by several workers at once, and may die anywhere: each step asks what is
//! left to do. It works for a moment and then lets others have the lane. Everything is gone over twice: the second time
//! when nothing from before the cut is under way any more, since that may have been stored behind the first pass's back.

mod raw;
mod traces;

use std::time::Duration;

use switchboard_domain::{
    AssignmentStatus, Audience, Conversation, ConversationId, CustomerId, Erasure, ErasureState, LiveEvent,
    LiveEventName, Room, Timestamp,
};
use switchboard_queue::{Lane, Outcome};
use switchboard_store::{Traces, Underway};

use crate::{BulkJob, Hub, error::WorkError, events};
use traces::Finders;

/// A webhook that was answered is in its lane by then, and whoever looked before the cut has written.
const SETTLE: Duration = Duration::from_secs(10);
/// A job that wasn't heard of for so long is lost.
const SILENT: Duration = Duration::from_mins(1);
/// How long the job works before it steps back for other jobs of its lane.
const TURN: Duration = Duration::from_secs(2);
/// How often it is asked, at the least and at the most, whether everything from before the cut has come through.
const ASK_EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
/// Longer than an attempt to send takes, with its files.
const LONGEST_SEND: Duration = Duration::from_mins(3);

const FIRST: i32 = 1;
const SECOND: i32 = 2;

impl Hub {
    /// Begins to erase a customer; asked again it changes nothing.
    pub async fn request_erasure(&self, id: &CustomerId) -> Result<Erasure, WorkError> {
        let now = self.clock.now();
        self.store.erasures.request(id, now).await?;
        self.push_erasure(id).await?;
        let erasure = self.store.erasures.of(id).await?;
        Ok(erasure.ok_or(switchboard_store::StoreError::Conflict)?)
    }

    async fn push_erasure(&self, id: &CustomerId) -> Result<(), WorkError> {
        let job = BulkJob::EraseCustomer {
            customer_id: id.clone(),
        };
        Ok(self.producer.push(Lane::Bulk, &job).await?)
    }

    /// Goes on with erasures whose job was lost, or given up.
    pub(crate) async fn resume_erasures(&self, now: Timestamp) -> Result<(), WorkError> {
        for id in self.store.erasures.silent_since(now.minus(SILENT)).await? {
            // Touched first: until the job runs, the next sweep needn't push another.
            self.store.erasures.touch(&id, now).await?;
            self.push_erasure(&id).await?;
        }
        Ok(())
    }

    /// A turn of the job, which goes on where the last one ended or was cut off.
    pub async fn erase_customer(&self, id: &CustomerId) -> Result<Outcome, WorkError> {
        let Some(underway) = self.store.erasures.underway(id).await? else {
            return Ok(Outcome::Done);
        };
        if underway.state == ErasureState::Settling
            && let Some(delay) = self.still_under_way(&underway).await?
        {
            self.store.erasures.touch(id, self.clock.now()).await?;
            return Ok(Outcome::Postpone { delay });
        }
        let pass = match underway.state {
            ErasureState::Requested => FIRST,
            ErasureState::Settling | ErasureState::Erased => SECOND,
        };
        if !self.go_over(id, pass).await? {
            return Ok(Outcome::Postpone {
                delay: Duration::ZERO,
            });
        }
        let now = self.clock.now();
        if pass == FIRST {
            self.store.erasures.settle(id, now).await?;
            return Ok(Outcome::Postpone { delay: SETTLE });
        }
        self.show_erased(&self.store.erasures.conversation_ids(id).await?)
            .await?;
        self.store.erasures.end(id, now).await?;
        metrics::counter!("switchboard_customers_erased_total").increment(1);
        Ok(Outcome::Done)
    }

    /// How long to wait, if something from before the cut may still be stored.
    async fn still_under_way(&self, underway: &Underway) -> Result<Option<Duration>, WorkError> {
        let now = self.clock.now();
        let waited = now.since(underway.settling_since.unwrap_or(now));
        if waited < SETTLE {
            return Ok(Some(SETTLE.saturating_sub(waited)));
        }
        let waits = self.ingest_holds(underway).await? || self.sends_one(underway, now).await?;
        let (least, most) = ASK_EVERY;
        Ok(waits.then(|| (waited / 8).clamp(least, most)))
    }

    /// Whether a reply that was dropped was being handed over at that moment.
    async fn sends_one(&self, underway: &Underway, now: Timestamp) -> Result<bool, WorkError> {
        let erasures = &self.store.erasures;
        let conversations = erasures.conversation_ids(&underway.customer_id).await?;
        let unsent = erasures.unsent(&conversations).await?;
        let attempts = self.store.deliveries.of_many(&unsent).await?;
        Ok(attempts
            .iter()
            .any(|attempt| attempt.outcome.is_none() && now.since(attempt.started_at) < LONGEST_SEND))
    }

    /// One turn of a pass; whether it is through.
    async fn go_over(&self, id: &CustomerId, pass: i32) -> Result<bool, WorkError> {
        let (erasures, until) = (&self.store.erasures, self.clock.now().plus(TURN));
        if pass == SECOND
            && let Some(underway) = erasures.underway(id).await?
        {
            erasures.adopt_strays(&underway, pass).await?;
        }
        // Noted before anything goes: after a crash it is all that is left to look for.
        erasures
            .found(id, &self.traces_of(id).await?, self.clock.now())
            .await?;
        erasures.cut(id, self.clock.now()).await?;
        let Some(underway) = erasures.underway(id).await? else {
            return Ok(true);
        };
        while let Some(conversation) = erasures
            .next_conversation(&self.store.conversations, id, pass)
            .await?
        {
            self.erase_conversation(id, &conversation, pass).await?;
            if self.clock.now() > until {
                return Ok(false);
            }
        }
        for file in self
            .store
            .attachments
            .uploads_of(&underway.traces.open_keys)
            .await?
        {
            self.forget_file(&file).await?;
        }
        erasures.delete_orders(&underway.traces.shop_keys).await?;
        let finders = Finders::of(&underway.traces);
        if !self.erase_ledger(&underway, &finders, until).await? {
            return Ok(false);
        }
        self.erase_dead_letters(&underway, &finders).await?;
        erasures
            .blank_trails(|text| finders.are_in(None, text.as_bytes()))
            .await?;
        let ids = erasures.conversation_ids(id).await?;
        let ids: Vec<&str> = ids.iter().map(ConversationId::as_str).collect();
        self.live.forget(&ids).await?;
        Ok(true)
    }

    async fn traces_of(&self, id: &CustomerId) -> Result<Traces, WorkError> {
        let customer = self.store.customers.get(id).await?;
        let conversations = self.store.conversations.of_customer(id).await?;
        Ok(traces::of(customer.as_ref(), &conversations))
    }

    async fn erase_conversation(
        &self,
        customer: &CustomerId,
        conversation: &Conversation,
        pass: i32,
    ) -> Result<(), WorkError> {
        let (erasures, id) = (&self.store.erasures, &conversation.id);
        let now = self.clock.now();
        if let Some(ended) = self
            .store
            .assignments
            .end_of(id, AssignmentStatus::Completed, now)
            .await?
        {
            let mut told = events::assignment(LiveEventName::AssignmentUpdated, conversation, &ended, now)?;
            told.audience = told.audience.and(Room::Agent(ended.agent_id.clone()));
            self.show(&[told, erased(conversation, now)?]).await?;
            self.wake_routing("a customer is erased").await?;
        } else if pass == FIRST {
            self.show(&[erased(conversation, now)?]).await?;
        }
        for file in self.store.attachments.of_conversation(id).await? {
            self.forget_file(&file).await?;
        }
        erasures.blank_decisions(id).await?;
        while erasures.blank_messages(id, pass).await? > 0 {
            erasures.touch(customer, self.clock.now()).await?;
        }
        erasures.blank_conversation(id, pass).await?;
        Ok(())
    }

    /// Consoles that still show one of these conversations drop it.
    async fn show_erased(&self, ids: &[ConversationId]) -> Result<(), WorkError> {
        let now = self.clock.now();
        let conversations = self.store.conversations.get_many(ids).await?;
        let told: Vec<LiveEvent> = conversations
            .iter()
            .map(|one| erased(one, now))
            .collect::<Result<_, _>>()?;
        Ok(self.show(&told).await?)
    }
}

fn erased(conversation: &Conversation, now: Timestamp) -> Result<LiveEvent, WorkError> {
    let mut audience = Audience::of(conversation);
    // Whose it was isn't known any more.
    audience.0.retain(|room| !matches!(room, Room::Contact(_)));
    let data = serde_json::json!({ "conversation_id": conversation.id });
    Ok(LiveEvent::new(
        LiveEventName::ConversationErased,
        now,
        audience,
        &data,
    )?)
}
