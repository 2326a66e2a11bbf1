//! `routing_decisions`: why each conversation went where it went (P10).

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Conversation, Decision};

use crate::{bulk, dates::date, error::StoreError};

#[derive(Clone)]
pub struct Decisions {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    conversation_id: String,
    at: DateTime,
    /// The decision's JSON, to the letter: replaying it must give the same answer, so nothing may be lost in between.
    trace: String,
}

impl Decisions {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("routing_decisions"),
        }
    }

    /// Stores decisions; one that is there already stays as it is.
    pub async fn insert(&self, decisions: &[Decision]) -> Result<(), StoreError> {
        let rows = decisions
            .iter()
            .map(|decision| {
                let trace = serde_json::to_string(decision)
                    .map_err(|error| StoreError::Refused(error.to_string()))?;
                Ok(mongodb::bson::serialize_to_raw_document_buf(&Row {
                    id: decision.id.to_string(),
                    conversation_id: decision.conversation_id.to_string(),
                    at: date(decision.at),
                    trace,
                })?)
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        bulk::insert(&self.collection.clone_with_type(), rows).await?;
        Ok(())
    }

    /// Those about a conversation that the caller has been let in to, newest first.
    pub async fn of(&self, conversation: &Conversation, limit: i64) -> Result<Vec<Decision>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(doc! { "conversation_id": conversation.id.as_str() })
            .sort(doc! { "at": -1, "_id": -1 })
            .limit(limit)
            .await?
            .try_collect()
            .await?;
        rows.into_iter()
            .map(|row| {
                serde_json::from_str(&row.trace).map_err(|error| StoreError::Refused(error.to_string()))
            })
            .collect()
    }
}
