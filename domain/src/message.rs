//! One message of a conversation.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    AccountKey, Channel, Content, ConversationId, MessageId, MessageStatus, Position, Timestamp, UserId,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Inbound,
    Outbound,
    /// Among agents: a note. Never leaves the hub.
    Internal,
}

/// Who wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Author {
    Customer {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    Agent {
        id: UserId,
        name: String,
    },
    /// Somebody of ours who wrote outside the hub (the provider's own app), as the provider's echo tells.
    External,
    System,
}

/// Why a message failed: a code for programs, a sentence for the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageError {
    pub code: String,
    pub message: String,
}

/// A message as consoles and the API see it (`data` of `message.created`); its JSON is [`crate::Shown`] to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(remote = "Self")]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub channel: Channel,
    pub account_id: String,
    pub direction: Direction,
    pub content: Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_message_id: Option<String>,
    /// The message this one answers, by the provider's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    pub provider_at: Timestamp,
    pub received_at: Timestamp,
    pub processed_at: Timestamp,
    pub status: MessageStatus,
    pub author: Author,
    /// Sorts the conversation; also a page cursor.
    pub position: Position,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<MessageError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
}

/// Reading it back gives nothing away; of its JSON forms only writing is guarded.
impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Message {
    /// The id of what a provider told us: the same event has the same id however often it is delivered, so that the
    /// unique index on `_id` is the one on (channel account, provider event id) (P2).
    pub fn inbound_id(account: &AccountKey, provider_message_id: &str) -> MessageId {
        MessageId::derived(&[
            "in",
            account.channel.as_str(),
            &account.account_id,
            provider_message_id,
        ])
    }

    /// The id of an agent's reply: one per conversation and idempotency key.
    pub fn outbound_id(conversation: &ConversationId, idempotency_key: &str) -> MessageId {
        MessageId::derived(&["out", conversation.as_str(), idempotency_key])
    }

    /// The id of a note that somebody of ours writes.
    pub fn note_id(conversation: &ConversationId, idempotency_key: &str) -> MessageId {
        MessageId::derived(&["note", conversation.as_str(), idempotency_key])
    }

    /// The ids of a reply that goes out as several messages. The first is the reply's own, and none of the others can
    /// be had by any key.
    pub fn outbound_part_id(conversation: &ConversationId, idempotency_key: &str, nth: usize) -> MessageId {
        match nth {
            0 => Self::outbound_id(conversation, idempotency_key),
            nth => MessageId::derived(&["out", conversation.as_str(), idempotency_key, &nth.to_string()]),
        }
    }
}
