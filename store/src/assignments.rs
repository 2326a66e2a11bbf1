//! `assignments`: who holds which conversation.
//!
//! P5 lives in two unique indexes over the live ones: a conversation has one, and a slot of an agent's capacity is in
//! one. A reservation is a single insert, so there is no counter that a crash could leave wrong.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    Assignment, AssignmentId, AssignmentStatus, Channel, ConversationId, QueueId, Timestamp, UserId,
};

use crate::{
    bulk,
    dates::{date, timestamp},
    error::StoreError,
};

#[derive(Clone)]
pub struct Assignments {
    collection: Collection<Row>,
}

/// A reservation to be made.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    pub assignment: Assignment,
    /// The units of the agent's capacity it takes, by number.
    pub slots: Vec<u32>,
    pub channel: Channel,
    /// The queue it came from, whose pace it is part of.
    pub queue_id: Option<QueueId>,
}

/// The conversation or a slot was given away a moment before.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken;

/// What a live assignment holds.
#[derive(Clone, Debug)]
pub struct Held {
    pub assignment: Assignment,
    pub slots: Vec<u32>,
    pub channel: Channel,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: AssignmentId,
    conversation_id: ConversationId,
    agent_id: UserId,
    status: AssignmentStatus,
    /// Present and true while it holds capacity; the unique indexes are partial on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live: Option<bool>,
    slots: Vec<u32>,
    channel: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queue_id: Option<QueueId>,
    expires_at: Option<DateTime>,
    over_capacity: bool,
    created_at: DateTime,
    ended_at: Option<DateTime>,
    version: i64,
}

