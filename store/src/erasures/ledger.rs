//! The ledger is raw and knows nobody: it is read from one end to the other, and what mentions somebody is blanked.

use futures_util::TryStreamExt;
use mongodb::bson::{Binary, doc, spec::BinarySubtype};
use serde::Deserialize;
use switchboard_domain::{Channel, Timestamp};

use super::Erasures;
use crate::error::StoreError;

/// Webhooks that are looked at together. Letters may be 15 MB each; the server ends a page of such sooner.
const PAGE: i64 = 200;

/// A webhook of the ledger as it came.
#[derive(Debug, Deserialize)]
pub struct Raw {
    #[serde(rename = "_id")]
    pub id: String,
    pub channel: Channel,
    headers: Vec<(String, String)>,
    body: Binary,
}

impl Raw {
    /// Everything in it that somebody could be known by.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let headers = self.headers.iter().map(|(_, value)| value.as_bytes());
        std::iter::once(self.body.bytes.as_slice()).chain(headers)
    }
}

impl Erasures {
    /// Some webhooks of the ledger after that one, of those that arrived before `until`.
    pub async fn ledger_after(&self, id: &str, until: Timestamp) -> Result<Vec<Raw>, StoreError> {
        let rows = self.database.collection::<Raw>("event_log");
        // Ids begin with the arrival, in microseconds.
        let end = format!("{:013x}", until.as_millis().max(0) * 1000);
        let page = rows
            .find(doc! { "_id": { "$gt": id, "$lt": end }, "erased": null })
            .sort(doc! { "_id": 1 })
            .projection(doc! { "channel": 1, "headers": 1, "body": 1 })
            .limit(PAGE);
        Ok(page.await?.try_collect().await?)
    }

    /// Of these webhooks stays that they came.
    pub async fn blank_ledger(&self, ids: &[String]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let nothing = Binary {
            subtype: BinarySubtype::Generic,
            bytes: Vec::new(),
        };
        let set = doc! { "$set": { "headers": [], "body": nothing, "erased": true } };
        self.documents("event_log")
            .update_many(doc! { "_id": { "$in": ids } }, set)
            .await?;
        Ok(())
    }
}
