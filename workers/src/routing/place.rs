//! From the engine's placements to reservations.

use std::collections::HashMap;

use switchboard_domain::{
    Assignment, AssignmentId, AssignmentStatus, Conversation, ConversationId, Decision, Timestamp, UserId,
};
use switchboard_routing::{Mode, Placement};
use switchboard_store::NewAssignment;

use super::gather::Gathered;
use crate::{Hub, error::WorkError};

impl Hub {
    /// Reserves and places; tells which reservations were lost to somebody else, so that it is worth looking again.
    pub(super) async fn place(
        &self,
        gathered: &Gathered,
        placements: &[Placement],
        now: Timestamp,
    ) -> Result<Vec<ConversationId>, WorkError> {
        if placements.is_empty() {
            return Ok(Vec::new());
        }
        let conversations: HashMap<&ConversationId, &Conversation> = gathered
            .waiting
            .iter()
            .map(|one| (&one.conversation.id, &one.conversation))
            .collect();
        let new: Vec<NewAssignment> = placements
            .iter()
            .filter_map(|placement| {
                let conversation = conversations.get(&placement.conversation_id)?;
                Some(assignment(placement, conversation, now))
            })
            .collect();
        let reserved = self.store.assignments.reserve(&new).await?;
        let (mut won, mut lost) = (Vec::with_capacity(new.len()), Vec::new());
        for (new, reserved) in new.into_iter().zip(&reserved) {
            if reserved.is_ok() {
                won.push(new.assignment);
            } else {
                lost.push(new.assignment.conversation_id);
            }
        }
        let won = self.give_back_excess(won, gathered, &mut lost, now).await?;
        let decisions: Vec<Decision> = placements
            .iter()
            .filter(|placement| !lost.contains(&placement.conversation_id))
            .map(|placement| placement.decision.clone())
            .collect();
        // The explanation first: a placement without one can't be, whenever we die.
        self.store.decisions.insert(&decisions).await?;
        self.settle(won, now).await?;
        self.adopt_orphans(&lost, now).await?;
        Ok(lost)
    }

    /// A person may have given an agent more than their total since we read it, in slots beyond it; then a slot that was
    /// free, taken and freed again says nothing. What is too much goes back before anybody is told.
    async fn give_back_excess(
        &self,
        won: Vec<Assignment>,
        gathered: &Gathered,
        lost: &mut Vec<ConversationId>,
        now: Timestamp,
    ) -> Result<Vec<Assignment>, WorkError> {
        let agents: Vec<&UserId> = won.iter().map(|one| &one.agent_id).collect();
        let crowded = self.store.assignments.over_capacity_of(&agents).await?;
        let mut kept = Vec::with_capacity(won.len());
        for one in won {
            let mut agents = gathered.snapshot.agents.iter();
            let total = agents
                .find(|agent| agent.user_id == one.agent_id)
                .map_or(0, |agent| agent.total);
            if crowded.contains(&one.agent_id) {
                let live = self.store.assignments.live_of(&one.agent_id).await?;
                if live.iter().map(|held| held.assignment.weight).sum::<u32>() > total {
                    let released = AssignmentStatus::Released;
                    self.store.assignments.end(&one.id, released, now).await?;
                    lost.push(one.conversation_id);
                    continue;
                }
            }
            kept.push(one);
        }
        Ok(kept)
    }

    /// A conversation that waits and yet has a live assignment: a worker died between the two writes. It is finished here.
    async fn adopt_orphans(&self, lost: &[ConversationId], now: Timestamp) -> Result<(), WorkError> {
        if lost.is_empty() {
            return Ok(());
        }
        let holders = self.store.assignments.live_for(lost).await?;
        self.settle(holders.into_iter().map(|held| held.assignment).collect(), now)
            .await
    }
}

fn assignment(placement: &Placement, conversation: &Conversation, now: Timestamp) -> NewAssignment {
    let (status, expires_at) = match placement.mode {
        Mode::Assign => (AssignmentStatus::Active, None),
        Mode::Offer { ttl } => (AssignmentStatus::Offered, Some(now.plus(ttl))),
    };
    NewAssignment {
        assignment: Assignment {
            id: AssignmentId::fresh(),
            conversation_id: placement.conversation_id.clone(),
            agent_id: placement.agent_id.clone(),
            status,
            expires_at,
            weight: placement.weight,
            over_capacity: false,
            created_at: now,
            ended_at: None,
            version: 1,
        },
        slots: placement.slots.clone(),
        channel: conversation.channel,
        queue_id: placement.decision.queue_id.clone(),
    }
}
