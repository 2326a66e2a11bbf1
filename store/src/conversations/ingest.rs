//! What the ingest and outbound workers do to conversations, many at a time.

use std::{collections::HashMap, time::Duration};

use futures_util::TryStreamExt;
use mongodb::bson::{DateTime, doc};
use serde::Deserialize;
use switchboard_domain::{
    AccountKey, BranchId, Contact, Conversation, ConversationId, ConversationStatus, CustomerId, LastMessage,
    MessageId, MessageStatus, Offer, Priority, QueueId, RoutingState, TeamId, Timestamp, UserId,
};

use super::{
    Conversations,
    row::{LastMessageRow, OfferRow, Row, WaitingRow},
};
use crate::{
    bulk::{self, Update},
    dates::{date, timestamp},
    error::StoreError,
};

/// Unread messages counted one by one; beyond, the badge says "at least so many".
const MOST_UNREAD: usize = 100;

/// The little that ingest needs of a conversation that is not resolved.
#[derive(Clone, Debug)]
pub struct OpenConversation {
    pub id: ConversationId,
    pub customer_id: CustomerId,
    pub status: ConversationStatus,
    pub routing_state: RoutingState,
    pub team_id: Option<TeamId>,
    pub branch_id: Option<BranchId>,
    pub assignee_id: Option<UserId>,
    pub offer: Option<Offer>,
    /// When it was last given or offered to an agent, by the database's clock.
    pub placed_at: Option<Timestamp>,
    pub unread: usize,
}

/// A conversation to be opened.
#[derive(Clone, Debug)]
pub struct NewConversation {
    pub id: ConversationId,
    pub account: AccountKey,
    pub customer_id: CustomerId,
    pub contact: Contact,
    pub team_id: Option<TeamId>,
    pub branch_id: Option<BranchId>,
    pub queue_id: Option<QueueId>,
    pub priority: Priority,
}

/// Messages that came for one conversation.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub conversation_id: ConversationId,
    /// The newest by position, which it has to carry.
    pub last: LastMessage,
    /// Inbound ones: they are unread.
    pub unread: Vec<MessageId>,
    /// When the customer wrote last; absent if nothing is theirs.
    pub last_inbound_at: Option<Timestamp>,
    pub activity_at: Timestamp,
}

/// A conversation that the customer has brought back.
#[derive(Debug)]
pub struct Reopened(pub Conversation);

#[derive(Deserialize)]
struct OpenRow {
    #[serde(rename = "_id")]
    id: ConversationId,
    open_key: String,
    customer_id: CustomerId,
    status: ConversationStatus,
    routing_state: RoutingState,
    team_id: Option<TeamId>,
    branch_id: Option<BranchId>,
    assignee_id: Option<UserId>,
    offer: Option<OfferRow>,
    placed_at: Option<DateTime>,
    unread: i32,
}

impl Conversations {
    /// The conversations that are open under these [`Conversation::open_key`]s.
    pub async fn open_by_keys(
        &self,
        keys: &[String],
    ) -> Result<HashMap<String, OpenConversation>, StoreError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<OpenRow> = self
            .bulk
            .collection::<OpenRow>("conversations")
            .find(doc! { "open_key": { "$in": keys } })
            .projection(doc! {
                "open_key": 1, "customer_id": 1, "status": 1, "routing_state": 1, "team_id": 1, "branch_id": 1, "assignee_id": 1, "offer": 1,
                "placed_at": 1,
                "unread": { "$size": "$unread" },
            })
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.open_key.clone(), row.into()))
            .collect())
    }

    /// Brings back the latest conversation of each key that was resolved within `within`; tells which.
    ///
    /// The unique index decides between two workers: one reopens, the other finds it open.
    pub async fn reopen_recent(
        &self,
        keys: &[String],
        within: Duration,
        now: Timestamp,
    ) -> Result<Vec<(String, Reopened)>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let filter = doc! {
            "contact_key": { "$in": keys }, "status": "resolved", "resolved_at": { "$gte": date(now.minus(within)) },
        };
        let rows: Vec<Row> = self
            .rows
            .find(filter)
            .sort(doc! { "resolved_at": 1 })
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        let latest: HashMap<String, ConversationId> =
            rows.into_iter().map(|row| (row.contact_key, row.id)).collect();
        let mut reopened = Vec::with_capacity(latest.len());
        for (key, id) in latest {
            match self
                .set_open(doc! { "_id": id.as_str(), "status": "resolved" }, Some(&key), now)
                .await
            {
                Ok(Some(conversation)) => reopened.push((key, Reopened(conversation))),
                Ok(None) | Err(StoreError::Duplicate) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(reopened)
    }

    /// Opens them; tells which, by index, lost to one that was opened at the same moment.
    pub async fn create(&self, new: &[NewConversation], now: Timestamp) -> Result<Vec<usize>, StoreError> {
        let rows = new
            .iter()
            .map(|new| mongodb::bson::serialize_to_raw_document_buf(&new.row(now)))
            .collect::<Result<Vec<_>, _>>()?;
        bulk::insert(&self.bulk.collection("conversations"), rows).await
    }

    /// Records messages on their conversations. Safe to repeat, and in any order: the last message is the one with the
    /// greatest position, unread is a set.
    pub async fn record(&self, arrived: &[Arrived]) -> Result<(), StoreError> {
        let updates = arrived.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
        bulk::update(&self.bulk, "conversations", updates).await?;
        Ok(())
    }

    /// Counts a message as unread that may have been counted before, and been read: one that was stored at that time.
    pub async fn unread_again(
        &self,
        messages: &[(&ConversationId, &MessageId, Timestamp)],
    ) -> Result<(), StoreError> {
        let updates = messages
            .iter()
            .map(|(conversation, message, stored_at)| {
                Update::new(
                    doc! { "_id": conversation.as_str(), "read_at": { "$not": { "$gte": date(*stored_at) } } },
                    doc! { "$addToSet": { "unread": message.as_str() } },
                )
            })
            .collect();
        bulk::update(&self.bulk, "conversations", updates).await?;
        Ok(())
    }

    /// Shows a message's new status in its conversation's row, where it is the last message.
    pub async fn last_status(
        &self,
        changed: &[(MessageId, ConversationId, MessageStatus)],
    ) -> Result<(), StoreError> {
        let updates = changed
            .iter()
            .map(|(message, conversation, status)| {
                Update::new(
                    doc! { "_id": conversation.as_str(), "last_message.id": message.as_str() },
                    doc! { "$set": { "last_message.status": status.as_str() } },
                )
            })
            .collect();
        bulk::update(&self.bulk, "conversations", updates).await?;
        Ok(())
    }

    /// Wakes a snoozed conversation because its customer wrote, or its time has come.
    pub async fn wake(
        &self,
        id: &ConversationId,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        self.set_open(doc! { "_id": id.as_str(), "status": "snoozed" }, None, now)
            .await
    }
}

