//! `audit_logs`: who changed what, one entry chained to the next; `audit_heads`: where the chain ends.
//!
//! Nothing here updates or deletes an entry, so that the database user may be given no right to (README, "In
//! production"). Whoever changes the collection behind the hub's back can write the chain anew, but not its head, which
//! is sealed with the deployment's key.

mod chain;
mod verify;

use futures_util::{FutureExt, TryStreamExt, stream::BoxStream};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Binary, DateTime, Document, doc},
    error::Error,
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{AuditEntry, AuditRecord, Timestamp};

use crate::{SealKey, dates::date, error::StoreError, page::Page};
pub use chain::Head;
use chain::{Link, START};
pub use verify::{AuditFault, AuditReport};

const HEAD: &str = "audit_head";

#[derive(Clone)]
pub struct AuditLogs {
    entries: Collection<Link>,
    heads: Collection<HeadRow>,
    seal: SealKey,
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub actor_id: Option<String>,
    pub action: Option<String>,
    pub object_type: Option<String>,
    pub object_id: Option<String>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct HeadRow {
    #[serde(rename = "_id")]
    id: String,
    seq: i64,
    hash: String,
    /// The two above, so that nobody without the key can write them.
    sealed: Binary,
    at: DateTime,
}

impl AuditLogs {
    pub(crate) fn new(database: &Database, seal: SealKey) -> Self {
        Self {
            entries: database.collection("audit_logs"),
            heads: database.collection("audit_heads"),
            seal,
        }
    }

    /// Adds an entry; two who write at once, on any node, follow each other. The new end of the chain.
    pub async fn append(&self, record: &AuditRecord) -> Result<Head, StoreError> {
        let mut session = self.entries.client().start_session().await?;
        let appended = session
            .start_transaction()
            .and_run((self, record), |session, (audit, record)| {
                audit.extend(session, record).boxed()
            })
            .await?;
        Ok(appended)
    }

    /// The head is read and written in the same transaction, so that it also puts the writers in order.
    async fn extend(&self, session: &mut ClientSession, record: &AuditRecord) -> Result<Head, Error> {
        let only = doc! { "_id": HEAD };
        let last = self.heads.find_one(only.clone()).session(&mut *session).await?;
        let (seq, hash) = last.map_or((0, START.to_owned()), |row| (row.seq, row.hash));
        let link = Link::after(seq, &hash, record).map_err(Error::custom)?;
        let head = link.head();
        self.entries.insert_one(&link).session(&mut *session).await?;
        let row = self.head_row(&head, link.at).map_err(Error::custom)?;
        self.heads
            .replace_one(only, row)
            .upsert(true)
            .session(session)
            .await?;
        Ok(head)
    }

    fn head_row(&self, head: &Head, at: DateTime) -> Result<HeadRow, StoreError> {
        let sealed = self.seal.seal(HEAD, head.to_string().as_bytes());
        Ok(HeadRow {
            id: HEAD.to_owned(),
            seq: head.seq,
            hash: head.hash.clone(),
            sealed: sealed.map_err(|error| StoreError::Refused(error.to_string()))?,
            at,
        })
    }

    /// Seals the end of the chain with the current key.
    pub async fn seal_anew(&self) -> Result<(), StoreError> {
        let Some(row) = self.heads.find_one(doc! { "_id": HEAD }).await? else {
            return Ok(());
        };
        let sealed = self.seal.anew(HEAD, &row.sealed);
        let sealed = sealed.map_err(|error| StoreError::Refused(error.to_string()))?;
        // Unless an entry was added meanwhile, whose end is sealed with the current key already.
        let same = doc! { "_id": HEAD, "seq": row.seq };
        self.heads
            .update_one(same, doc! { "$set": { "sealed": sealed } })
            .await?;
        Ok(())
    }

    /// A page of entries, newest first.
    pub async fn list(
        &self,
        filter: &AuditFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let mut query = filter.query();
        if let Some(cursor) = cursor {
            let before: i64 = cursor.parse().map_err(|_| StoreError::BadCursor)?;
            query.insert("_id", doc! { "$lt": before });
        }
        let links: Vec<Link> = self
            .entries
            .find(query)
            .sort(doc! { "_id": -1 })
            .limit(limit as i64 + 1)
            .await?
            .try_collect()
            .await?;
        let entries: Result<Vec<_>, _> = links.into_iter().map(AuditEntry::try_from).collect();
        Ok(Page::of(entries?, limit, |entry| entry.id.clone()))
    }

    /// All that fit, oldest first, as they are read.
    pub async fn stream(
        &self,
        filter: &AuditFilter,
    ) -> Result<BoxStream<'static, Result<AuditEntry, StoreError>>, StoreError> {
        let found = self.entries.find(filter.query()).sort(doc! { "_id": 1 }).await?;
        let entries = found
            .map_err(StoreError::from)
            .and_then(|link| std::future::ready(AuditEntry::try_from(link)));
        Ok(Box::pin(entries))
    }
}

impl AuditFilter {
    fn query(&self) -> Document {
        let mut query = Document::new();
        let texts = [
            ("actor_id", &self.actor_id),
            ("action", &self.action),
            ("object_type", &self.object_type),
            ("object_id", &self.object_id),
        ];
        for (field, text) in texts {
            if let Some(text) = text {
                query.insert(field, text);
            }
        }
        let mut at = Document::new();
        if let Some(from) = self.from {
            at.insert("$gte", date(from));
        }
        if let Some(until) = self.until {
            at.insert("$lt", date(until));
        }
        if !at.is_empty() {
            query.insert("at", at);
        }
        query
    }
}
