//! `refresh_tokens`: one document for each sign-in. No token is kept: a token is the hub's word on a session and its
//! generation, and only the newest generation is good.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Timestamp, UserId};

use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

#[derive(Clone)]
pub struct Sessions {
    collection: Collection<Row>,
}

/// A sign-in that holds.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: String,
    pub user_id: UserId,
    pub created_at: Timestamp,
    /// When it was last renewed.
    pub used_at: Timestamp,
    pub expires_at: Timestamp,
    /// However often it is renewed, it ends then.
    pub ends_at: Option<Timestamp>,
    /// An OpenID provider has asked for a second factor, so that the hub needn't.
    pub second_factor: bool,
    pub ip: String,
    pub user_agent: String,
}

/// A refresh token that is presented.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    pub session: &'a str,
    pub generation: i64,
    /// When the request began.
    pub at: Timestamp,
}

/// What became of an attempt to renew a session.
#[derive(Debug)]
pub enum Rotation {
    Rotated {
        user_id: UserId,
        generation: i64,
    },
    Unknown,
    /// The token had been used before: somebody else has a copy. The session has been ended.
    Reused {
        user_id: UserId,
    },
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    user_id: UserId,
    generation: i64,
    /// By the database's clock.
    rotated_at: DateTime,
    created_at: DateTime,
    used_at: DateTime,
    expires_at: DateTime,
    #[serde(default)]
    ends_at: Option<DateTime>,
    #[serde(default)]
    second_factor: bool,
    ip: String,
    user_agent: String,
}

impl Sessions {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("refresh_tokens"),
        }
    }

    /// Begins a session, at generation 1.
    pub async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        self.collection
            .insert_one(Row {
                id: session.id.clone(),
                user_id: session.user_id.clone(),
                generation: 1,
                rotated_at: date(session.created_at),
                created_at: date(session.created_at),
                used_at: date(session.used_at),
                expires_at: date(session.expires_at),
                ends_at: session.ends_at.map(date),
                second_factor: session.second_factor,
                ip: session.ip.clone(),
                user_agent: session.user_agent.clone(),
            })
            .await?;
        Ok(())
    }

    /// Uses a token up; the next generation's is good from now until `expires_at`. Of two uses at once one wins. The
    /// other is a theft, unless it began no later than `overlap` after: then it is another tab's, and gets the same.
    pub async fn rotate(
        &self,
        presented: Presented<'_>,
        expires_at: Timestamp,
        overlap: Duration,
    ) -> Result<Rotation, StoreError> {
        let Presented {
            session,
            generation,
            at,
        } = presented;
        let newest = doc! { "_id": session, "generation": generation, "expires_at": { "$gt": date(at) } };
        let next = doc! { "$set": {
            "generation": generation + 1,
            "used_at": date(at),
            // The earlier of the two; what isn't there doesn't count.
            "expires_at": { "$min": [date(expires_at), "$ends_at"] },
            "rotated_at": "$$NOW",
        } };
        if let Some(row) = self.collection.find_one_and_update(newest, vec![next]).await? {
            return Ok(Rotation::Rotated {
                user_id: row.user_id,
                generation: generation + 1,
            });
        }
        let found = self.collection.find_one(doc! { "_id": session }).await?;
        let Some(row) = found.filter(|row| timestamp(row.expires_at) > at) else {
            return Ok(Rotation::Unknown);
        };
        let user_id = row.user_id;
        if row.generation == generation + 1 && at <= timestamp(row.rotated_at).plus(overlap) {
            return Ok(Rotation::Rotated {
                user_id,
                generation: row.generation,
            });
        }
        self.revoke(session).await?;
        Ok(Rotation::Reused { user_id })
    }

    /// The session, if it holds.
    pub async fn get(&self, id: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let holds = doc! { "_id": id, "expires_at": { "$gt": date(now) } };
        Ok(self.collection.find_one(holds).await?.map(Session::from))
    }

    /// A user's sessions that hold, the last used first.
    pub async fn of(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(doc! { "user_id": user.as_str(), "expires_at": { "$gt": date(now) } })
            .sort(doc! { "used_at": -1, "_id": 1 })
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    pub async fn revoke(&self, id: &str) -> Result<(), StoreError> {
        self.collection.delete_one(doc! { "_id": id }).await?;
        Ok(())
    }

    /// Ends a session of this user's; whether there was one.
    pub async fn revoke_own(&self, user: &UserId, id: &str) -> Result<bool, StoreError> {
        let own = doc! { "_id": id, "user_id": user.as_str() };
        Ok(self.collection.delete_one(own).await?.deleted_count > 0)
    }

    /// Ends every session of a user, but for this one.
    pub async fn revoke_others(&self, user: &UserId, but: &str) -> Result<(), StoreError> {
        let others = doc! { "user_id": user.as_str(), "_id": { "$ne": but } };
        self.collection.delete_many(others).await?;
        Ok(())
    }

    /// Ends every session of a user.
    pub async fn revoke_user(&self, user: &UserId) -> Result<(), StoreError> {
        self.collection
            .delete_many(doc! { "user_id": user.as_str() })
            .await?;
        Ok(())
    }
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            created_at: timestamp(row.created_at),
            used_at: timestamp(row.used_at),
            expires_at: timestamp(row.expires_at),
            ends_at: row.ends_at.map(timestamp),
            second_factor: row.second_factor,
            ip: row.ip,
            user_agent: row.user_agent,
        }
    }
}
