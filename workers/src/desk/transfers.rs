//! Handing work on: to a colleague, to a queue, or all of it when somebody leaves.

use switchboard_domain::{
    Assignment, AssignmentId, AssignmentStatus, Conversation, LiveEventName, MessageId, Queue, RoutingState,
    User,
};

use super::DeskError;
use crate::{Hub, events};

/// Whether an agent may be given more than they have room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Only a person who may reassign decides that; it is recorded as over capacity.
    MayExceed,
    Needed,
}

impl Hub {
    /// An agent takes a conversation that waits in a queue of theirs.
    pub async fn pick(&self, conversation: &Conversation, agent: &User) -> Result<Conversation, DeskError> {
        if conversation.routing_state != RoutingState::Waiting {
            return Err(DeskError::Conflict("This conversation doesn't wait any more."));
        }
        self.assign_with(conversation, agent, Room::Needed).await
    }

    /// Gives it to a colleague, with a note for them if there is one.
    pub async fn transfer_to_agent(
        &self,
        conversation: &Conversation,
        from: &User,
        to: &User,
        room: Room,
        note: Option<String>,
    ) -> Result<Conversation, DeskError> {
        let given = self.assign_with(conversation, to, room).await?;
        self.note_if(&given, from, note).await?;
        Ok(given)
    }

    /// Puts it into a queue, whatever the rules say; whoever hands it on isn't asked for it again.
    pub async fn transfer_to_queue(
        &self,
        conversation: &Conversation,
        from: &User,
        queue: &Queue,
        note: Option<String>,
    ) -> Result<Conversation, DeskError> {
        let now = self.clock.now();
        let team = match &conversation.team_id {
            Some(team) if queue.team_ids.contains(team) => Some(team.clone()),
            _ => queue.team_ids.first().cloned(),
        };
        // First: a conversation that waits while its assignment lives would be given back to whoever held it.
        let mut ended = None;
        if let Some(old) = &conversation.assignment_id {
            ended = self
                .store
                .assignments
                .end(old, AssignmentStatus::Released, now)
                .await?;
        }
        let moved = self
            .store
            .conversations
            .put_into_queue(conversation, &queue.id, team.as_ref(), &from.id, now)
            .await?;
        let Some(moved) = moved else {
            if let Some(old) = &ended {
                self.back_to_queue(old, None).await?;
            }
            return Err(DeskError::Conflict(
                "The conversation has changed hands in the meantime.",
            ));
        };
        self.note_if(&moved, from, note).await?;
        let shown = match &ended {
            Some(old) => vec![
                events::assignment(LiveEventName::AssignmentUpdated, &moved, old, now)?,
                events::conversation_left(&moved, old, now)?,
            ],
            None => vec![events::conversation(
                LiveEventName::ConversationUpdated,
                &moved,
                now,
            )?],
        };
        self.show(&shown).await?;
        self.wake_routing("a conversation was put into another queue")
            .await?;
        Ok(moved)
    }

    /// Everything an agent holds or is offered goes back to its queue, as old as it was; how many there were.
    pub async fn release_agent(&self, agent: &User) -> Result<usize, DeskError> {
        let now = self.clock.now();
        let mut released = 0;
        for held in self.store.assignments.live_of(&agent.id).await? {
            let id = &held.assignment.id;
            if let Some(ended) = self
                .store
                .assignments
                .end(id, AssignmentStatus::Released, now)
                .await?
            {
                self.back_to_queue(&ended, None).await?;
                released += 1;
            }
        }
        // Those that had fallen silent hold nothing, and would wait for somebody who is gone.
        for silent in self.store.conversations.reroute_silent_of(&agent.id, now).await? {
            self.show(&[events::conversation(
                LiveEventName::ConversationUpdated,
                &silent,
                now,
            )?])
            .await?;
            released += 1;
        }
        self.wake_routing("an agent's work was released").await?;
        Ok(released)
    }

    /// The agent has finished what comes after a conversation: its capacity is free.
    pub async fn finish_wrap_up(&self, agent: &User) -> Result<usize, DeskError> {
        let mut finished = 0;
        for held in self.store.assignments.live_of(&agent.id).await? {
            if held.assignment.status == AssignmentStatus::WrappingUp {
                self.end_wrap_up(&held.assignment).await?;
                finished += 1;
            }
        }
        Ok(finished)
    }

    /// The time to wrap up is over, unless it has ended before.
    pub(crate) async fn wrap_up_over(&self, id: &AssignmentId) -> Result<(), crate::WorkError> {
        match self.store.assignments.get(id).await? {
            Some(held) if held.status == AssignmentStatus::WrappingUp => self.end_wrap_up(&held).await,
            _ => Ok(()),
        }
    }

    pub(crate) async fn end_wrap_up(&self, assignment: &Assignment) -> Result<(), crate::WorkError> {
        let now = self.clock.now();
        let done = AssignmentStatus::Completed;
        if self
            .store
            .assignments
            .end(&assignment.id, done, now)
            .await?
            .is_some()
        {
            self.wake_routing("an agent has wrapped up").await?;
        }
        Ok(())
    }

    async fn note_if(
        &self,
        conversation: &Conversation,
        from: &User,
        note: Option<String>,
    ) -> Result<(), DeskError> {
        if let Some(text) = note.filter(|text| !text.trim().is_empty()) {
            self.note(conversation, from, text, MessageId::fresh().as_str())
                .await?;
        }
        Ok(())
    }
}
