//! What is still known of messages that were erased.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};
use serde::Deserialize;
use switchboard_domain::MessageId;

use super::Messages;
use crate::error::StoreError;

/// What an erased message's provider key begins with.
const ERASED: &str = "erased:";

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "_id")]
    id: MessageId,
    provider_key: Option<String>,
}

/// By what an erased message is still known: nobody gets back from it to the provider's id, which may name a person.
pub fn erased_key(provider_key: &str) -> String {
    if provider_key.starts_with(ERASED) {
        return provider_key.to_owned();
    }
    let digest = MessageId::derived(&["erased", provider_key]);
    format!("{ERASED}{digest}")
}

impl Messages {
    /// Of these messages, those that are erased.
    pub async fn erased(&self, ids: &[MessageId]) -> Result<HashSet<MessageId>, StoreError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<&str> = ids.iter().map(MessageId::as_str).collect();
        let filter = doc! { "_id": { "$in": ids }, "erased": { "$exists": true } };
        let found = self.look_for(filter).await?;
        Ok(found.into_iter().map(|one| one.id).collect())
    }

    /// Of these names at the provider, those of erased messages.
    pub async fn erased_keys(&self, keys: &[String]) -> Result<HashSet<String>, StoreError> {
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let digests: Vec<String> = keys.iter().map(|key| erased_key(key)).collect();
        let found = self
            .look_for(doc! { "provider_key": { "$in": &digests } })
            .await?;
        let found: HashSet<String> = found.into_iter().filter_map(|one| one.provider_key).collect();
        let known = keys
            .iter()
            .zip(&digests)
            .filter(|(_, digest)| found.contains(*digest));
        Ok(known.map(|(key, _)| key.clone()).collect())
    }

    /// The provider took a reply that was erased while it was under way: of its name only the digest is kept.
    pub(super) async fn accepted_erased(&self, id: &MessageId, provider_key: &str) -> Result<(), StoreError> {
        let erased = doc! { "_id": id.as_str(), "erased": { "$exists": true } };
        let set = doc! { "$set": { "provider_key": erased_key(provider_key) } };
        match self
            .collection
            .update_one(erased, set)
            .await
            .map_err(StoreError::from)
        {
            // Its echo was erased, too.
            Ok(_) | Err(StoreError::Duplicate) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn look_for(&self, filter: Document) -> Result<Vec<Found>, StoreError> {
        let rows = self.collection.clone_with_type::<Found>();
        let found = rows.find(filter).projection(doc! { "provider_key": 1 });
        Ok(found.await?.try_collect().await?)
    }
}
