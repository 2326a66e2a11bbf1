//! `code_factors`: addresses and numbers that users have proved to be theirs, and the code that was last sent to each. Only
//! a digest of it is kept, for so long and so many tries, and it is good once.

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{CodeFactor, CodeWay, Timestamp, UserId};

use crate::{dates::date, error::StoreError};

#[derive(Clone)]
pub struct CodeFactors {
    collection: Collection<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    /// User and way: one of each.
    #[serde(rename = "_id")]
    id: String,
    user_id: UserId,
    way: CodeWay,
    to: String,
    /// A code that was sent there came back.
    confirmed: bool,
    code: Option<Code>,
}

#[derive(Serialize, Deserialize)]
struct Code {
    digest: String,
    expires_at: DateTime,
    tries: i32,
}

impl CodeFactors {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("code_factors"),
        }
    }

    /// Those that the user has confirmed.
    pub async fn confirmed(&self, user: &UserId) -> Result<Vec<CodeFactor>, StoreError> {
        let theirs = doc! { "user_id": user.as_str(), "confirmed": true };
        let rows = self.collection.find(theirs).sort(doc! { "_id": 1 }).await?;
        let rows: Vec<Row> = rows.try_collect().await?;
        let factor = |row: Row| CodeFactor {
            way: row.way,
            to: row.to,
        };
        Ok(rows.into_iter().map(factor).collect())
    }

    /// Begins anew; [`StoreError::Duplicate`] if this way is confirmed.
    pub async fn begin(&self, user: &UserId, factor: &CodeFactor) -> Result<(), StoreError> {
        let id = id(user, factor.way);
        let row = Row {
            id: id.clone(),
            user_id: user.clone(),
            way: factor.way,
            to: factor.to.clone(),
            confirmed: false,
            code: None,
        };
        self.collection
            .replace_one(doc! { "_id": id, "confirmed": false }, row)
            .upsert(true)
            .await?;
        Ok(())
    }

    /// The code that is good from now on; the one before isn't any more.
    pub async fn sent(
        &self,
        user: &UserId,
        way: CodeWay,
        digest: &str,
        expires_at: Timestamp,
        tries: i32,
    ) -> Result<(), StoreError> {
        let code = doc! { "digest": digest, "expires_at": date(expires_at), "tries": tries };
        self.collection
            .update_one(doc! { "_id": id(user, way) }, doc! { "$set": { "code": code } })
            .await?;
        Ok(())
    }

    /// Takes one try of the code that was sent: its digest, to compare with; `None` if there is none that is good.
    pub async fn take_try(
        &self,
        user: &UserId,
        way: CodeWay,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let good = doc! {
            "_id": id(user, way),
            "code.tries": { "$gt": 0 },
            "code.expires_at": { "$gt": date(now) },
        };
        let row = self
            .collection
            .find_one_and_update(good, doc! { "$inc": { "code.tries": -1 } })
            .await?;
        Ok(row.and_then(|row| row.code).map(|code| code.digest))
    }

    /// Uses a code up that was right, and with it confirms where it was sent; of two who do at once one is told true.
    pub async fn use_up(&self, user: &UserId, way: CodeWay, digest: &str) -> Result<bool, StoreError> {
        let this = doc! { "_id": id(user, way), "code.digest": digest };
        let proved = doc! { "$set": { "code": null, "confirmed": true } };
        Ok(self.collection.update_one(this, proved).await?.matched_count > 0)
    }

    /// Whether there was one.
    pub async fn remove(&self, user: &UserId, way: CodeWay) -> Result<bool, StoreError> {
        let removed = self.collection.delete_one(doc! { "_id": id(user, way) }).await?;
        Ok(removed.deleted_count > 0)
    }

    /// Takes all of a user's away; whether there was one.
    pub async fn remove_all(&self, user: &UserId) -> Result<bool, StoreError> {
        let theirs = doc! { "user_id": user.as_str() };
        Ok(self.collection.delete_many(theirs).await?.deleted_count > 0)
    }
}

fn id(user: &UserId, way: CodeWay) -> String {
    format!("{way}:{user}")
}
