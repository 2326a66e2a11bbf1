//! One link of the chain: what is stored of an entry, and what its hash is over.

use std::{fmt, str::FromStr};

use mongodb::bson::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use switchboard_domain::{Actor, ActorKind, AuditEntry, AuditObject, AuditOutcome, AuditRecord};

use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

/// What the first entry follows.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The end of the chain: how many entries there are, and the last one's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seq, hash) = text.split_once(':').ok_or("a head is NUMBER:HASH")?;
        Ok(Self {
            seq: seq.parse().map_err(|_| "a head begins with a number")?,
            hash: hash.to_owned(),
        })
    }
}

/// An entry as it is stored. What changed is kept as JSON text, to the letter: the hash is over it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    #[serde(rename = "_id")]
    pub seq: i64,
    pub at: DateTime,
    actor_type: ActorKind,
    actor_id: String,
    action: String,
    object_type: String,
    object_id: String,
    outcome: AuditOutcome,
    before: Option<String>,
    after: Option<String>,
    ip: Option<String>,
    request_id: Option<String>,
    pub previous: String,
    pub hash: String,
}

impl Link {
    /// The entry that follows the one of this place and hash.
    pub fn after(seq: i64, hash: &str, record: &AuditRecord) -> Result<Self, StoreError> {
        let text = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
        let mut link = Self {
            seq: seq + 1,
            at: date(record.at),
            actor_type: record.actor.kind,
            actor_id: record.actor.id.clone(),
            action: record.action.clone(),
            object_type: record.object.kind.clone(),
            object_id: record.object.id.clone(),
            outcome: record.outcome,
            before: text(&record.before),
            after: text(&record.after),
            ip: record.ip.clone(),
            request_id: record.request_id.clone(),
            previous: hash.to_owned(),
            hash: String::new(),
        };
        link.hash = link.digest()?;
        Ok(link)
    }

    pub fn head(&self) -> Head {
        Head {
            seq: self.seq,
            hash: self.hash.clone(),
        }
    }

    /// What the hash has to be: over every other field, in one order, so that none can be moved into another.
    pub fn digest(&self) -> Result<String, StoreError> {
        let fields = (
            (self.seq, self.at.timestamp_millis(), &self.previous),
            (self.actor_type, &self.actor_id, &self.action),
            (&self.object_type, &self.object_id, self.outcome),
            (&self.before, &self.after, &self.ip, &self.request_id),
        );
        let text = serde_json::to_vec(&fields).map_err(|error| StoreError::Refused(error.to_string()))?;
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(text) {
            for nibble in [byte >> 4, byte & 15] {
                hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
        }
        Ok(hex)
    }
}

impl TryFrom<Link> for AuditEntry {
    type Error = StoreError;

    fn try_from(link: Link) -> Result<Self, StoreError> {
        let json = |text: Option<String>| {
            let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
            parsed.map_err(|error| StoreError::Refused(error.to_string()))
        };
        Ok(Self {
            id: link.seq.to_string(),
            record: AuditRecord {
                at: timestamp(link.at),
                actor: Actor {
                    kind: link.actor_type,
                    id: link.actor_id,
                },
                action: link.action,
                object: AuditObject {
                    kind: link.object_type,
                    id: link.object_id,
                },
                outcome: link.outcome,
                before: json(link.before)?,
                after: json(link.after)?,
                ip: link.ip,
                request_id: link.request_id,
            },
            hash: link.hash,
            previous_hash: link.previous,
        })
    }
}