impl Assignments {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("assignments"),
        }
    }

    /// The same documents, read in part.
    pub(crate) fn documents<T: Send + Sync>(&self) -> Collection<T> {
        self.collection.clone_with_type()
    }

    /// Reserves, all at once, each by itself.
    pub async fn reserve(&self, new: &[NewAssignment]) -> Result<Vec<Result<(), Taken>>, StoreError> {
        let rows = new
            .iter()
            .map(|new| mongodb::bson::serialize_to_raw_document_buf(&Row::from(new)))
            .collect::<Result<Vec<_>, _>>()?;
        let taken: HashSet<usize> = bulk::insert(&self.collection.clone_with_type(), rows)
            .await?
            .into_iter()
            .collect();
        Ok((0..new.len())
            .map(|i| if taken.contains(&i) { Err(Taken) } else { Ok(()) })
            .collect())
    }

    pub async fn get(&self, id: &AssignmentId) -> Result<Option<Assignment>, StoreError> {
        Ok(self
            .collection
            .find_one(doc! { "_id": id.as_str() })
            .await?
            .map(Assignment::from))
    }

    /// Everything that holds capacity.
    pub async fn live(&self) -> Result<Vec<Held>, StoreError> {
        self.find(doc! { "live": true }).await
    }

    /// Those that were made since then.
    pub async fn live_since(&self, since: Timestamp) -> Result<Vec<Assignment>, StoreError> {
        let live = self
            .find(doc! { "live": true, "created_at": { "$gte": date(since) } })
            .await?;
        Ok(live.into_iter().map(|held| held.assignment).collect())
    }

    pub async fn live_of(&self, agent: &UserId) -> Result<Vec<Held>, StoreError> {
        self.find(doc! { "live": true, "agent_id": agent.as_str() }).await
    }

    /// Those of these agents who hold something beyond their total.
    pub async fn over_capacity_of(&self, agents: &[&UserId]) -> Result<HashSet<UserId>, StoreError> {
        let ids: Vec<&str> = agents.iter().map(|agent| agent.as_str()).collect();
        let filter = doc! { "live": true, "agent_id": { "$in": ids }, "over_capacity": true };
        let over = self.find(filter).await?;
        Ok(over.into_iter().map(|held| held.assignment.agent_id).collect())
    }

    pub async fn live_for(&self, conversations: &[ConversationId]) -> Result<Vec<Held>, StoreError> {
        let ids: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
        self.find(doc! { "live": true, "conversation_id": { "$in": ids } })
            .await
    }

    /// Accept: a compare-and-set; `None` if the offer no longer stands.
    pub async fn accept(
        &self,
        id: &AssignmentId,
        agent: &UserId,
        now: Timestamp,
    ) -> Result<Option<Assignment>, StoreError> {
        let filter = doc! {
            "_id": id.as_str(), "agent_id": agent.as_str(), "status": "offered", "live": true,
            "$or": [{ "expires_at": null }, { "expires_at": { "$gt": date(now) } }],
        };
        let update = doc! { "$set": { "status": "active", "expires_at": null }, "$inc": { "version": 1 } };
        self.step(filter, update).await
    }

    /// Frees the capacity; `None` if it was freed before.
    pub async fn end(
        &self,
        id: &AssignmentId,
        status: AssignmentStatus,
        now: Timestamp,
    ) -> Result<Option<Assignment>, StoreError> {
        self.step(doc! { "_id": id.as_str(), "live": true }, ended(status, now)?)
            .await
    }

    /// As [`Self::end`], only while it is an unanswered offer.
    pub async fn end_offer(
        &self,
        id: &AssignmentId,
        status: AssignmentStatus,
        now: Timestamp,
    ) -> Result<Option<Assignment>, StoreError> {
        self.step(
            doc! { "_id": id.as_str(), "live": true, "status": "offered" },
            ended(status, now)?,
        )
        .await
    }

    /// As [`Self::end`], by conversation: whoever holds it.
    pub async fn end_of(
        &self,
        conversation: &ConversationId,
        status: AssignmentStatus,
        now: Timestamp,
    ) -> Result<Option<Assignment>, StoreError> {
        self.step(
            doc! { "conversation_id": conversation.as_str(), "live": true },
            ended(status, now)?,
        )
        .await
    }

    /// The conversation is over, and its agent has until `until` to wrap up; `None` if nobody held it.
    pub async fn wrap_up(
        &self,
        conversation: &ConversationId,
        until: Timestamp,
    ) -> Result<Option<Assignment>, StoreError> {
        let filter = doc! { "conversation_id": conversation.as_str(), "live": true, "status": "active" };
        let update = doc! {
            "$set": { "status": "wrapping_up", "expires_at": date(until) }, "$inc": { "version": 1 },
        };
        self.step(filter, update).await
    }

    /// A conversation came back: whoever still wraps it up is done with that.
    pub async fn end_wrap_ups_of(
        &self,
        conversations: &[ConversationId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ids: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
        let filter = doc! { "conversation_id": { "$in": ids }, "live": true, "status": "wrapping_up" };
        let ended = ended(AssignmentStatus::Completed, now)?;
        self.collection.update_many(filter, ended).await?;
        Ok(())
    }

    /// Offers whose time is over.
    pub async fn overdue(&self, now: Timestamp) -> Result<Vec<Assignment>, StoreError> {
        let filter = doc! { "live": true, "status": "offered", "expires_at": { "$lte": date(now) } };
        Ok(self
            .find(filter)
            .await?
            .into_iter()
            .map(|held| held.assignment)
            .collect())
    }

    /// Those that ended since `since`: what a crash may have left half done.
    pub async fn ended_since(&self, since: Timestamp) -> Result<Vec<Assignment>, StoreError> {
        Ok(self
            .find(doc! { "ended_at": { "$gte": date(since) } })
            .await?
            .into_iter()
            .map(|held| held.assignment)
            .collect())
    }

    /// How many conversations each queue gave to agents since `since`.
    pub async fn given_since(&self, since: Timestamp) -> Result<HashMap<QueueId, u32>, StoreError> {
        #[derive(Deserialize)]
        struct Count {
            #[serde(rename = "_id")]
            queue_id: QueueId,
            given: u32,
        }
        let pipeline = [
            doc! { "$match": { "created_at": { "$gte": date(since) }, "queue_id": { "$type": "string" } } },
            doc! { "$group": { "_id": "$queue_id", "given": { "$sum": 1 } } },
        ];
        let counts: Vec<Count> = self
            .collection
            .aggregate(pipeline)
            .with_type()
            .await?
            .try_collect()
            .await?;
        Ok(counts
            .into_iter()
            .map(|count| (count.queue_id, count.given))
            .collect())
    }

    async fn find(&self, filter: Document) -> Result<Vec<Held>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(filter)
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Held {
                slots: row.slots.clone(),
                channel: row.channel,
                assignment: row.into(),
            })
            .collect())
    }

    async fn step(&self, filter: Document, update: Document) -> Result<Option<Assignment>, StoreError> {
        let row = self
            .collection
            .find_one_and_update(filter, update)
            .return_document(ReturnDocument::After)
            .await?;
        Ok(row.map(Assignment::from))
    }
}

fn ended(status: AssignmentStatus, now: Timestamp) -> Result<Document, StoreError> {
    let status = mongodb::bson::serialize_to_bson(&status)?;
    Ok(
        doc! { "$set": { "status": status, "ended_at": date(now) }, "$unset": { "live": "" }, "$inc": { "version": 1 } },
    )
}

impl From<&NewAssignment> for Row {
    fn from(new: &NewAssignment) -> Self {
        let assignment = new.assignment.clone();
        Self {
            id: assignment.id,
            conversation_id: assignment.conversation_id,
            agent_id: assignment.agent_id,
            live: assignment.status.is_live().then_some(true),
            status: assignment.status,
            slots: new.slots.clone(),
            channel: new.channel,
            queue_id: new.queue_id.clone(),
            expires_at: assignment.expires_at.map(date),
            over_capacity: assignment.over_capacity,
            created_at: date(assignment.created_at),
            ended_at: assignment.ended_at.map(date),
            version: assignment.version,
        }
    }
}

impl From<Row> for Assignment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            agent_id: row.agent_id,
            status: row.status,
            expires_at: row.expires_at.map(timestamp),
            weight: u32::try_from(row.slots.len()).unwrap_or(u32::MAX),
            over_capacity: row.over_capacity,
            created_at: timestamp(row.created_at),
            ended_at: row.ended_at.map(timestamp),
            version: row.version,
        }
    }
}
