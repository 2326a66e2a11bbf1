//! Whether the chain is as it was written: nothing changed, missing, inserted, or cut off at its end.

use std::fmt;

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};

use super::{
    AuditLogs, HEAD,
    chain::{Head, Link, START},
};
use crate::error::StoreError;

/// Something that isn't as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// What it says isn't what its hash is over.
    Changed(i64),
    /// It doesn't follow the one before it.
    Unchained(i64),
    /// There are none with these numbers.
    Missing { from: i64, to: i64 },
    /// It isn't in the form of an entry.
    Unreadable(String),
    /// It lies beyond the end that the hub has sealed: it was put there by somebody else.
    Inserted(i64),
    /// The sealed end is not there, or wasn't sealed with this deployment's key.
    NoHead,
    /// The chain once reached here, and now it ends earlier, or is another one.
    CutOff(Head),
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct AuditReport {
    pub entries: u64,
    pub head: Option<Head>,
    pub faults: Vec<AuditFault>,
}

impl AuditLogs {
    /// Reads the whole chain. `known`: ends of it that were kept elsewhere.
    pub async fn verify(&self, known: &[Head]) -> Result<AuditReport, StoreError> {
        let mut report = AuditReport::default();
        let mut known: Vec<Head> = known.to_vec();
        match self.sealed_head().await? {
            Sealed::Head(head) => {
                known.push(head.clone());
                report.head = Some(head);
            }
            Sealed::Absent => {}
            Sealed::Broken => report.faults.push(AuditFault::NoHead),
        }
        let mut entries = self
            .entries
            .clone_with_type::<Document>()
            .find(doc! {})
            .sort(doc! { "_id": 1 })
            .batch_size(1000)
            .await?;
        let mut last = Head {
            seq: 0,
            hash: START.to_owned(),
        };
        while let Some(document) = entries.try_next().await? {
            report.entries += 1;
            let name = document.get("_id").map(ToString::to_string).unwrap_or_default();
            let Ok(link) = mongodb::bson::deserialize_from_document::<Link>(document) else {
                report.faults.push(AuditFault::Unreadable(name));
                continue;
            };
            report.faults.extend(look_at(&link, &last)?);
            let at = link.head();
            known.retain(|head| *head != at);
            last = at;
        }
        // Read again: entries may have been added since.
        let end = match self.sealed_head().await? {
            Sealed::Head(head) => head.seq,
            Sealed::Absent => 0,
            Sealed::Broken => last.seq,
        };
        if last.seq > end {
            report
                .faults
                .extend((end + 1..=last.seq).map(AuditFault::Inserted));
        }
        known.dedup();
        report.faults.extend(known.into_iter().map(AuditFault::CutOff));
        Ok(report)
    }

    async fn sealed_head(&self) -> Result<Sealed, StoreError> {
        let Some(row) = self.heads.find_one(doc! { "_id": HEAD }).await? else {
            return Ok(Sealed::Absent);
        };
        let head = Head {
            seq: row.seq,
            hash: row.hash,
        };
        let opened = self.seal.open(HEAD, &row.sealed);
        let ours = opened.is_ok_and(|opened| opened == head.to_string().as_bytes());
        Ok(if ours { Sealed::Head(head) } else { Sealed::Broken })
    }
}

enum Sealed {
    Head(Head),
    /// Nothing was ever written, or somebody took it away together with the entries.
    Absent,
    Broken,
}

/// Numbers are looked at before hashes: what follows a gap is itself in order.
fn look_at(link: &Link, last: &Head) -> Result<Vec<AuditFault>, StoreError> {
    let mut faults = Vec::new();
    if link.seq > last.seq + 1 {
        faults.push(AuditFault::Missing {
            from: last.seq + 1,
            to: link.seq - 1,
        });
    } else if link.previous != last.hash {
        faults.push(AuditFault::Unchained(link.seq));
    }
    if link.digest()? != link.hash {
        faults.push(AuditFault::Changed(link.seq));
    }
    Ok(faults)
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(seq) => write!(f, "entry {seq} was changed"),
            Self::Unchained(seq) => write!(
                f,
                "entry {seq} doesn't follow the one before it: one of the two was replaced"
            ),
            Self::Missing { from, to } if from == to => write!(f, "entry {from} is missing"),
            Self::Missing { from, to } => write!(f, "entries {from} to {to} are missing"),
            Self::Unreadable(name) => write!(
                f,
                "the document {name} isn't an entry: it was changed or inserted"
            ),
            Self::Inserted(seq) => write!(f, "entry {seq} was inserted beyond the end"),
            Self::NoHead => write!(f, "the end of the chain isn't sealed with this deployment's key"),
            Self::CutOff(head) => write!(
                f,
                "the chain once had entry {}, with the hash {}; its end was cut off or written anew",
                head.seq, head.hash
            ),
        }
    }
}
