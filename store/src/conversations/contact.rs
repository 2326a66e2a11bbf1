//! What a customer who is connected to us may see: their own conversations, by their own key.

use futures_util::TryStreamExt;
use mongodb::bson::{DateTime, Document, doc};
use serde::Deserialize;
use switchboard_domain::{Conversation, ConversationId, Timestamp};

use super::{Conversations, row::Row};
use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "_id")]
    id: ConversationId,
    read_until: Option<DateTime>,
}

impl Conversations {
    /// The one that isn't resolved, if there is one, then the latest that are; `key` is [`Conversation::open_key`].
    pub async fn of_contact(&self, key: &str, resolved: i64) -> Result<Vec<Conversation>, StoreError> {
        let open = self.open_of_contact(key).await?;
        let ended: Vec<Row> = self
            .rows
            .find(doc! { "contact_key": key, "status": "resolved" })
            .sort(doc! { "resolved_at": -1 })
            .limit(resolved)
            .await?
            .try_collect()
            .await?;
        let ended = ended.into_iter().map(Conversation::from);
        Ok(open.into_iter().chain(ended).collect())
    }

    /// The contact has read what they were sent up to `until`, by the provider's clock; a later time stays. Their
    /// conversations.
    pub async fn contact_has_read(
        &self,
        key: &str,
        until: Timestamp,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let theirs = doc! { "contact_key": key };
        let later = doc! { "$max": { "read_until": date(until) } };
        self.rows.update_many(theirs.clone(), later).await?;
        let found = self.with_reads(theirs).await?;
        Ok(found.into_iter().map(|row| row.id).collect())
    }

    /// Of these conversations, those whose contact is known to have read up to some time.
    pub async fn known_reads(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<(ConversationId, Timestamp)>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(ConversationId::as_str).collect();
        let read = doc! { "_id": { "$in": ids }, "read_until": { "$exists": true } };
        let found = self.with_reads(read).await?;
        let until = |row: Found| Some((row.id, timestamp(row.read_until?)));
        Ok(found.into_iter().filter_map(until).collect())
    }

    async fn with_reads(&self, filter: Document) -> Result<Vec<Found>, StoreError> {
        let rows = self.rows.clone_with_type::<Found>();
        let found = rows.find(filter).projection(doc! { "read_until": 1 });
        Ok(found.await?.try_collect().await?)
    }

    pub async fn open_of_contact(&self, key: &str) -> Result<Option<Conversation>, StoreError> {
        let row = self.rows.find_one(doc! { "open_key": key }).await?;
        Ok(row.map(Conversation::from))
    }
}
