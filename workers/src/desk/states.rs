//! Resolve, reopen, snooze, label, read.

use std::time::Duration;

use switchboard_domain::{AssignmentStatus, Conversation, ConversationId, LiveEventName, Timestamp, Visible};
use switchboard_queue::Lane;
use switchboard_store::StoreError;

use super::DeskError;
use crate::{Hub, error::WorkError, events, outbound::OutboundJob, timers::TimerJob};

impl Hub {
    pub async fn resolve(&self, visible: &Visible, id: &ConversationId) -> Result<Conversation, DeskError> {
        let now = self.clock.now();
        let resolved = self.store.conversations.resolve(visible, id, now).await?;
        let Some(conversation) = resolved else {
            return self.unchanged(visible, id).await;
        };
        if !self.wrap_up(&conversation, now).await? {
            self.release(&conversation, AssignmentStatus::Completed).await?;
        }
        Ok(conversation)
    }

    pub async fn snooze(
        &self,
        visible: &Visible,
        id: &ConversationId,
        until: Timestamp,
    ) -> Result<Conversation, DeskError> {
        let now = self.clock.now();
        if until <= now {
            return Err(DeskError::Invalid("The time to wake up has to lie ahead.".into()));
        }
        let snoozed = self.store.conversations.snooze(visible, id, until, now).await?;
        let Some(conversation) = snoozed else {
            self.unchanged(visible, id).await?;
            return Err(DeskError::Conflict("Only an open conversation can be snoozed."));
        };
        self.release(&conversation, AssignmentStatus::Released).await?;
        Ok(conversation)
    }

    pub async fn reopen(&self, visible: &Visible, id: &ConversationId) -> Result<Conversation, DeskError> {
        let now = self.clock.now();
        let before = self.unchanged(visible, id).await?;
        let reopened = match self.store.conversations.reopen(visible, &before, now).await {
            Err(StoreError::Duplicate) => {
                return Err(DeskError::Conflict(
                    "This customer has another open conversation.",
                ));
            }
            other => other?,
        };
        let Some(conversation) = reopened else {
            return Ok(before);
        };
        self.store
            .assignments
            .end_wrap_ups_of(std::slice::from_ref(&conversation.id), now)
            .await?;
        self.show(&[events::conversation(
            LiveEventName::ConversationUpdated,
            &conversation,
            now,
        )?])
        .await?;
        self.wake_routing("a conversation was reopened").await?;
        Ok(conversation)
    }

    /// A snoozed conversation's time has come.
    pub(crate) async fn wake(&self, id: &ConversationId) -> Result<(), WorkError> {
        let now = self.clock.now();
        if let Some(conversation) = self.store.conversations.wake(id, now).await? {
            self.show(&[events::conversation(
                LiveEventName::ConversationUpdated,
                &conversation,
                now,
            )?])
            .await?;
            self.wake_routing("a snoozed conversation woke").await?;
        }
        Ok(())
    }

    pub async fn label(
        &self,
        visible: &Visible,
        id: &ConversationId,
        labels: &[String],
    ) -> Result<Conversation, DeskError> {
        let labelled = self
            .store
            .conversations
            .label(visible, id, labels)
            .await?
            .ok_or(DeskError::NotFound)?;
        self.show(&[events::conversation(
            LiveEventName::ConversationUpdated,
            &labelled,
            self.clock.now(),
        )?])
        .await?;
        if labelled.waiting_since.is_some() {
            self.wake_routing("labels changed").await?;
        }
        Ok(labelled)
    }

    /// Nothing is unread any more, and the customer's app is told where the channel can.
    pub async fn read(&self, visible: &Visible, id: &ConversationId) -> Result<Conversation, DeskError> {
        let before = self.unchanged(visible, id).await?;
        if before.unread == 0 {
            return Ok(before);
        }
        let read = self
            .store
            .conversations
            .read(visible, id, self.clock.now())
            .await?
            .ok_or(DeskError::NotFound)?;
        self.show(&[events::conversation(
            LiveEventName::ConversationUpdated,
            &read,
            self.clock.now(),
        )?])
        .await?;
        self.producer
            .push(
                Lane::Outbound,
                &OutboundJob::MarkRead {
                    conversation_id: id.clone(),
                },
            )
            .await?;
        Ok(read)
    }

    async fn unchanged(&self, visible: &Visible, id: &ConversationId) -> Result<Conversation, DeskError> {
        self.store
            .conversations
            .get(visible, id)
            .await?
            .ok_or(DeskError::NotFound)
    }

    /// Leaves the capacity with the agent for as long as the queue gives them to wrap up; false if it gives no time.
    async fn wrap_up(&self, conversation: &Conversation, now: Timestamp) -> Result<bool, DeskError> {
        let queue = match &conversation.queue_id {
            Some(queue) => self.store.queues.get(queue.as_str()).await?,
            None => None,
        };
        let secs = queue.map_or(0, |queue| queue.wrap_up_secs);
        if secs == 0 {
            return Ok(false);
        }
        let until = now.plus(Duration::from_secs(u64::from(secs)));
        let Some(wrapping) = self.store.assignments.wrap_up(&conversation.id, until).await? else {
            return Ok(false);
        };
        let job = TimerJob::WrapUpEnds {
            assignment_id: wrapping.id.clone(),
        };
        let key = format!("wrap-up:{}", wrapping.id);
        self.producer.schedule(Lane::Timers, &key, until, &job).await?;
        self.show(&[
            events::assignment(LiveEventName::AssignmentUpdated, conversation, &wrapping, now)?,
            events::conversation_left(conversation, &wrapping, now)?,
        ])
        .await?;
        Ok(true)
    }

    /// Frees whatever the conversation held, and tells.
    async fn release(&self, conversation: &Conversation, status: AssignmentStatus) -> Result<(), DeskError> {
        let now = self.clock.now();
        let Some(ended) = self
            .store
            .assignments
            .end_of(&conversation.id, status, now)
            .await?
        else {
            self.show(&[events::conversation(
                LiveEventName::ConversationUpdated,
                conversation,
                now,
            )?])
            .await?;
            return Ok(());
        };
        self.show(&[
            events::assignment(LiveEventName::AssignmentUpdated, conversation, &ended, now)?,
            events::conversation_left(conversation, &ended, now)?,
        ])
        .await?;
        self.wake_routing("capacity was freed").await?;
        Ok(())
    }
}
