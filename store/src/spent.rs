//! `spent`: what is good once and was used, until it would have expired by itself. Only digests.

use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::Timestamp;

use crate::{dates::date, error::StoreError};

#[derive(Clone)]
pub struct Spent {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    digest: String,
    expires_at: DateTime,
}

impl Spent {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("spent"),
        }
    }

    /// Uses it up; false if it was. Of two who do at once one is told true.
    pub async fn spend(&self, digest: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let row = Row {
            digest: digest.to_owned(),
            expires_at: date(expires_at),
        };
        match self.collection.insert_one(row).await.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Duplicate) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
