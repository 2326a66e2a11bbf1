//! `pending_statuses`: what a provider said of a message whose id we didn't know yet.
//!
//! The status of a message can overtake the answer that tells us its id. It waits here, and is applied when the
//! message learns its id.

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{MessageError, MessageStatus, Timestamp};

use crate::{
    bulk::{self, Update},
    dates::{date, timestamp},
    error::StoreError,
    messages::StatusChange,
};

#[derive(Clone)]
pub struct PendingStatuses {
    collection: Collection<Row>,
    database: Database,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    provider_key: String,
    status: MessageStatus,
    error: Option<MessageError>,
    at: DateTime,
    kept_at: DateTime,
}

impl PendingStatuses {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("pending_statuses"),
            database: database.clone(),
        }
    }

    /// Keeps them for a while (TTL index); one that is there already is left.
    pub async fn keep(&self, changes: &[(String, StatusChange)], now: Timestamp) -> Result<(), StoreError> {
        let updates = changes
            .iter()
            .map(|(key, change)| {
                let row = Row {
                    id: format!("{key}:{}", change.status.as_str()),
                    provider_key: key.clone(),
                    status: change.status,
                    error: change.error.clone(),
                    at: date(change.at),
                    kept_at: date(now),
                };
                let mut document = mongodb::bson::serialize_to_document(&row)?;
                document.remove("_id");
                Ok(Update::upsert(
                    doc! { "_id": row.id },
                    doc! { "$setOnInsert": document },
                ))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        bulk::update(&self.database, "pending_statuses", updates).await?;
        Ok(())
    }

    /// What came early for this message. It stays (applying it again changes nothing) until its time is over.
    pub async fn of(&self, provider_key: &str) -> Result<Vec<StatusChange>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(doc! { "provider_key": provider_key })
            .await?
            .try_collect()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| StatusChange {
                status: row.status,
                error: row.error,
                at: timestamp(row.at),
            })
            .collect())
    }
}
