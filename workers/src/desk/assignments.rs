//! Accepting, declining, assigning by hand.

use std::collections::BTreeSet;

use switchboard_domain::{
    Assignment, AssignmentId, AssignmentStatus, Conversation, Intent, LiveEventName, Offer, User, UserId,
};
use switchboard_routing as engine;
use switchboard_store::NewAssignment;

use super::DeskError;
use crate::{Hub, error::WorkError, events};

/// Somebody else may take the slot we chose, so it is chosen again.
const TRIES: usize = 8;

impl Hub {
    /// The agent takes what is offered to them.
    pub async fn accept(&self, conversation: &Conversation, agent: &User) -> Result<Conversation, DeskError> {
        let now = self.clock.now();
        let offer = offer_to(conversation, &agent.id)?;
        let accepted = self
            .store
            .assignments
            .accept(&offer.assignment_id, &agent.id, now)
            .await?;
        let Some(assignment) = accepted else {
            return Err(DeskError::Conflict("The offer is over."));
        };
        let Some(conversation) = self.store.conversations.accepted(&assignment).await? else {
            self.store
                .assignments
                .end(&assignment.id, AssignmentStatus::Released, now)
                .await?;
            return Err(DeskError::Conflict("The offer is over."));
        };
        self.show(&[
            events::assignment(LiveEventName::AssignmentUpdated, &conversation, &assignment, now)?,
            events::conversation(LiveEventName::ConversationUpdated, &conversation, now)?,
        ])
        .await?;
        Ok(conversation)
    }

    /// The agent doesn't take it: it isn't offered to them again, and keeps its age.
    pub async fn decline(
        &self,
        conversation: &Conversation,
        agent: &User,
    ) -> Result<Conversation, DeskError> {
        let offer = offer_to(conversation, &agent.id)?;
        let ended = self
            .store
            .assignments
            .end_offer(&offer.assignment_id, AssignmentStatus::Declined, self.clock.now())
            .await?;
        let Some(assignment) = ended else {
            return Err(DeskError::Conflict("The offer is over."));
        };
        Ok(self
            .back_to_queue(&assignment, Some(&agent.id))
            .await?
            .unwrap_or_else(|| conversation.clone()))
    }

    /// An offer nobody answered: the agent is away, the conversation goes on waiting.
    pub async fn expire(&self, offer: &AssignmentId) -> Result<(), WorkError> {
        let now = self.clock.now();
        let ended = self
            .store
            .assignments
            .end_offer(offer, AssignmentStatus::Expired, now)
            .await?;
        let Some(assignment) = ended else { return Ok(()) };
        self.declare_presence(&assignment.agent_id, Intent::Away).await?;
        self.back_to_queue(&assignment, None).await.map(drop)
    }

    /// A person gives the conversation to `agent`, beyond their capacity if need be.
    pub async fn assign(&self, conversation: &Conversation, agent: &User) -> Result<Conversation, DeskError> {
        if conversation.assignee_id.as_ref() == Some(&agent.id) && conversation.assignment_id.is_some() {
            return Ok(conversation.clone());
        }
        if !agent.enabled {
            return Err(DeskError::Invalid(
                "This person doesn't work here any more.".into(),
            ));
        }
        let now = self.clock.now();
        if let Some(old) = &conversation.assignment_id {
            self.store
                .assignments
                .end(old, AssignmentStatus::Released, now)
                .await?;
        }
        let new = self.reserve_by_hand(conversation, agent).await?;
        let Some(after) = self.store.conversations.reassign(conversation, &new).await? else {
            self.store
                .assignments
                .end(&new.id, AssignmentStatus::Released, now)
                .await?;
            return Err(DeskError::Conflict(
                "The conversation has changed hands in the meantime.",
            ));
        };
        let mut shown = vec![events::assignment(
            LiveEventName::AssignmentUpdated,
            &after,
            &new,
            now,
        )?];
        if let Some(old) = self.ended_assignment(conversation).await? {
            shown.push(events::assignment(
                LiveEventName::AssignmentUpdated,
                &after,
                &old,
                now,
            )?);
            shown.push(events::conversation_left(&after, &old, now)?);
        } else {
            shown.push(events::conversation(
                LiveEventName::ConversationUpdated,
                &after,
                now,
            )?);
        }
        self.show(&shown).await?;
        self.wake_routing("capacity was freed by hand").await?;
        Ok(after)
    }

    /// Puts a conversation whose assignment has ended back into its queue, and tells.
    pub(crate) async fn back_to_queue(
        &self,
        ended: &Assignment,
        declined: Option<&UserId>,
    ) -> Result<Option<Conversation>, WorkError> {
        let now = self.clock.now();
        let waiting = self.store.conversations.requeue(&ended.id, declined).await?;
        if let Some(conversation) = &waiting {
            self.show(&[
                events::assignment(LiveEventName::AssignmentUpdated, conversation, ended, now)?,
                events::conversation_left(conversation, ended, now)?,
            ])
            .await?;
        }
        self.wake_routing("a conversation is back in its queue").await?;
        Ok(waiting)
    }

    async fn reserve_by_hand(
        &self,
        conversation: &Conversation,
        agent: &User,
    ) -> Result<Assignment, DeskError> {
        let weight = self.weight_of(conversation).await?;
        for _ in 0..TRIES {
            let held: BTreeSet<u32> = self
                .store
                .assignments
                .live_of(&agent.id)
                .await?
                .into_iter()
                .flat_map(|held| held.slots)
                .collect();
            let slots = engine::reserve_over(&held, weight);
            let assignment = Assignment {
                id: AssignmentId::fresh(),
                conversation_id: conversation.id.clone(),
                agent_id: agent.id.clone(),
                status: AssignmentStatus::Active,
                expires_at: None,
                weight,
                over_capacity: slots.iter().any(|slot| *slot >= agent.capacity),
                created_at: self.clock.now(),
                ended_at: None,
                version: 1,
            };
            let new = NewAssignment {
                assignment,
                slots,
                channel: conversation.channel,
                queue_id: conversation.queue_id.clone(),
            };
            if self.store.assignments.reserve(std::slice::from_ref(&new)).await? == [Ok(())] {
                return Ok(new.assignment);
            }
            let holders = self
                .store
                .assignments
                .live_for(std::slice::from_ref(&conversation.id))
                .await?;
            if !holders.is_empty() {
                return Err(DeskError::Conflict(
                    "Somebody else was given the conversation just now.",
                ));
            }
        }
        Err(DeskError::Conflict(
            "The agent is being given other work; try again.",
        ))
    }

    async fn weight_of(&self, conversation: &Conversation) -> Result<u32, DeskError> {
        let Some(queue) = &conversation.queue_id else {
            return Ok(1);
        };
        Ok(self
            .store
            .queues
            .get(queue.as_str())
            .await?
            .map_or(1, |queue| queue.weight.max(1)))
    }

    async fn ended_assignment(&self, before: &Conversation) -> Result<Option<Assignment>, DeskError> {
        Ok(match &before.assignment_id {
            Some(id) => self.store.assignments.get(id).await?,
            None => None,
        })
    }
}

fn offer_to<'a>(conversation: &'a Conversation, agent: &UserId) -> Result<&'a Offer, DeskError> {
    conversation
        .offer
        .as_ref()
        .filter(|offer| offer.agent_id == *agent)
        .ok_or(DeskError::Conflict(
            "This conversation isn't offered to you (any more).",
        ))
}
