//! Live events as the workers make them.

use switchboard_connectors as connectors;
use switchboard_domain::{
    Assignment, Audience, Conversation, LiveEvent, LiveEventName, Message, Presence, Room, SlaAlarm,
    Timestamp,
};

use crate::error::WorkError;

/// Fills in what follows from the channel: until when a free reply may be sent.
#[must_use]
pub fn with_reply_window(mut conversation: Conversation) -> Conversation {
    conversation.reply_window_until = connectors::find(conversation.channel)
        .capabilities()
        .reply_window
        .map(|window| {
            conversation
                .last_inbound_at
                .unwrap_or(conversation.created_at)
                .plus(window)
        });
    conversation
}

pub fn message(
    name: LiveEventName,
    audience: Audience,
    message: &Message,
    now: Timestamp,
) -> Result<LiveEvent, WorkError> {
    Ok(LiveEvent::personal(name, now, audience, message)?)
}

pub fn conversation(
    name: LiveEventName,
    conversation: &Conversation,
    now: Timestamp,
) -> Result<LiveEvent, WorkError> {
    let complete = with_reply_window(conversation.clone());
    Ok(LiveEvent::personal(
        name,
        now,
        Audience::of(conversation),
        &complete,
    )?)
}

/// Also for the agent who no longer has it: it is the last they hear of it.
pub fn conversation_left(
    conversation: &Conversation,
    left: &Assignment,
    now: Timestamp,
) -> Result<LiveEvent, WorkError> {
    let audience = Audience::of(conversation).and(Room::Agent(left.agent_id.clone()));
    let complete = with_reply_window(conversation.clone());
    Ok(LiveEvent::personal(
        LiveEventName::ConversationUpdated,
        now,
        audience,
        &complete,
    )?)
}

pub fn assignment(
    name: LiveEventName,
    conversation: &Conversation,
    assignment: &Assignment,
    now: Timestamp,
) -> Result<LiveEvent, WorkError> {
    let audience = Audience::of(conversation).and(Room::Agent(assignment.agent_id.clone()));
    Ok(LiveEvent::new(name, now, audience, assignment)?)
}

/// A promise to a customer is about to be broken, or is.
pub fn sla(
    name: LiveEventName,
    conversation: &Conversation,
    alarm: &SlaAlarm,
    now: Timestamp,
) -> Result<LiveEvent, WorkError> {
    let mut audience = Audience::of(conversation);
    // The customer isn't told.
    audience.0.retain(|room| !matches!(room, Room::Contact(_)));
    Ok(LiveEvent::new(name, now, audience, alarm)?)
}

/// Everybody sees who is there: the agent's teams, and those who see everything.
pub fn presence(
    presence: &Presence,
    teams: &[switchboard_domain::TeamId],
    now: Timestamp,
) -> Result<LiveEvent, WorkError> {
    let mut rooms = vec![Room::Everything, Room::Agent(presence.user_id.clone())];
    rooms.extend(teams.iter().cloned().map(Room::Team));
    Ok(LiveEvent::new(
        LiveEventName::PresenceChanged,
        now,
        Audience(rooms),
        presence,
    )?)
}
