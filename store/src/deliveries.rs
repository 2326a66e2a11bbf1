//! `deliveries`: every attempt to hand a message to its provider, recorded before it is made (P7).

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Delivery, DeliveryId, DeliveryOutcome, MessageId, Timestamp};

use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

#[derive(Clone)]
pub struct Deliveries {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    /// Message and attempt: an attempt is begun once.
    #[serde(rename = "_id")]
    id: DeliveryId,
    message_id: MessageId,
    attempt: u32,
    started_at: DateTime,
    outcome: Option<DeliveryOutcome>,
}

impl Deliveries {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("deliveries"),
        }
    }

    /// All attempts, oldest first.
    pub async fn of(&self, message: &MessageId) -> Result<Vec<Delivery>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(doc! { "message_id": message.as_str() })
            .sort(doc! { "attempt": 1 })
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(Delivery::from).collect())
    }

    /// All attempts to deliver these messages.
    pub async fn of_many(&self, messages: &[MessageId]) -> Result<Vec<Delivery>, StoreError> {
        let ids: Vec<&str> = messages.iter().map(MessageId::as_str).collect();
        let found = self.collection.find(doc! { "message_id": { "$in": ids } });
        let rows: Vec<Row> = found.sort(doc! { "started_at": 1 }).await?.try_collect().await?;
        Ok(rows.into_iter().map(Delivery::from).collect())
    }

    /// Begins an attempt; [`StoreError::Duplicate`] if somebody else has begun it.
    pub async fn begin(
        &self,
        message: &MessageId,
        attempt: u32,
        now: Timestamp,
    ) -> Result<DeliveryId, StoreError> {
        let id = DeliveryId::derived(&["delivery", message.as_str(), &attempt.to_string()]);
        let row = Row {
            id: id.clone(),
            message_id: message.clone(),
            attempt,
            started_at: date(now),
            outcome: None,
        };
        self.collection.insert_one(row).await?;
        Ok(id)
    }

    /// Records how it ended.
    pub async fn finish(&self, id: &DeliveryId, outcome: &DeliveryOutcome) -> Result<(), StoreError> {
        let outcome = mongodb::bson::serialize_to_bson(outcome)?;
        self.collection
            .update_one(
                doc! { "_id": id.as_str(), "outcome": null },
                doc! { "$set": { "outcome": outcome } },
            )
            .await?;
        Ok(())
    }
}

impl From<Row> for Delivery {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            message_id: row.message_id,
            attempt: row.attempt,
            started_at: timestamp(row.started_at),
            outcome: row.outcome,
        }
    }
}
