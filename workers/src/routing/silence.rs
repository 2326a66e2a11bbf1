//! Capacity isn't held for customers who have fallen silent (routing.md, point 11; Zendesk's inactive conversations).

use switchboard_domain::{Assignment, AssignmentStatus, LiveEventName, Timestamp};

use crate::{Hub, error::WorkError, events};

impl Hub {
    /// Frees what the assignment holds if its customer hasn't written for long. The conversation stays its agent's.
    ///
    /// The conversation lets go first: dying in between leaves an assignment without one, which the next sweep ends.
    pub(super) async fn release_if_silent(
        &self,
        last_inbound_at: Option<Timestamp>,
        assignment: &Assignment,
        now: Timestamp,
    ) -> Result<bool, WorkError> {
        let Some(after) = self.rules.routing.inactive_after else {
            return Ok(false);
        };
        let heard = last_inbound_at.unwrap_or_default().max(assignment.created_at);
        if assignment.status != AssignmentStatus::Active || now.since(heard) < after {
            return Ok(false);
        }
        let Some(silent) = self.store.conversations.fall_silent(&assignment.id).await? else {
            return Ok(false);
        };
        let ended = self
            .store
            .assignments
            .end(&assignment.id, AssignmentStatus::Released, now)
            .await?;
        let mut shown = vec![events::conversation(
            LiveEventName::ConversationUpdated,
            &silent,
            now,
        )?];
        if let Some(ended) = ended {
            let name = LiveEventName::AssignmentUpdated;
            shown.push(events::assignment(name, &silent, &ended, now)?);
        }
        self.show(&shown).await?;
        Ok(true)
    }
}
