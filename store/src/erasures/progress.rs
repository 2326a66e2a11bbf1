//! How far an erasure has come, counted from what is there.

use mongodb::bson::{Document, doc};
use switchboard_domain::{ConversationId, CustomerId, Erasure, ErasureProgress};

use super::Erasures;
use crate::{dates::timestamp, error::StoreError};

impl Erasures {
    pub async fn of(&self, id: &CustomerId) -> Result<Option<Erasure>, StoreError> {
        let Some(row) = self.rows.find_one(doc! { "_id": id.as_str() }).await? else {
            return Ok(None);
        };
        Ok(Some(Erasure {
            customer_id: row.customer_id,
            state: row.state,
            requested_at: timestamp(row.requested_at),
            cut_at: row.cut_at.map(timestamp),
            ended_at: row.ended_at.map(timestamp),
            progress: self.progress(id).await?,
        }))
    }

    async fn progress(&self, id: &CustomerId) -> Result<ErasureProgress, StoreError> {
        let theirs = self.conversation_ids(id).await?;
        let ids: Vec<&str> = theirs.iter().map(ConversationId::as_str).collect();
        let count = async |collection: &str, more: Document| {
            let mut filter = doc! { "conversation_id": { "$in": &ids } };
            filter.extend(more);
            self.documents(collection).count_documents(filter).await
        };
        Ok(ErasureProgress {
            conversations: ids.len() as u64,
            messages: count("messages", doc! {}).await?,
            messages_erased: count("messages", doc! { "erased": { "$exists": true } }).await?,
            files_left: count("attachments", doc! {}).await?,
            replies_dropped: count("messages", doc! { "unsent": true }).await?,
        })
    }

    /// Of all their conversations: who they were is forgotten, that they were somebody's isn't.
    pub async fn conversation_ids(&self, id: &CustomerId) -> Result<Vec<ConversationId>, StoreError> {
        let theirs = doc! { "customer_id": id.as_str() };
        let ids = self.documents("conversations").distinct("_id", theirs).await?;
        let ids = ids.iter().filter_map(|id| id.as_str());
        Ok(ids.map(|id| ConversationId::from(id.to_owned())).collect())
    }

    /// Messages that were queued when they were erased: an attempt to send one may have been under way.
    pub async fn unsent(
        &self,
        conversations: &[ConversationId],
    ) -> Result<Vec<switchboard_domain::MessageId>, StoreError> {
        let ids: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
        let unsent = doc! { "conversation_id": { "$in": ids }, "unsent": true };
        let found = self.documents("messages").distinct("_id", unsent).await?;
        let found = found.iter().filter_map(|id| id.as_str());
        Ok(found.map(|id| id.to_owned().into()).collect())
    }
}
