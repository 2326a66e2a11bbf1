//! `ingest_spool`: where accepted webhooks wait while Redis is away (P1).

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{Binary, doc, spec::BinarySubtype},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Arrival, Timestamp};

use crate::error::StoreError;

#[derive(Clone)]
pub struct Spool {
    collection: Collection<Row>,
}

/// A payload of the ingest lane that couldn't be appended yet.
#[derive(Debug)]
pub struct Spooled {
    pub id: String,
    pub payload: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    payload: Binary,
}

impl Spool {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("ingest_spool"),
        }
    }

    /// Durable (majority) when it returns. `node` keeps the ids of two nodes apart.
    pub async fn put(&self, arrival: Arrival, node: &str, payload: Vec<u8>) -> Result<(), StoreError> {
        let id = format!("{:013x}-{node}", arrival.micros());
        let payload = Binary {
            subtype: BinarySubtype::Generic,
            bytes: payload,
        };
        match self
            .collection
            .insert_one(Row { id, payload })
            .await
            .map_err(StoreError::from)
        {
            // A write that was retried after its answer got lost.
            Ok(_) | Err(StoreError::Duplicate) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The oldest, in arrival order: at most `limit`, and no more once they are `bytes` together.
    pub async fn oldest(&self, limit: i64, bytes: usize) -> Result<Vec<Spooled>, StoreError> {
        let mut rows = self
            .collection
            .find(doc! {})
            .sort(doc! { "_id": 1 })
            .limit(limit)
            .await?;
        let (mut oldest, mut sum) = (Vec::new(), 0);
        while sum < bytes
            && let Some(Row { id, payload }) = rows.try_next().await?
        {
            sum += payload.bytes.len();
            oldest.push(Spooled {
                id,
                payload: payload.bytes,
            });
        }
        Ok(oldest)
    }

    /// Forgets what has been appended. A crash before this appends it twice, which has one effect (P2).
    pub async fn remove(&self, ids: &[String]) -> Result<(), StoreError> {
        self.collection
            .delete_many(doc! { "_id": { "$in": ids } })
            .await?;
        Ok(())
    }

    /// Whether one of those that arrived until `at` still waits.
    pub async fn has_until(&self, at: Timestamp) -> Result<bool, StoreError> {
        let end = format!("{:013x}", at.as_millis().max(0).saturating_add(1) * 1000);
        let waits = self.collection.find_one(doc! { "_id": { "$lt": end } });
        Ok(waits.await?.is_some())
    }

    pub async fn count(&self) -> Result<u64, StoreError> {
        Ok(self.collection.estimated_document_count().await?)
    }
}
