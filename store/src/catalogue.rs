//! The small collections that people configure: roles, teams, branches, queues, skills, rules.

use std::marker::PhantomData;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{Document, doc},
};
use serde::{Serialize, de::DeserializeOwned};
use switchboard_domain::{Branch, BusinessHours, Queue, Role, RoutingRule, Skill, SlaPolicy, Team};

use crate::error::StoreError;

/// Something that is kept under its own `id`.
pub trait Entry: Serialize + DeserializeOwned + Send + Sync {
    /// What it is called in the audit log.
    const KIND: &'static str;

    fn id(&self) -> &str;
}

impl Entry for Role {
    const KIND: &'static str = "role";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for Team {
    const KIND: &'static str = "team";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for Branch {
    const KIND: &'static str = "branch";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for Queue {
    const KIND: &'static str = "queue";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for BusinessHours {
    const KIND: &'static str = "business_hours";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for SlaPolicy {
    const KIND: &'static str = "sla_policy";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for Skill {
    const KIND: &'static str = "skill";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for RoutingRule {
    const KIND: &'static str = "routing_rule";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// A collection of [`Entry`]s, small enough to be read whole.
#[derive(Clone)]
pub struct Catalogue<T> {
    collection: Collection<Document>,
    entry: PhantomData<fn() -> T>,
}

impl<T: Entry> Catalogue<T> {
    pub(crate) fn new(database: &Database, name: &str) -> Self {
        Self {
            collection: database.collection(name),
            entry: PhantomData,
        }
    }

    pub async fn get(&self, id: &str) -> Result<Option<T>, StoreError> {
        self.collection
            .find_one(doc! { "_id": id })
            .await?
            .map(decode)
            .transpose()
    }

    /// All of them, by id.
    pub async fn all(&self) -> Result<Vec<T>, StoreError> {
        let documents: Vec<Document> = self
            .collection
            .find(doc! {})
            .sort(doc! { "_id": 1 })
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        documents.into_iter().map(decode).collect()
    }

    /// Creates or replaces.
    pub async fn put(&self, entry: &T) -> Result<(), StoreError> {
        self.collection
            .replace_one(doc! { "_id": entry.id() }, encode(entry)?)
            .upsert(true)
            .await?;
        Ok(())
    }

    /// Creates; [`StoreError::Duplicate`] if the id is taken.
    pub async fn insert(&self, entry: &T) -> Result<(), StoreError> {
        self.collection.insert_one(encode(entry)?).await?;
        Ok(())
    }

    pub async fn put_if_absent(&self, entry: &T) -> Result<(), StoreError> {
        match self.insert(entry).await {
            Err(StoreError::Duplicate) => Ok(()),
            other => other,
        }
    }

    /// Whether there was one.
    pub async fn delete(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self
            .collection
            .delete_one(doc! { "_id": id })
            .await?
            .deleted_count
            > 0)
    }
}

fn encode<T: Entry>(entry: &T) -> Result<Document, StoreError> {
    let mut document = mongodb::bson::serialize_to_document(entry)?;
    if let Some(id) = document.remove("id") {
        document.insert("_id", id);
    }
    Ok(document)
}

fn decode<T: Entry>(mut document: Document) -> Result<T, StoreError> {
    if let Some(id) = document.remove("_id") {
        document.insert("id", id);
    }
    Ok(mongodb::bson::deserialize_from_document(document)?)
}
