//! `routing_rule_sets` and `routing_drafts`: what is published, version by version, and what people work on.
//!
//! Publishing is one insert under the next number, so it is whole or not at all, and of two at once one is told to look
//! again.

use futures_util::TryStreamExt;
use mongodb::{Collection, Database, bson::doc};
use serde::{Deserialize, Serialize};
use switchboard_domain::{DraftRules, PublishedRules, RoutingRule, UserId};

use crate::{catalogue::Catalogue, error::StoreError};

#[derive(Clone)]
pub struct RuleSets {
    versions: Collection<Version>,
    drafts: Collection<Draft>,
}

/// JSON to the letter, as decisions are: a condition's values keep their types.
#[derive(Serialize, Deserialize)]
struct Version {
    #[serde(rename = "_id")]
    version: i64,
    json: String,
}

#[derive(Serialize, Deserialize)]
struct Draft {
    #[serde(rename = "_id")]
    author: String,
    json: String,
}

impl RuleSets {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            versions: database.collection("routing_rule_sets"),
            drafts: database.collection("routing_drafts"),
        }
    }

    /// What is in force.
    pub async fn current(&self) -> Result<PublishedRules, StoreError> {
        let latest = self.versions.find_one(doc! {}).sort(doc! { "_id": -1 }).await?;
        latest.map_or(Ok(PublishedRules::none()), |row| read(&row.json))
    }

    pub async fn version(&self, version: u32) -> Result<Option<PublishedRules>, StoreError> {
        let row = self.versions.find_one(doc! { "_id": i64::from(version) }).await?;
        row.map(|row| read(&row.json)).transpose()
    }

    /// The latest first, at most `limit`, older than `before`.
    pub async fn versions(
        &self,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<PublishedRules>, StoreError> {
        let filter = before.map_or(doc! {}, |before| doc! { "_id": { "$lt": i64::from(before) } });
        let rows: Vec<Version> = self
            .versions
            .find(filter)
            .sort(doc! { "_id": -1 })
            .limit(limit as i64)
            .await?
            .try_collect()
            .await?;
        rows.iter().map(|row| read(&row.json)).collect()
    }

    /// [`StoreError::Duplicate`] if that version exists: somebody was faster.
    pub async fn publish(&self, rules: &PublishedRules) -> Result<(), StoreError> {
        let version = Version {
            version: i64::from(rules.version),
            json: write(rules)?,
        };
        self.versions.insert_one(version).await?;
        Ok(())
    }

    pub async fn draft(&self, author: &UserId) -> Result<Option<DraftRules>, StoreError> {
        let row = self.drafts.find_one(doc! { "_id": author.as_str() }).await?;
        row.map(|row| read(&row.json)).transpose()
    }

    pub async fn save(&self, draft: &DraftRules) -> Result<(), StoreError> {
        let row = Draft {
            author: draft.author.to_string(),
            json: write(draft)?,
        };
        let filter = doc! { "_id": draft.author.as_str() };
        self.drafts.replace_one(filter, row).upsert(true).await?;
        Ok(())
    }

    /// Whether there was one.
    pub async fn discard(&self, author: &UserId) -> Result<bool, StoreError> {
        let deleted = self.drafts.delete_one(doc! { "_id": author.as_str() }).await?;
        Ok(deleted.deleted_count > 0)
    }

    /// Rules from before there were versions become the first one.
    pub(crate) async fn adopt(&self, loose: &Catalogue<RoutingRule>) -> Result<(), StoreError> {
        let rules = loose.all().await?;
        if rules.is_empty() || self.current().await?.version > 0 {
            return Ok(());
        }
        let first = PublishedRules {
            version: 1,
            published_at: rules.iter().map(|rule| rule.updated_at).max().unwrap_or_default(),
            rules,
            ..PublishedRules::none()
        };
        match self.publish(&first).await {
            Err(StoreError::Duplicate) => Ok(()),
            other => other,
        }
    }
}

fn write(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::Refused(error.to_string()))
}
