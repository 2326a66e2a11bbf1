//! `marks`: how far something that goes over everything has come, so that a restart goes on from there.

use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::Timestamp;

use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

#[derive(Clone)]
pub struct Marks {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    name: String,
    at: DateTime,
}

impl Marks {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("marks"),
        }
    }

    pub async fn get(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        let row = self.collection.find_one(doc! { "_id": name }).await?;
        Ok(row.map(|row| timestamp(row.at)))
    }

    /// Never moves back.
    pub async fn advance(&self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        self.collection
            .update_one(doc! { "_id": name }, doc! { "$max": { "at": date(at) } })
            .upsert(true)
            .await?;
        Ok(())
    }
}
