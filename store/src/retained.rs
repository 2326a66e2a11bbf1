//! What isn't kept any longer, where more than a row has to go. A row by itself is removed by an index (`indexes.rs`).
//!
//! What others hang on goes last, so that what a crash leaves behind is found again.

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{Document, doc},
};
use serde::Deserialize;
use switchboard_domain::{ConversationId, CustomerId, Timestamp};

use crate::{dates::date, error::StoreError};

/// Messages that are deleted together.
const PAGE: i64 = 1000;

#[derive(Clone)]
pub struct Retained {
    database: Database,
}

/// A conversation whose time is over.
#[derive(Clone, Debug, Deserialize)]
pub struct Over {
    #[serde(rename = "_id")]
    pub id: ConversationId,
    pub customer_id: CustomerId,
}

impl Retained {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }

    /// Conversations that were resolved before `before`, the longest ago first.
    pub async fn over(&self, before: Timestamp, limit: i64) -> Result<Vec<Over>, StoreError> {
        let over = self.database.collection::<Over>("conversations");
        let found = over
            .find(is_over(before))
            .sort(doc! { "resolved_at": 1 })
            .projection(doc! { "customer_id": 1 })
            .limit(limit);
        Ok(found.await?.try_collect().await?)
    }

    /// Takes it out of sight, and from everything that could bring it back; false if it was brought back before that.
    pub async fn hide(&self, id: &ConversationId, before: Timestamp) -> Result<bool, StoreError> {
        let mut still_over = is_over(before);
        still_over.insert("_id", id.as_str());
        let hidden = doc! { "$set": { "erased": 0, "contact_key": format!("gone:{id}") } };
        let updated = self.rows("conversations").update_one(still_over, hidden).await?;
        Ok(updated.matched_count > 0)
    }

    /// Everything that belongs to it but its files, then itself.
    pub async fn delete(&self, id: &ConversationId) -> Result<(), StoreError> {
        while self.delete_messages(id).await? {}
        let of_it = doc! { "conversation_id": id.as_str() };
        for collection in ["routing_decisions", "routing_shadow_comparisons", "assignments"] {
            self.rows(collection).delete_many(of_it.clone()).await?;
        }
        let itself = doc! { "_id": id.as_str() };
        self.rows("conversations").delete_one(itself).await?;
        Ok(())
    }

    async fn delete_messages(&self, id: &ConversationId) -> Result<bool, StoreError> {
        #[derive(Deserialize)]
        struct Found {
            #[serde(rename = "_id")]
            id: String,
            provider_key: Option<String>,
        }
        let messages = self.database.collection::<Found>("messages");
        let page = messages
            .find(doc! { "conversation_id": id.as_str() })
            .projection(doc! { "provider_key": 1 })
            .limit(PAGE);
        let page: Vec<Found> = page.await?.try_collect().await?;
        if page.is_empty() {
            return Ok(false);
        }
        let ids: Vec<&str> = page.iter().map(|message| message.id.as_str()).collect();
        let keys: Vec<&String> = page
            .iter()
            .filter_map(|message| message.provider_key.as_ref())
            .collect();
        self.rows("deliveries")
            .delete_many(doc! { "message_id": { "$in": &ids } })
            .await?;
        self.rows("pending_statuses")
            .delete_many(doc! { "provider_key": { "$in": keys } })
            .await?;
        messages.delete_many(doc! { "_id": { "$in": ids } }).await?;
        Ok(true)
    }

    /// Notes since when a customer has no conversation, if they have none.
    pub async fn idle(&self, id: &CustomerId, now: Timestamp) -> Result<(), StoreError> {
        if !self.has_conversation(id.as_str()).await? {
            let since = doc! { "_id": id.as_str(), "idle_since": null };
            let set = doc! { "$set": { "idle_since": date(now) } };
            self.rows("customers").update_one(since, set).await?;
        }
        Ok(())
    }

    /// Deletes customers who have had no conversation since `before`, some at a time; how many were looked at. Whoever
    /// writes at that moment may have been found by a batch already: so nobody finds them first, and they go on another
    /// day, if they still have no conversation.
    pub async fn delete_idle(
        &self,
        before: Timestamp,
        a_day_ago: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<usize, StoreError> {
        let idle = doc! {
            "idle_since": { "$lt": date(before) },
            "$or": [{ "detached_at": null }, { "detached_at": { "$lt": date(a_day_ago) } }],
        };
        let customers = self.rows("customers");
        let found: Vec<Document> = customers.find(idle).limit(limit).await?.try_collect().await?;
        for customer in &found {
            let id = customer.get_str("_id").unwrap_or_default();
            let itself = doc! { "_id": id };
            let detached = customer.get_datetime("detached_at").is_ok();
            if self.has_conversation(id).await? {
                let back = doc! { "$unset": { "idle_since": "", "detached_at": "" } };
                customers.update_one(itself, back).await?;
            } else if detached {
                customers.delete_one(itself).await?;
            } else {
                let keys = vec![format!("gone:{id}")];
                let alone = doc! { "$set": { "keys": keys, "detached_at": date(now) } };
                customers.update_one(itself, alone).await?;
            }
        }
        Ok(found.len())
    }

    async fn has_conversation(&self, customer: &str) -> Result<bool, StoreError> {
        let theirs = doc! { "customer_id": customer };
        Ok(self.rows("conversations").find_one(theirs).await?.is_some())
    }

    fn rows(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }
}

fn is_over(before: Timestamp) -> Document {
    doc! { "status": "resolved", "resolved_at": { "$lt": date(before) } }
}
