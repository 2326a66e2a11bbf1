//! `presence_sessions`: every change of an agent's presence, with its cause (routing.md, point 15).

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Intent, Presence, PresenceCause, PresenceChange, Timestamp, UserId};

use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

#[derive(Clone)]
pub struct PresenceSessions {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    user_id: UserId,
    at: DateTime,
    status: Intent,
    online: bool,
    cause: PresenceCause,
}

impl PresenceSessions {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("presence_sessions"),
        }
    }

    pub async fn record(
        &self,
        presence: &Presence,
        cause: PresenceCause,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Row {
            user_id: presence.user_id.clone(),
            at: date(now),
            status: presence.intent,
            online: presence.online,
            cause,
        };
        self.collection.insert_one(row).await?;
        Ok(())
    }

    /// Everybody's changes since `since`, in order.
    pub async fn since(&self, since: Timestamp) -> Result<Vec<PresenceChange>, StoreError> {
        let filter = doc! { "at": { "$gte": date(since) } };
        let found = self
            .collection
            .find(filter)
            .sort(doc! { "at": 1, "_id": 1 })
            .batch_size(5000);
        let rows: Vec<Row> = found.await?.try_collect().await?;
        Ok(rows.into_iter().map(PresenceChange::from).collect())
    }

    /// One person's, the latest first.
    pub async fn of(&self, user: &UserId, limit: i64) -> Result<Vec<PresenceChange>, StoreError> {
        let filter = doc! { "user_id": user.as_str() };
        let found = self
            .collection
            .find(filter)
            .sort(doc! { "at": -1, "_id": -1 })
            .limit(limit);
        let rows: Vec<Row> = found.await?.try_collect().await?;
        Ok(rows.into_iter().map(PresenceChange::from).collect())
    }
}

impl From<Row> for PresenceChange {
    fn from(row: Row) -> Self {
        Self {
            user_id: row.user_id,
            at: timestamp(row.at),
            status: row.status,
            online: row.online,
            cause: row.cause,
        }
    }
}
