//! What promises to customers need to know of conversations, and what is remembered of promises.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use mongodb::bson::{DateTime, Document, doc};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Conversation, ConversationId, SlaEvent, SlaEventKind, Timestamp};

use super::{Conversations, row::Row};
use crate::{
    dates::{date, timestamp},
    error::StoreError,
};

/// Changes of state kept with a conversation, for the times that were promised.
const HISTORY: i32 = 200;

/// A change of state as it lies with its conversation.
#[derive(Serialize, Deserialize)]
pub struct HistoryRow {
    at: DateTime,
    what: SlaEventKind,
}

/// The part of an update that remembers a change of state: one write with the change itself.
pub(super) fn remember(what: SlaEventKind, at: Timestamp) -> Result<Document, StoreError> {
    let event = mongodb::bson::serialize_to_bson(&HistoryRow { at: date(at), what })?;
    Ok(doc! { "history": { "$each": [event], "$slice": -HISTORY } })
}

#[derive(Deserialize)]
struct OnlyHistory {
    #[serde(rename = "_id")]
    id: ConversationId,
    #[serde(default)]
    history: Vec<HistoryRow>,
}

impl Conversations {
    /// Those to which something happened since `since`, the longest ago first.
    pub async fn active_since(&self, since: Timestamp, limit: i64) -> Result<Vec<Conversation>, StoreError> {
        let filter = doc! {
            "status": { "$in": ["open", "snoozed", "resolved"] }, "last_activity_at": { "$gte": date(since) },
        };
        self.some(filter, doc! { "last_activity_at": 1 }, limit).await
    }

    /// Those whose next moment, as it was computed last, has come.
    pub async fn sla_due(&self, now: Timestamp, limit: i64) -> Result<Vec<Conversation>, StoreError> {
        self.some(
            doc! { "sla_next_at": { "$lte": date(now) } },
            doc! { "sla_next_at": 1 },
            limit,
        )
        .await
    }

    /// When to look at it again; never, if nothing is promised any more.
    pub async fn set_sla_next(&self, id: &ConversationId, next: Option<Timestamp>) -> Result<(), StoreError> {
        let update = if let Some(at) = next {
            doc! { "$set": { "sla_next_at": date(at) } }
        } else {
            doc! { "$unset": { "sla_next_at": "" } }
        };
        self.rows.update_one(doc! { "_id": id.as_str() }, update).await?;
        Ok(())
    }

    /// Claims the telling of an alarm: true for the first who asks.
    pub async fn claim_alarm(&self, id: &ConversationId, alarm: &str) -> Result<bool, StoreError> {
        let filter = doc! { "_id": id.as_str(), "sla_told": { "$ne": alarm } };
        let update = doc! { "$push": { "sla_told": { "$each": [alarm], "$slice": -HISTORY } } };
        Ok(self.rows.update_one(filter, update).await?.modified_count > 0)
    }

    /// The changes of state of each.
    pub async fn histories(
        &self,
        ids: &[ConversationId],
    ) -> Result<HashMap<ConversationId, Vec<SlaEvent>>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(ConversationId::as_str).collect();
        let rows: Vec<OnlyHistory> = self
            .rows
            .clone_with_type::<OnlyHistory>()
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "history": 1 })
            .await?
            .try_collect()
            .await?;
        let events = |history: Vec<HistoryRow>| {
            let events = history.into_iter().map(|row| SlaEvent {
                at: timestamp(row.at),
                what: row.what,
            });
            events.collect()
        };
        Ok(rows
            .into_iter()
            .map(|row| (row.id, events(row.history)))
            .collect())
    }

    async fn some(
        &self,
        filter: Document,
        sort: Document,
        limit: i64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let rows: Vec<Row> = self
            .rows
            .find(filter)
            .sort(sort)
            .limit(limit)
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(Conversation::from).collect())
    }
}
