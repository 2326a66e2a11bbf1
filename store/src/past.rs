//! What happened, in bulk and without what was said: for simulations.

use futures_util::TryStreamExt;
use mongodb::bson::{DateTime, doc};
use serde::Deserialize;
use switchboard_domain::{AssignmentStatus, BranchId, Channel, ConversationId, QueueId, Timestamp, UserId};

use crate::{
    Assignments, Conversations,
    dates::{date, timestamp},
    error::StoreError,
};

/// A conversation as it was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    pub id: ConversationId,
    pub created_at: Timestamp,
    pub channel: Channel,
    pub account_id: String,
    pub branch_id: Option<BranchId>,
    pub home_queue_id: Option<QueueId>,
    pub labels: Vec<String>,
}

/// Who held a conversation, and for how long.
#[derive(Clone, Debug)]
pub struct PastAssignment {
    pub conversation_id: ConversationId,
    pub agent_id: UserId,
    pub queue_id: Option<QueueId>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Not an offer that was declined or missed.
    pub taken: bool,
}

#[derive(Deserialize)]
struct OpenedRow {
    #[serde(rename = "_id")]
    id: ConversationId,
    created_at: DateTime,
    channel: Channel,
    account_id: String,
    branch_id: Option<BranchId>,
    #[serde(default)]
    home_queue_id: Option<QueueId>,
    labels: Vec<String>,
}

#[derive(Deserialize)]
struct AssignmentRow {
    conversation_id: ConversationId,
    agent_id: UserId,
    #[serde(default)]
    queue_id: Option<QueueId>,
    created_at: DateTime,
    ended_at: Option<DateTime>,
    status: AssignmentStatus,
}

impl Conversations {
    /// Those opened since, the oldest first. Ids sort by the time of their making (UUID version 7), so that no other index
    /// is needed.
    pub async fn opened_since(&self, since: Timestamp, limit: i64) -> Result<Vec<Opened>, StoreError> {
        let from = format!("{:012x}", since.as_millis().max(0));
        let rows: Vec<OpenedRow> = self
            .documents::<OpenedRow>()
            .find(doc! { "_id": { "$gte": from }, "created_at": { "$gte": date(since) } })
            .projection(doc! {
                "created_at": 1, "channel": 1, "account_id": 1, "branch_id": 1, "home_queue_id": 1, "labels": 1,
            })
            .sort(doc! { "_id": 1 })
            .limit(limit)
            .batch_size(10_000)
            .await?
            .try_collect()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Opened {
                id: row.id,
                created_at: timestamp(row.created_at),
                channel: row.channel,
                account_id: row.account_id,
                branch_id: row.branch_id,
                home_queue_id: row.home_queue_id,
                labels: row.labels,
            })
            .collect())
    }
}

impl Assignments {
    /// All that were made since.
    pub async fn since(&self, since: Timestamp) -> Result<Vec<PastAssignment>, StoreError> {
        let rows: Vec<AssignmentRow> = self
            .documents::<AssignmentRow>()
            .find(doc! { "created_at": { "$gte": date(since) } })
            .projection(doc! {
                "conversation_id": 1, "agent_id": 1, "queue_id": 1, "created_at": 1, "ended_at": 1, "status": 1,
            })
            .batch_size(10_000)
            .await?
            .try_collect()
            .await?;
        let refused = [
            AssignmentStatus::Offered,
            AssignmentStatus::Declined,
            AssignmentStatus::Expired,
        ];
        Ok(rows
            .into_iter()
            .map(|row| PastAssignment {
                taken: !refused.contains(&row.status),
                conversation_id: row.conversation_id,
                agent_id: row.agent_id,
                queue_id: row.queue_id,
                created_at: timestamp(row.created_at),
                ended_at: row.ended_at.map(timestamp),
            })
            .collect())
    }
}
