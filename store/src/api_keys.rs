//! `api_keys`: what programs sign in with. Only a key's digest is kept.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Permission, Timestamp, UserId};

use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

/// A key that is used all the time is written to this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub struct ApiKeys {
    collection: Collection<Row>,
}

/// A key, without what proves it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub id: String,
    pub name: String,
    /// In whose name it acts: never beyond what they may do.
    pub user_id: UserId,
    pub permissions: Vec<Permission>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    user_id: UserId,
    permissions: Vec<Permission>,
    /// Hex SHA-256.
    digest: String,
    created_at: DateTime,
    expires_at: Option<DateTime>,
    last_used_at: Option<DateTime>,
}

impl ApiKeys {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("api_keys"),
        }
    }

    pub async fn insert(&self, key: &ApiKey, digest: &str) -> Result<(), StoreError> {
        self.collection
            .insert_one(Row {
                id: key.id.clone(),
                name: key.name.clone(),
                user_id: key.user_id.clone(),
                permissions: key.permissions.clone(),
                digest: digest.to_owned(),
                created_at: date(key.created_at),
                expires_at: key.expires_at.map(date),
                last_used_at: None,
            })
            .await?;
        Ok(())
    }

    /// The key with this digest, if it is still good.
    pub async fn proven(&self, digest: &str, now: Timestamp) -> Result<Option<ApiKey>, StoreError> {
        let key = self.collection.find_one(doc! { "digest": digest }).await?;
        let key = key.map(ApiKey::from);
        Ok(key.filter(|key| key.expires_at.is_none_or(|end| now < end)))
    }

    /// Notes that it is used, now and then.
    pub async fn used(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        let lately = date(now.minus(NOTED_EVERY));
        let stale =
            doc! { "_id": id, "$or": [{ "last_used_at": null }, { "last_used_at": { "$lt": lately } }] };
        let used = doc! { "$set": { "last_used_at": date(now) } };
        self.collection.update_one(stale, used).await?;
        Ok(())
    }

    /// All of them, by id.
    pub async fn all(&self) -> Result<Vec<ApiKey>, StoreError> {
        let found = self.collection.find(doc! {}).sort(doc! { "_id": 1 }).await?;
        let rows: Vec<Row> = found.try_collect().await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
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

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            user_id: row.user_id,
            permissions: row.permissions,
            created_at: timestamp(row.created_at),
            expires_at: row.expires_at.map(timestamp),
            last_used_at: row.last_used_at.map(timestamp),
        }
    }
}
