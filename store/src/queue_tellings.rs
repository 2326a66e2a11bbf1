//! `queue_tellings`: what was last shown of each queue, so that of several workers one shows a change.

use mongodb::{Collection, Database, bson::doc};
use serde::{Deserialize, Serialize};
use switchboard_domain::QueueLive;

use crate::error::StoreError;

#[derive(Clone)]
pub struct QueueTellings {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    queue_id: String,
    told: String,
}

impl QueueTellings {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("queue_tellings"),
        }
    }

    /// True for the first who comes with this.
    pub async fn claim(&self, live: &QueueLive) -> Result<bool, StoreError> {
        let told = serde_json::to_string(live).map_err(|error| StoreError::Refused(error.to_string()))?;
        let filter = doc! { "_id": live.queue_id.as_str(), "told": { "$ne": &told } };
        let update = doc! { "$set": { "told": told } };
        match self
            .collection
            .update_one(filter, update)
            .upsert(true)
            .await
            .map_err(StoreError::from)
        {
            Ok(_) => Ok(true),
            // It is there, and says the same: an upsert that found nothing to change wanted to insert it again.
            Err(StoreError::Duplicate) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
