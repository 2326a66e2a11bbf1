//! The net beneath the events: what a crash or a lost wake-up left behind is found within seconds.

use std::time::Duration;

use switchboard_domain::{AssignmentStatus, ConversationId, Timestamp};

use crate::{Hub, error::WorkError};

/// Between two writes that belong together nobody needs longer than this.
const HALF_DONE: Duration = Duration::from_secs(5);

impl Hub {
    /// Safe to run at any time, on any number of nodes.
    pub async fn sweep(&self) -> Result<(), WorkError> {
        let now = self.clock.now();
        for offer in self.store.assignments.overdue(now).await? {
            self.expire(&offer.id).await?;
        }
        for conversation in self.store.conversations.due_snoozed(now, 500).await? {
            self.wake(&conversation).await?;
        }
        self.forget_dead_nodes(now).await?;
        self.resend_lost(now).await?;
        self.check_service_levels(now).await?;
        self.fetch_lost(now).await?;
        self.resume_erasures(now).await?;
        self.begin_retention(now).await?;
        let repaired = self.release_orphans(now).await? | self.requeue_abandoned(now).await?;
        if repaired || !self.store.conversations.waiting(1).await?.is_empty() {
            self.wake_routing("the sweep").await?;
        }
        Ok(())
    }

    /// Capacity held for a conversation that isn't the assignment's (any more), or whose customer has fallen silent.
    async fn release_orphans(&self, now: Timestamp) -> Result<bool, WorkError> {
        let live = self.store.assignments.live().await?;
        let settled: Vec<_> = live
            .into_iter()
            .map(|held| held.assignment)
            .filter(|one| now.since(one.created_at) > HALF_DONE)
            .collect();
        let ids: Vec<ConversationId> = settled.iter().map(|one| one.conversation_id.clone()).collect();
        let holders = self.store.conversations.holdings(&ids).await?;
        let mut any = false;
        let mut kept = Vec::with_capacity(settled.len());
        for assignment in settled {
            if assignment.status == AssignmentStatus::WrappingUp {
                if assignment.expires_at.is_none_or(|at| at <= now) {
                    self.end_wrap_up(&assignment).await?;
                }
                continue;
            }
            let held = holders.get(&assignment.conversation_id);
            let held = held.filter(|held| held.assignment_id.as_ref() == Some(&assignment.id));
            if let Some(held) = held {
                let heard = held.last_inbound_at;
                let silent = self.release_if_silent(heard, &assignment, now).await?;
                any |= silent;
                if !silent {
                    kept.push(assignment);
                }
            } else {
                self.store
                    .assignments
                    .end(&assignment.id, AssignmentStatus::Released, now)
                    .await?;
                any = true;
            }
        }
        Ok(any | self.requeue_of_the_gone(&kept, now).await?)
    }

    /// Conversations whose assignment ended without their being told.
    async fn requeue_abandoned(&self, now: Timestamp) -> Result<bool, WorkError> {
        let ended = self
            .store
            .assignments
            .ended_since(now.minus(HALF_DONE * 60))
            .await?;
        let late: Vec<_> = ended
            .into_iter()
            .filter(|one| one.ended_at.is_some_and(|at| now.since(at) > HALF_DONE))
            .collect();
        let ids: Vec<ConversationId> = late.iter().map(|one| one.conversation_id.clone()).collect();
        let holders = self.store.conversations.holdings(&ids).await?;
        let mut any = false;
        for assignment in late {
            if holders
                .get(&assignment.conversation_id)
                .is_some_and(|held| held.assignment_id.as_ref() == Some(&assignment.id))
            {
                let declined =
                    (assignment.status == AssignmentStatus::Declined).then_some(&assignment.agent_id);
                self.back_to_queue(&assignment, declined).await?;
                any = true;
            }
        }
        Ok(any)
    }
}
