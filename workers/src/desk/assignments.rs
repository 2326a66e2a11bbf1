//! Accepting, declining, assigning by hand.

use std::collections::BTreeSet;

use switchboard_domain::{
    Assignment, AssignmentId, AssignmentStatus, Conversation, Intent, LiveEventName, Offer, PresenceCause,
    Timestamp, User, UserId,
};
use switchboard_routing as engine;
use switchboard_store::NewAssignment;

use super::{DeskError, Room};
use crate::{Hub, error::WorkError, events};

const NO_ROOM: DeskError = DeskError::Conflict("The agent has no room for another conversation.");
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
        self.set_presence(&assignment.agent_id, Intent::Away, PresenceCause::MissedOffer)
            .await?;
        self.back_to_queue(&assignment, None).await.map(drop)
    }

    /// A person gives the conversation to `agent`, beyond their capacity if need be.
    pub async fn assign(&self, conversation: &Conversation, agent: &User) -> Result<Conversation, DeskError> {
        self.assign_with(conversation, agent, Room::MayExceed).await
    }

    pub(super) async fn assign_with(
        &self,
        conversation: &Conversation,
        agent: &User,
        room: Room,
    ) -> Result<Conversation, DeskError> {
        if conversation.assignee_id.as_ref() == Some(&agent.id) && conversation.assignment_id.is_some() {
            return Ok(conversation.clone());
        }
        if !agent.enabled {
            return Err(DeskError::Invalid(
                "This person doesn't work here any more.".into(),
            ));
        }
        let now = self.clock.now();
        if room == Room::Needed {
            self.require_room(conversation, agent).await?;
        }
        let old = self.end_held(conversation, now).await?;
        let reserved = self.reserve_by_hand(conversation, agent, room).await;
        let after = match &reserved {
            Ok(new) => self.store.conversations.reassign(conversation, new).await?,
            Err(_) => None,
        };
        let (Ok(new), Some(after)) = (&reserved, after) else {
            if let Ok(new) = &reserved {
                let released = AssignmentStatus::Released;
                self.store.assignments.end(&new.id, released, now).await?;
            }
            // Nobody has it now: it waits again at once, as old as it was.
            if let Some(old) = &old {
                self.back_to_queue(old, None).await?;
            }
            reserved?;
            return Err(DeskError::Conflict(
                "The conversation has changed hands in the meantime.",
            ));
        };
        // It counts for their turn as any other does.
        let given = std::slice::from_ref(&agent.id);
        self.store.presence.assigned(given, now).await?;
        let mut shown = vec![events::assignment(
            LiveEventName::AssignmentUpdated,
            &after,
            new,
            now,
        )?];
        if let Some(old) = old {
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
        self.back_to_queue_since(ended, declined, None).await
    }

    /// As [`Self::back_to_queue`], as old as `since` instead of as it was.
    pub(crate) async fn back_to_queue_since(
        &self,
        ended: &Assignment,
        declined: Option<&UserId>,
        since: Option<Timestamp>,
    ) -> Result<Option<Conversation>, WorkError> {
        let now = self.clock.now();
        let waiting = self
            .store
            .conversations
            .requeue(&ended.id, declined, since)
            .await?;
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
        room: Room,
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
            let slots = match room {
                Room::MayExceed => engine::reserve_over(&held, weight),
                Room::Needed => engine::reserve(&held, agent.capacity, weight).ok_or(NO_ROOM)?,
            };
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

    /// Ends what the conversation is held by, if anything.
    async fn end_held(&self, before: &Conversation, now: Timestamp) -> Result<Option<Assignment>, DeskError> {
        let Some(id) = &before.assignment_id else {
            return Ok(None);
        };
        let released = AssignmentStatus::Released;
        Ok(self.store.assignments.end(id, released, now).await?)
    }

    /// Before anything is taken away from anybody.
    async fn require_room(&self, conversation: &Conversation, agent: &User) -> Result<(), DeskError> {
        let weight = self.weight_of(conversation).await?;
        let live = self.store.assignments.live_of(&agent.id).await?;
        let used = live.iter().map(|held| held.assignment.weight).sum::<u32>();
        let on_channel = live.iter().filter(|held| held.channel == conversation.channel);
        let on_channel = on_channel.map(|held| held.assignment.weight).sum::<u32>();
        let limit = agent.channel_limits.get(&conversation.channel);
        if used + weight > agent.capacity || limit.is_some_and(|limit| on_channel + weight > *limit) {
            return Err(NO_ROOM);
        }
        Ok(())
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
