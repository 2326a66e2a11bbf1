//! `erasures`: who asked to be forgotten, how far that has come, and the writes that forget them.
//!
//! What a customer is looked for by (addresses, ids at providers) is kept here only until the end. Every write may be
//! repeated; what has been gone over says so itself (`erased`: by which pass), so that a crash leaves nothing out.

mod blank;
mod cut;
mod ledger;
mod progress;
mod strays;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{CustomerId, ErasureState, Timestamp};

use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

pub use ledger::Raw;

#[derive(Clone)]
pub struct Erasures {
    rows: Collection<Row>,
    database: Database,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    customer_id: CustomerId,
    state: ErasureState,
    requested_at: DateTime,
    cut_at: Option<DateTime>,
    /// Since when only what was on its way is waited for.
    settling_since: Option<DateTime>,
    /// When its job last said that it works.
    touched_at: DateTime,
    ended_at: Option<DateTime>,
    traces: Traces,
    /// The last webhook of the ledger that was looked at.
    ledger_at: String,
}

/// What somebody who is being erased is looked for by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    /// [`switchboard_domain::Identity::key`] of each.
    pub identities: Vec<String>,
    /// Phone numbers and e-mail addresses, as they are written.
    pub addresses: Vec<String>,
    /// `Customer::contact_keys`: by what shops know them.
    pub shop_keys: Vec<String>,
    /// `Conversation::open_key` of each of their conversations: by what their uploads are found.
    pub open_keys: Vec<String>,
}

/// An erasure under way.
#[derive(Clone, Debug)]
pub struct Underway {
    pub customer_id: CustomerId,
    pub state: ErasureState,
    pub cut_at: Option<Timestamp>,
    pub settling_since: Option<Timestamp>,
    pub traces: Traces,
    pub ledger_at: String,
}

impl Erasures {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            rows: database.collection("erasures"),
            database: database.clone(),
        }
    }

    /// Begins one; that of somebody who is being erased already, or is, stays as it is.
    pub async fn request(&self, id: &CustomerId, now: Timestamp) -> Result<(), StoreError> {
        let new = mongodb::bson::serialize_to_document(&Row {
            customer_id: id.clone(),
            state: ErasureState::Requested,
            requested_at: date(now),
            cut_at: None,
            settling_since: None,
            touched_at: date(now),
            ended_at: None,
            traces: Traces::default(),
            ledger_at: String::new(),
        })?;
        let absent = doc! { "_id": id.as_str() };
        let inserted = self
            .rows
            .update_one(absent, doc! { "$setOnInsert": without_id(new) });
        match inserted.upsert(true).await.map_err(StoreError::from) {
            // Somebody else asked at the same moment.
            Ok(_) | Err(StoreError::Duplicate) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub async fn underway(&self, id: &CustomerId) -> Result<Option<Underway>, StoreError> {
        let row = self.rows.find_one(doc! { "_id": id.as_str() }).await?;
        Ok(row
            .filter(|row| row.state != ErasureState::Erased)
            .map(Underway::from))
    }

    /// Those under way that one of these identities belongs to: what came from them before the cut is nobody's any more.
    pub async fn of_identities(&self, keys: &[String]) -> Result<Vec<Underway>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows.find(doc! { "traces.identities": { "$in": keys } });
        let rows: Vec<Row> = rows.await?.try_collect().await?;
        Ok(rows.into_iter().map(Underway::from).collect())
    }

    /// Those whose job hasn't been heard of since: it may be lost.
    pub async fn silent_since(&self, before: Timestamp) -> Result<Vec<CustomerId>, StoreError> {
        let filter =
            doc! { "state": { "$in": ["requested", "settling"] }, "touched_at": { "$lt": date(before) } };
        let rows: Vec<Row> = self.rows.find(filter).limit(100).await?.try_collect().await?;
        Ok(rows.into_iter().map(|row| row.customer_id).collect())
    }

    /// Notes more of what they are looked for by, and that the job works.
    pub async fn found(&self, id: &CustomerId, more: &Traces, now: Timestamp) -> Result<(), StoreError> {
        let each = |values: &[String]| doc! { "$each": values };
        let change = doc! {
            "$addToSet": {
                "traces.identities": each(&more.identities), "traces.addresses": each(&more.addresses),
                "traces.shop_keys": each(&more.shop_keys), "traces.open_keys": each(&more.open_keys),
            },
            "$set": { "touched_at": date(now) },
        };
        self.step(id, change).await.map(drop)
    }

    /// The ledger has been looked through up to there.
    pub async fn looked_up_to(
        &self,
        id: &CustomerId,
        ledger: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let set = doc! { "$set": { "ledger_at": ledger, "touched_at": date(now) } };
        self.step(id, set).await.map(drop)
    }

    pub async fn touch(&self, id: &CustomerId, now: Timestamp) -> Result<(), StoreError> {
        let set = doc! { "$set": { "touched_at": date(now) } };
        self.step(id, set).await.map(drop)
    }

    /// Everything there was is erased; what was on its way meanwhile remains. The ledger is read once more.
    pub async fn settle(&self, id: &CustomerId, now: Timestamp) -> Result<(), StoreError> {
        let set = doc! { "$set": {
            "state": "settling", "settling_since": date(now), "touched_at": date(now), "ledger_at": "",
        } };
        self.step(id, set).await.map(drop)
    }

    /// They are erased; what identified them goes, too.
    pub async fn end(&self, id: &CustomerId, now: Timestamp) -> Result<(), StoreError> {
        let set = doc! { "$set": {
            "state": "erased", "ended_at": date(now), "touched_at": date(now), "ledger_at": "",
            "traces": { "identities": [], "addresses": [], "shop_keys": [], "open_keys": [] },
        } };
        self.step(id, set).await.map(drop)
    }

    /// Never of who is erased: another job may have been faster, and nothing of them may come back.
    async fn step(&self, id: &CustomerId, change: Document) -> Result<Option<Row>, StoreError> {
        let under_way = doc! { "_id": id.as_str(), "state": { "$ne": "erased" } };
        let row = self.rows.find_one_and_update(under_way, change);
        Ok(row.return_document(ReturnDocument::After).await?)
    }

    fn documents(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }
}

fn without_id(mut document: Document) -> Document {
    document.remove("_id");
    document
}

/// Matches what the `pass` has yet to go over.
fn before(pass: i32) -> Document {
    doc! { "$not": { "$gte": pass } }
}

impl From<Row> for Underway {
    fn from(row: Row) -> Self {
        Self {
            customer_id: row.customer_id,
            state: row.state,
            cut_at: row.cut_at.map(timestamp),
            settling_since: row.settling_since.map(timestamp),
            traces: row.traces,
            ledger_at: row.ledger_at,
        }
    }
}
