//! What consoles are told as it happens.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    BranchId, Channel, Conversation, Message, Personal, Pii, Shown, TeamId, Timestamp, UserId,
    id::ContactRoomId,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiveEventName {
    #[serde(rename = "message.created")]
    MessageCreated,
    #[serde(rename = "message.updated")]
    MessageUpdated,
    #[serde(rename = "conversation.created")]
    ConversationCreated,
    #[serde(rename = "conversation.updated")]
    ConversationUpdated,
    /// It is gone for good, with all that was said in it.
    #[serde(rename = "conversation.erased")]
    ConversationErased,
    #[serde(rename = "assignment.offered")]
    AssignmentOffered,
    #[serde(rename = "assignment.updated")]
    AssignmentUpdated,
    #[serde(rename = "presence.changed")]
    PresenceChanged,
    #[serde(rename = "queue.updated")]
    QueueUpdated,
    /// Most of the time that was promised is gone.
    #[serde(rename = "sla.warning")]
    SlaWarning,
    #[serde(rename = "sla.breached")]
    SlaBreached,
    #[serde(rename = "typing")]
    Typing,
    /// Somebody looks at a conversation.
    #[serde(rename = "viewing")]
    Viewing,
    /// What a user may do changed, or a role: the rooms of those sockets have to be looked at again.
    #[serde(rename = "access.changed")]
    AccessChanged,
}

impl LiveEventName {
    pub const ALL: &[Self] = &[
        Self::MessageCreated,
        Self::MessageUpdated,
        Self::ConversationCreated,
        Self::ConversationUpdated,
        Self::ConversationErased,
        Self::AssignmentOffered,
        Self::AssignmentUpdated,
        Self::PresenceChanged,
        Self::QueueUpdated,
        Self::SlaWarning,
        Self::SlaBreached,
        Self::Typing,
        Self::Viewing,
        Self::AccessChanged,
    ];

    /// Whether it tells of somebody who waits, or who serves a queue: how the queues stand may have changed.
    pub fn moves_queues(self) -> bool {
        match self {
            Self::ConversationCreated
            | Self::ConversationUpdated
            | Self::ConversationErased
            | Self::AssignmentOffered
            | Self::AssignmentUpdated
            | Self::PresenceChanged
            | Self::AccessChanged => true,
            Self::MessageCreated
            | Self::MessageUpdated
            | Self::QueueUpdated
            | Self::SlaWarning
            | Self::SlaBreached
            | Self::Typing
            | Self::Viewing => false,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageCreated => "message.created",
            Self::MessageUpdated => "message.updated",
            Self::ConversationCreated => "conversation.created",
            Self::ConversationUpdated => "conversation.updated",
            Self::ConversationErased => "conversation.erased",
            Self::AssignmentOffered => "assignment.offered",
            Self::AssignmentUpdated => "assignment.updated",
            Self::PresenceChanged => "presence.changed",
            Self::QueueUpdated => "queue.updated",
            Self::SlaWarning => "sla.warning",
            Self::SlaBreached => "sla.breached",
            Self::Typing => "typing",
            Self::Viewing => "viewing",
            Self::AccessChanged => "access.changed",
        }
    }

    /// `data` of such an event for those who are shown personal data masked; `None` if it is to be left out, since it
    /// isn't what we write.
    pub fn masked(self, data: &[u8]) -> Option<String> {
        let json = &mut serde_json::Deserializer::from_slice(data);
        match self {
            Self::MessageCreated | Self::MessageUpdated => {
                let message = Message::deserialize(json).ok()?;
                serde_json::to_string(&Shown::to(Pii::Masked, message)).ok()
            }
            Self::ConversationCreated | Self::ConversationUpdated => {
                let conversation = Conversation::deserialize(json).ok()?;
                serde_json::to_string(&Shown::to(Pii::Masked, conversation)).ok()
            }
            // Of customers they have ids only.
            Self::ConversationErased
            | Self::AssignmentOffered
            | Self::AssignmentUpdated
            | Self::PresenceChanged
            | Self::QueueUpdated
            | Self::SlaWarning
            | Self::SlaBreached
            | Self::Typing
            | Self::Viewing
            | Self::AccessChanged => std::str::from_utf8(data).ok().map(str::to_owned),
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == name)
    }
}

/// A group of sockets. A socket's rooms follow from its user's scope ([`crate::Visible::rooms`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Room {
    Everything,
    Team(TeamId),
    Branch(BranchId),
    Agent(UserId),
    /// The customer themselves, where they are connected to us. What they get of an event is chosen when it is handed to
    /// them: never more than was said to them.
    Contact(ContactRoomId),
}

impl Room {
    /// The room of the customer of this [`Conversation::open_key`], on a channel that is our own.
    pub fn of_contact(channel: Channel, open_key: &str) -> Option<Self> {
        channel
            .is_our_own()
            .then(|| Self::Contact(ContactRoomId::derived(&["contact", open_key])))
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("all"),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Branch(id) => write!(f, "branch:{id}"),
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Contact(id) => write!(f, "contact:{id}"),
        }
    }
}

/// Who may see an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(pub Vec<Room>);

impl Audience {
    /// Everyone who may view the conversation, and its customer, where they are connected to us.
    pub fn of(conversation: &Conversation) -> Self {
        let mut rooms = vec![Room::Everything];
        rooms.extend(conversation.team_id.clone().map(Room::Team));
        rooms.extend(conversation.branch_id.clone().map(Room::Branch));
        rooms.extend(conversation.assignee_id.clone().map(Room::Agent));
        rooms.extend(
            conversation
                .offer
                .as_ref()
                .map(|offer| Room::Agent(offer.agent_id.clone())),
        );
        rooms.extend(conversation.contact_room());
        Self(rooms)
    }

    #[must_use]
    pub fn and(mut self, room: Room) -> Self {
        if !self.0.contains(&room) {
            self.0.push(room);
        }
        self
    }
}

/// An event on its way to the screens; `data` is its JSON, made once.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    pub name: LiveEventName,
    pub at: Timestamp,
    pub audience: Audience,
    pub data: String,
}

impl LiveEvent {
    /// # Errors
    /// Only if `data`'s own `Serialize` fails.
    pub fn new(
        name: LiveEventName,
        at: Timestamp,
        audience: Audience,
        data: &impl Serialize,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            name,
            at,
            audience,
            data: serde_json::to_string(data)?,
        })
    }

    /// Of something with personal data in it: as it stands, to be masked where it is handed over.
    ///
    /// # Errors
    /// Only if `data`'s own JSON fails.
    pub fn personal(
        name: LiveEventName,
        at: Timestamp,
        audience: Audience,
        data: &impl Personal,
    ) -> serde_json::Result<Self> {
        let mut json = Vec::with_capacity(512);
        data.write(&mut serde_json::Serializer::new(&mut json))?;
        Ok(Self {
            name,
            at,
            audience,
            data: String::from_utf8(json).map_err(serde::ser::Error::custom)?,
        })
    }
}
