//! A message as it lies in the collection.

use mongodb::bson::DateTime;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AccountKey, Author, Channel, Content, ConversationId, Direction, Message, MessageError, MessageId,
    MessageStatus, Position,
};

use super::Messages;
use crate::dates::{date, timestamp};

#[derive(Serialize, Deserialize)]
pub struct Row {
    /// [`Message::inbound_id`] or [`Message::outbound_id`]: its unique index is the arbiter of P2.
    #[serde(rename = "_id")]
    id: MessageId,
    conversation_id: ConversationId,
    channel: Channel,
    account_id: String,
    direction: Direction,
    content: Content,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider_message_id: Option<String>,
    /// Of our own messages only: what statuses are matched by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    provider_at: DateTime,
    received_at: DateTime,
    processed_at: DateTime,
    status: MessageStatus,
    status_rank: i32,
    author: Author,
    position: Position,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<MessageError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<DateTime>,
}

impl From<&Message> for Row {
    fn from(message: &Message) -> Self {
        let message = message.clone();
        let account = AccountKey {
            channel: message.channel,
            account_id: message.account_id.clone(),
        };
        let sent_as = message.provider_message_id.as_deref();
        let sent_as = sent_as.filter(|_| message.direction == Direction::Outbound);
        Self {
            provider_key: sent_as.map(|id| Messages::provider_key(&account, id)),
            id: message.id,
            conversation_id: message.conversation_id,
            channel: message.channel,
            account_id: message.account_id,
            direction: message.direction,
            content: message.content,
            provider_message_id: message.provider_message_id,
            reply_to: message.reply_to,
            provider_at: date(message.provider_at),
            received_at: date(message.received_at),
            processed_at: date(message.processed_at),
            status: message.status,
            status_rank: message.status.rank(),
            author: message.author,
            position: message.position,
            error: message.error,
            edited_at: message.edited_at.map(date),
        }
    }
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            channel: row.channel,
            account_id: row.account_id,
            direction: row.direction,
            content: row.content,
            provider_message_id: row.provider_message_id,
            reply_to: row.reply_to,
            provider_at: timestamp(row.provider_at),
            received_at: timestamp(row.received_at),
            processed_at: timestamp(row.processed_at),
            status: row.status,
            author: row.author,
            position: row.position,
            error: row.error,
            edited_at: row.edited_at.map(timestamp),
        }
    }
}
