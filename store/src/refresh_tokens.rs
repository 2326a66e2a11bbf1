//! `refresh_tokens`: signed-in sessions. Only a token's digest is kept.

use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Timestamp, UserId};

use crate::{dates::date, error::StoreError};

#[derive(Clone)]
pub struct RefreshTokens {
    collection: Collection<Row>,
}

/// A session to be kept: one row per token; the tokens of a sign-in form a family.
#[derive(Clone, Debug)]
pub struct Session {
    /// Hex SHA-256 of the token.
    pub digest: String,
    pub family: String,
    pub user_id: UserId,
    pub expires_at: Timestamp,
}

/// What became of an attempt to use a refresh token.
#[derive(Debug)]
pub enum Rotation {
    Rotated {
        user_id: UserId,
        family: String,
    },
    Unknown,
    /// The token had been used before: somebody else has a copy. Its whole family is now revoked.
    Reused,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    digest: String,
    family: String,
    user_id: UserId,
    used: bool,
    expires_at: DateTime,
}

impl RefreshTokens {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("refresh_tokens"),
        }
    }

    pub async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        self.collection
            .insert_one(Row {
                digest: session.digest.clone(),
                family: session.family.clone(),
                user_id: session.user_id.clone(),
                used: false,
                expires_at: date(session.expires_at),
            })
            .await?;
        Ok(())
    }

    /// Uses a token up. Of two uses at once one wins; the other is a reuse.
    pub async fn take(&self, digest: &str, now: Timestamp) -> Result<Rotation, StoreError> {
        let fresh = doc! { "_id": digest, "used": false, "expires_at": { "$gt": date(now) } };
        let taken = self
            .collection
            .find_one_and_update(fresh, doc! { "$set": { "used": true } })
            .await?;
        if let Some(row) = taken {
            return Ok(Rotation::Rotated {
                user_id: row.user_id,
                family: row.family,
            });
        }
        match self
            .collection
            .find_one(doc! { "_id": digest, "used": true })
            .await?
        {
            Some(row) => {
                self.revoke_family(&row.family).await?;
                Ok(Rotation::Reused)
            }
            None => Ok(Rotation::Unknown),
        }
    }

    /// Ends a session, by any of its tokens.
    pub async fn revoke(&self, digest: &str) -> Result<(), StoreError> {
        if let Some(row) = self.collection.find_one(doc! { "_id": digest }).await? {
            self.revoke_family(&row.family).await?;
        }
        Ok(())
    }

    /// Ends every session of a user.
    pub async fn revoke_user(&self, user: &UserId) -> Result<(), StoreError> {
        self.collection
            .delete_many(doc! { "user_id": user.as_str() })
            .await?;
        Ok(())
    }

    async fn revoke_family(&self, family: &str) -> Result<(), StoreError> {
        self.collection.delete_many(doc! { "family": family }).await?;
        Ok(())
    }
}
