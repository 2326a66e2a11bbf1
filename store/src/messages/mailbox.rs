//! Messages as a customer reads them who is connected to us: across their conversations, and never a note.

use mongodb::bson::{Document, doc};
use switchboard_domain::{ConversationId, Message, MessageId, MessageStatus, Position, Timestamp};

use super::Messages;
use crate::{dates::date, error::StoreError, page::Page};

impl Messages {
    /// A page of what was said, ascending. With `since`, only what was stored since, and what of ours isn't known to
    /// have reached them: whatever became of an earlier connection, nothing stays behind.
    pub async fn mailbox(
        &self,
        conversations: &[ConversationId],
        since: Option<Timestamp>,
        after: &Position,
        limit: usize,
    ) -> Result<Page<Message>, StoreError> {
        let mut filter = doc! {
            "conversation_id": among(conversations),
            "position": { "$gt": after.as_str() },
            "direction": { "$in": ["inbound", "outbound"] },
        };
        if let Some(since) = since {
            filter.insert(
                "$or",
                [
                    doc! { "processed_at": { "$gt": date(since) } },
                    undelivered(MessageStatus::Delivered),
                ]
                .to_vec(),
            );
        }
        let messages = self
            .find(filter, doc! { "position": 1 }, limit as i64 + 1)
            .await?;
        Ok(Page::of(messages, limit, |message| {
            message.position.as_str().to_owned()
        }))
    }

    /// Of what we wrote up to `until`, the latest that hasn't got as far as `status`.
    pub async fn short_of(
        &self,
        conversations: &[ConversationId],
        until: &Position,
        status: MessageStatus,
        limit: i64,
    ) -> Result<Vec<MessageId>, StoreError> {
        let mut filter = doc! {
            "conversation_id": among(conversations),
            "position": { "$lte": until.as_str() },
        };
        filter.extend(undelivered(status));
        let messages = self.find(filter, doc! { "position": -1 }, limit).await?;
        Ok(messages.into_iter().map(|message| message.id).collect())
    }
}

fn among(conversations: &[ConversationId]) -> Document {
    let ids: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
    doc! { "$in": ids }
}

fn undelivered(status: MessageStatus) -> Document {
    doc! { "direction": "outbound", "status_rank": { "$lt": status.rank() } }
}
