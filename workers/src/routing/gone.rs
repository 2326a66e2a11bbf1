//! What becomes of an agent's work when they are disconnected for longer than the grace (routing.md, point 10).

use std::collections::HashMap;

use switchboard_domain::{
    Assignment, AssignmentStatus, ConversationId, SlaEvent, SlaEventKind, Timestamp, UserId,
};

use crate::{Hub, error::WorkError};

impl Hub {
    /// Revokes offers, and requeues what is the hub's turn, of agents whose connection went while they held it and
    /// hasn't come back. What was answered stays until its customer writes.
    pub(super) async fn requeue_of_the_gone(
        &self,
        held: &[Assignment],
        now: Timestamp,
    ) -> Result<bool, WorkError> {
        if held.is_empty() {
            return Ok(false);
        }
        let grace = self.rules.routing.disconnect_grace;
        let gone: HashMap<UserId, Timestamp> = self
            .store
            .presence
            .all(now)
            .await?
            .into_iter()
            .map(|known| known.presence)
            .filter(|presence| !presence.online && now.since(presence.changed_at) >= grace)
            .map(|presence| (presence.user_id, presence.changed_at))
            .collect();
        // What was given by hand to somebody who wasn't there is meant to wait for them.
        let theirs = held.iter().filter(|assignment| {
            gone.get(&assignment.agent_id)
                .is_some_and(|went| *went >= assignment.created_at)
        });
        let theirs: Vec<&Assignment> = theirs.collect();
        let ids: Vec<ConversationId> = theirs.iter().map(|one| one.conversation_id.clone()).collect();
        if ids.is_empty() {
            return Ok(false);
        }
        let said = self.store.messages.exchanges(&ids).await?;
        let mut any = false;
        for assignment in theirs {
            let events = said
                .get(&assignment.conversation_id)
                .map_or(&[][..], Vec::as_slice);
            any |= self.take_back(assignment, events, now).await?;
        }
        Ok(any)
    }

    async fn take_back(
        &self,
        assignment: &Assignment,
        events: &[SlaEvent],
        now: Timestamp,
    ) -> Result<bool, WorkError> {
        let answered = events
            .iter()
            .any(|event| event.what == SlaEventKind::AgentReplied && event.at >= assignment.created_at);
        let last = events.iter().max_by_key(|event| event.at);
        let customers = last.filter(|event| event.what == SlaEventKind::CustomerWrote);
        if assignment.status == AssignmentStatus::Active && answered && customers.is_none() {
            return Ok(false);
        }
        let ended = self
            .store
            .assignments
            .end(&assignment.id, AssignmentStatus::Released, now)
            .await?;
        let Some(ended) = ended else { return Ok(false) };
        // Unanswered, it is as old as it was; else as what the customer wrote since.
        let since = customers.filter(|_| answered).map(|event| event.at);
        self.back_to_queue_since(&ended, None, since).await?;
        Ok(true)
    }
}