/// Only operators that commute, and only `_id` in the filter: the server needn't plan each of them.
fn recorded(arrived: &Arrived) -> Result<Update, StoreError> {
    let last = mongodb::bson::serialize_to_bson(&LastMessageRow::from(&arrived.last))?;
    let mut max = doc! { "last_message": last, "last_activity_at": date(arrived.activity_at) };
    if let Some(at) = arrived.last_inbound_at {
        max.insert("last_inbound_at", date(at));
    }
    let mut update = doc! { "$max": max };
    if !arrived.unread.is_empty() {
        let ids: Vec<&str> = arrived
            .unread
            .iter()
            .take(MOST_UNREAD)
            .map(MessageId::as_str)
            .collect();
        update.insert("$addToSet", doc! { "unread": { "$each": ids } });
    }
    Ok(Update::new(
        doc! { "_id": arrived.conversation_id.as_str() },
        update,
    ))
}

impl OpenConversation {
    /// Whether another unread message would still be counted.
    pub fn counts_unread(&self) -> bool {
        self.unread < MOST_UNREAD
    }
}

impl From<OpenRow> for OpenConversation {
    fn from(row: OpenRow) -> Self {
        Self {
            id: row.id,
            customer_id: row.customer_id,
            status: row.status,
            routing_state: row.routing_state,
            team_id: row.team_id,
            branch_id: row.branch_id,
            assignee_id: row.assignee_id,
            offer: row.offer.map(|offer| Offer {
                assignment_id: offer.assignment_id,
                agent_id: offer.agent_id,
                expires_at: offer.expires_at.map(timestamp),
            }),
            placed_at: row.placed_at.map(timestamp),
            unread: usize::try_from(row.unread).unwrap_or(0),
        }
    }
}

impl NewConversation {
    fn row(&self, now: Timestamp) -> Row {
        let key = Conversation::open_key(&self.account, &self.contact.external_id);
        Row {
            id: self.id.clone(),
            channel: self.account.channel,
            account_id: self.account.account_id.clone(),
            customer_id: self.customer_id.clone(),
            contact: self.contact.clone(),
            contact_key: key.clone(),
            open_key: Some(key),
            status: ConversationStatus::Open,
            routing_state: RoutingState::Waiting,
            priority: self.priority,
            priority_level: self.priority.level(),
            team_id: self.team_id.clone(),
            branch_id: self.branch_id.clone(),
            queue_id: self.queue_id.clone(),
            home_queue_id: self.queue_id.clone(),
            assignee_id: None,
            assignment_id: None,
            offer: None,
            labels: Vec::new(),
            unread: Vec::new(),
            last_message: None,
            last_inbound_at: None,
            last_activity_at: date(now),
            waiting: Some(WaitingRow {
                since: date(now),
                requirements: Vec::new(),
                declined: Vec::new(),
                rule_id: None,
                rule_version: None,
                placed_in: None,
                returns_to: None,
            }),
            last_agent_id: None,
            snoozed_until: None,
            created_at: date(now),
            resolved_at: None,
            version: 1,
        }
    }

    /// The conversation as it will be read back.
    pub fn conversation(&self, now: Timestamp) -> Conversation {
        self.row(now).into()
    }
}
