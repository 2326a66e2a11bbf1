//! Messages that were read, where the provider names a time instead of a message.

use mongodb::bson::doc;
use switchboard_domain::{ConversationId, Message, MessageId, MessageStatus, Timestamp};

use super::{Messages, StatusChange, advance};
use crate::{dates::date, error::StoreError};

/// Older ones than these are nobody's concern any more.
const MOST: i64 = 200;

impl Messages {
    /// Marks as read what was delivered there up to `until`, both by the provider's clock; how those messages stand now.
    pub async fn read_up_to(
        &self,
        conversation: &ConversationId,
        until: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        let rank = MessageStatus::Read.rank();
        let filter = doc! {
            "conversation_id": conversation.as_str(),
            "direction": "outbound",
            "status_rank": { "$lt": rank },
            "status_at.delivered": { "$lte": date(until) },
        };
        let found = self.find(filter, doc! { "position": -1 }, MOST).await?;
        if found.is_empty() {
            return Ok(found);
        }
        let ids: Vec<MessageId> = found.iter().map(|message| message.id.clone()).collect();
        let names: Vec<&str> = ids.iter().map(MessageId::as_str).collect();
        let change = StatusChange {
            status: MessageStatus::Read,
            error: None,
            at: until,
        };
        let short = doc! { "_id": { "$in": names }, "status_rank": { "$lt": rank } };
        self.collection.update_many(short, advance(&change)).await?;
        self.get_many(&ids).await
    }
}
