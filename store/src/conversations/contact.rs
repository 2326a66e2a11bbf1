//! What a customer who is connected to us may see: their own conversations, by their own key.

use futures_util::TryStreamExt;
use mongodb::bson::doc;
use switchboard_domain::Conversation;

use super::{Conversations, row::Row};
use crate::error::StoreError;

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

    pub async fn open_of_contact(&self, key: &str) -> Result<Option<Conversation>, StoreError> {
        let row = self.rows.find_one(doc! { "open_key": key }).await?;
        Ok(row.map(Conversation::from))
    }
}
