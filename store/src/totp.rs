//! `totp`: second factors. The secret is sealed, recovery codes are digests, and a code is good once.

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{Binary, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::UserId;

use crate::{SealKey, error::StoreError};

#[derive(Clone)]
pub struct Totps {
    collection: Collection<Row>,
    seal: SealKey,
}

/// A user's second factor.
#[derive(Clone)]
pub struct Totp {
    pub secret: Vec<u8>,
    /// Asked for at sign-in; until then it is being set up.
    pub enabled: bool,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    user_id: String,
    secret: Binary,
    enabled: bool,
    /// The time step of the last code that was taken (RFC 6238, section 5.2: none twice).
    last_step: i64,
    /// Hex SHA-256 of each that is left.
    recovery: Vec<String>,
}

impl Totps {
    pub(crate) fn new(database: &Database, seal: SealKey) -> Self {
        Self {
            collection: database.collection("totp"),
            seal,
        }
    }

    pub async fn get(&self, user: &UserId) -> Result<Option<Totp>, StoreError> {
        let Some(row) = self.collection.find_one(doc! { "_id": user.as_str() }).await? else {
            return Ok(None);
        };
        let secret = self.seal.open(&owner(user), &row.secret);
        Ok(Some(Totp {
            secret: secret.map_err(|error| StoreError::Refused(error.to_string()))?,
            enabled: row.enabled,
        }))
    }

    pub async fn is_enabled(&self, user: &UserId) -> Result<bool, StoreError> {
        let enabled = doc! { "_id": user.as_str(), "enabled": true };
        Ok(self.collection.find_one(enabled).await?.is_some())
    }

    /// Begins anew; [`StoreError::Duplicate`] if one is enabled.
    pub async fn begin(&self, user: &UserId, secret: &[u8]) -> Result<(), StoreError> {
        let sealed = self.seal.seal(&owner(user), secret);
        let row = Row {
            user_id: user.to_string(),
            secret: sealed.map_err(|error| StoreError::Refused(error.to_string()))?,
            enabled: false,
            last_step: 0,
            recovery: Vec::new(),
        };
        self.collection
            .replace_one(doc! { "_id": user.as_str(), "enabled": false }, row)
            .upsert(true)
            .await?;
        Ok(())
    }

    /// From now on it is asked for; `false` if none was begun.
    pub async fn enable(&self, user: &UserId, step: i64, recovery: &[String]) -> Result<bool, StoreError> {
        let begun = doc! { "_id": user.as_str(), "enabled": false };
        let enabled = doc! { "$set": { "enabled": true, "last_step": step, "recovery": recovery } };
        Ok(self.collection.update_one(begun, enabled).await?.matched_count > 0)
    }

    /// Uses a code's time step up; `false` if it, or a later one, was used.
    pub async fn use_step(&self, user: &UserId, step: i64) -> Result<bool, StoreError> {
        let unused = doc! { "_id": user.as_str(), "enabled": true, "last_step": { "$lt": step } };
        let up = doc! { "$set": { "last_step": step } };
        Ok(self.collection.update_one(unused, up).await?.matched_count > 0)
    }

    /// Uses a recovery code up; `false` if there is none like it.
    pub async fn use_recovery(&self, user: &UserId, digest: &str) -> Result<bool, StoreError> {
        let there = doc! { "_id": user.as_str(), "enabled": true, "recovery": digest };
        let without = doc! { "$pull": { "recovery": digest } };
        Ok(self.collection.update_one(there, without).await?.matched_count > 0)
    }

    /// Seals all secrets with the current key; how many there were.
    pub async fn seal_anew(&self) -> Result<u64, StoreError> {
        let mut rows = self.collection.find(doc! {}).await?;
        let mut count = 0;
        while let Some(row) = rows.try_next().await? {
            let owner = owner(&UserId::from(row.user_id.as_str()));
            let sealed = self.seal.anew(&owner, &row.secret);
            let sealed = sealed.map_err(|error| StoreError::Refused(error.to_string()))?;
            let same = doc! { "_id": &row.user_id, "secret": &row.secret };
            self.collection
                .update_one(same, doc! { "$set": { "secret": sealed } })
                .await?;
            count += 1;
        }
        Ok(count)
    }

    /// Whether there was one.
    pub async fn remove(&self, user: &UserId) -> Result<bool, StoreError> {
        let removed = self.collection.delete_one(doc! { "_id": user.as_str() }).await?;
        Ok(removed.deleted_count > 0)
    }
}

fn owner(user: &UserId) -> String {
    format!("totp:{user}")
}
