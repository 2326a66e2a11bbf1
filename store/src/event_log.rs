//! `event_log`: the append-only ledger of what providers sent, raw. Replay reads it.

use mongodb::{
    Collection, Database,
    bson::{Binary, DateTime, RawDocumentBuf, doc, spec::BinarySubtype},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{AccountKey, Arrival, Channel, Timestamp};

use crate::{bulk, dates::date, error::StoreError};

#[derive(Clone)]
pub struct EventLog {
    collection: Collection<RawDocumentBuf>,
}

/// One webhook as it is read back: its headers and its body.
pub type Logged = (Vec<(String, String)>, Vec<u8>);

/// One webhook as it came in.
#[derive(Debug)]
pub struct LoggedEvent<'a> {
    /// Names the webhook, so that logging it again changes nothing.
    pub id: &'a str,
    pub account: &'a AccountKey,
    pub arrival: Arrival,
    pub processed_at: Timestamp,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
    /// How many events it held, and how many of them were of a kind we don't know.
    pub events: u32,
    pub unsupported: u32,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    channel: Channel,
    account_id: &'a str,
    received_at: DateTime,
    processed_at: DateTime,
    headers: &'a [(String, String)],
    body: Binary,
    events: u32,
    unsupported: u32,
}

impl EventLog {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("event_log"),
        }
    }

    /// Appends; what is there already stays as it is.
    pub async fn append(&self, events: &[LoggedEvent<'_>]) -> Result<(), StoreError> {
        let rows = events
            .iter()
            .map(|event| {
                mongodb::bson::serialize_to_raw_document_buf(&Row {
                    id: event.id,
                    channel: event.account.channel,
                    account_id: &event.account.account_id,
                    received_at: date(event.arrival.received_at()),
                    processed_at: date(event.processed_at),
                    headers: event.headers,
                    body: Binary {
                        subtype: BinarySubtype::Generic,
                        bytes: event.body.to_vec(),
                    },
                    events: event.events,
                    unsupported: event.unsupported,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        bulk::insert(&self.collection, rows).await?;
        Ok(())
    }

    /// A webhook as it came in, while the ledger still has it.
    pub async fn get(&self, id: &str) -> Result<Option<Logged>, StoreError> {
        #[derive(Deserialize)]
        struct Stored {
            headers: Vec<(String, String)>,
            body: Binary,
        }
        let found = self.collection.find_one(doc! { "_id": id }).await?;
        let stored = found.map(|raw| mongodb::bson::deserialize_from_slice::<Stored>(raw.as_bytes()));
        Ok(stored
            .transpose()?
            .map(|stored| (stored.headers, stored.body.bytes)))
    }
}
