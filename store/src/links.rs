//! `one_time_links`: what is mailed to somebody who is to set a password. Only a digest is kept, and it is good once.

use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Timestamp, UserId};

use crate::{dates::date, error::StoreError};

#[derive(Clone)]
pub struct Links {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    /// Hex SHA-256 of what stands in the link.
    #[serde(rename = "_id")]
    digest: String,
    user_id: UserId,
    expires_at: DateTime,
}

impl Links {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("one_time_links"),
        }
    }

    /// A new one; those the user had before are void.
    pub async fn replace(
        &self,
        digest: &str,
        user: &UserId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.void(user).await?;
        self.collection
            .insert_one(Row {
                digest: digest.to_owned(),
                user_id: user.clone(),
                expires_at: date(expires_at),
            })
            .await?;
        Ok(())
    }

    /// Whose it is, if it is still good.
    pub async fn peek(&self, digest: &str, now: Timestamp) -> Result<Option<UserId>, StoreError> {
        let good = doc! { "_id": digest, "expires_at": { "$gt": date(now) } };
        Ok(self.collection.find_one(good).await?.map(|row| row.user_id))
    }

    /// Uses it up; of two who do at once one is told whose it was.
    pub async fn take(&self, digest: &str, now: Timestamp) -> Result<Option<UserId>, StoreError> {
        let good = doc! { "_id": digest, "expires_at": { "$gt": date(now) } };
        Ok(self
            .collection
            .find_one_and_delete(good)
            .await?
            .map(|row| row.user_id))
    }

    /// None of a user's are good any more.
    pub async fn void(&self, user: &UserId) -> Result<(), StoreError> {
        self.collection
            .delete_many(doc! { "user_id": user.as_str() })
            .await?;
        Ok(())
    }
}
