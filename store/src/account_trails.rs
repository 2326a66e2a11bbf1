//! `account_trails`: what last happened on each channel account, from which its health is told.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{AccountKey, AccountTrail, Timestamp, Trouble};

use crate::{
    bulk::{self, Update},
    dates::{date, timestamp},
    error::StoreError,
};

const NAME: &str = "account_trails";

#[derive(Clone)]
pub struct AccountTrails {
    collection: Collection<Row>,
    database: Database,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    webhook_at: Option<DateTime>,
    sent_at: Option<DateTime>,
    authorised_at: Option<DateTime>,
    webhook_refused: Option<TroubleRow>,
    send_failed: Option<TroubleRow>,
    token_rejected: Option<TroubleRow>,
}

/// `at` comes first, so that `$max` keeps the later one.
#[derive(Serialize, Deserialize)]
struct TroubleRow {
    at: DateTime,
    code: String,
    message: String,
}

impl AccountTrails {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection(NAME),
            database: database.clone(),
        }
    }

    /// Adds what happened; of each kind the later one stays, whoever writes first.
    pub async fn note(&self, trails: &HashMap<AccountKey, AccountTrail>) -> Result<(), StoreError> {
        let updates: Vec<Update> = trails
            .iter()
            .map(|(key, trail)| (key, later(trail)))
            .filter(|(_, later)| !later.is_empty())
            .map(|(key, later)| Update::upsert(doc! { "_id": key.to_string() }, doc! { "$max": later }))
            .collect();
        bulk::update(&self.database, NAME, updates).await?;
        Ok(())
    }

    pub async fn of(&self, key: &AccountKey) -> Result<AccountTrail, StoreError> {
        let row = self.collection.find_one(doc! { "_id": key.to_string() }).await?;
        Ok(row.map(AccountTrail::from).unwrap_or_default())
    }

    /// Every account's on which something happened, by the account's key as text.
    pub async fn all(&self) -> Result<HashMap<String, AccountTrail>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(doc! {})
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.id.clone(), AccountTrail::from(row)))
            .collect())
    }
}

fn later(trail: &AccountTrail) -> Document {
    let mut later = Document::new();
    let times = [
        ("webhook_at", trail.webhook_at),
        ("sent_at", trail.sent_at),
        ("authorised_at", trail.authorised_at),
    ];
    later.extend(
        times
            .into_iter()
            .filter_map(|(name, at)| Some((name.to_owned(), date(at?).into()))),
    );
    let troubles = [
        ("webhook_refused", &trail.webhook_refused),
        ("send_failed", &trail.send_failed),
        ("token_rejected", &trail.token_rejected),
    ];
    later.extend(troubles.into_iter().filter_map(|(name, trouble)| {
        let Trouble { at, code, message } = trouble.as_ref()?;
        let row = doc! { "at": date(*at), "code": code, "message": message };
        Some((name.to_owned(), row.into()))
    }));
    later
}

impl From<Row> for AccountTrail {
    fn from(row: Row) -> Self {
        let at = |at: Option<DateTime>| -> Option<Timestamp> { at.map(timestamp) };
        let trouble = |row: Option<TroubleRow>| {
            row.map(|row| Trouble {
                at: timestamp(row.at),
                code: row.code,
                message: row.message,
            })
        };
        Self {
            webhook_at: at(row.webhook_at),
            sent_at: at(row.sent_at),
            authorised_at: at(row.authorised_at),
            webhook_refused: trouble(row.webhook_refused),
            send_failed: trouble(row.send_failed),
            token_rejected: trouble(row.token_rejected),
        }
    }
}
