//! A conversation as it lies in the collection.

use mongodb::bson::DateTime;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AssignmentId, BranchId, Channel, Contact, Conversation, ConversationId, ConversationStatus, CustomerId,
    Direction, LastMessage, MessageId, MessageStatus, Offer, Position, Priority, QueueId, Requirement,
    RoutingState, RuleId, TeamId, UserId, Waiting,
};

use crate::dates::{date, timestamp};

#[derive(Serialize, Deserialize)]
pub struct Row {
    #[serde(rename = "_id")]
    pub id: ConversationId,
    pub channel: Channel,
    pub account_id: String,
    pub customer_id: CustomerId,
    pub contact: Contact,
    /// [`Conversation::open_key`], always.
    pub contact_key: String,
    /// The same, only while it isn't resolved: its unique index is P4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_key: Option<String>,
    pub status: ConversationStatus,
    pub routing_state: RoutingState,
    pub priority: Priority,
    pub priority_level: i32,
    pub team_id: Option<TeamId>,
    pub branch_id: Option<BranchId>,
    pub queue_id: Option<QueueId>,
    /// Its account's, when it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_queue_id: Option<QueueId>,
    pub assignee_id: Option<UserId>,
    pub assignment_id: Option<AssignmentId>,
    pub offer: Option<OfferRow>,
    pub labels: Vec<String>,
    /// Ids of unread inbound messages: a set, so that counting one twice counts it once.
    pub unread: Vec<MessageId>,
    pub last_message: Option<LastMessageRow>,
    pub last_inbound_at: Option<DateTime>,
    pub last_activity_at: DateTime,
    pub waiting: Option<WaitingRow>,
    /// Who had it last, for sticky routing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_agent_id: Option<UserId>,
    pub snoozed_until: Option<DateTime>,
    pub created_at: DateTime,
    pub resolved_at: Option<DateTime>,
    pub version: i64,
}

#[derive(Serialize, Deserialize)]
pub struct OfferRow {
    pub assignment_id: AssignmentId,
    pub agent_id: UserId,
    pub expires_at: Option<DateTime>,
}

/// Compared field by field from the first: `$max` keeps the message with the greatest position, whichever comes first.
#[derive(Serialize, Deserialize)]
pub struct LastMessageRow {
    pub position: Position,
    pub id: MessageId,
    pub direction: Direction,
    pub kind: String,
    pub preview: String,
    pub at: DateTime,
    pub status: MessageStatus,
}

#[derive(Serialize, Deserialize)]
pub struct WaitingRow {
    pub since: DateTime,
    pub requirements: Vec<Requirement>,
    pub declined: Vec<UserId>,
    pub rule_id: Option<RuleId>,
    pub rule_version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_in: Option<QueueId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns_to: Option<ReturnsToRow>,
}

#[derive(Serialize, Deserialize)]
pub struct ReturnsToRow {
    pub agent_id: UserId,
    pub until: DateTime,
}

impl From<&LastMessage> for LastMessageRow {
    fn from(last: &LastMessage) -> Self {
        Self {
            position: last.position.clone().unwrap_or_else(Position::start),
            id: last.id.clone(),
            direction: last.direction,
            kind: last.kind.clone(),
            preview: last.preview.clone(),
            at: date(last.at),
            status: last.status,
        }
    }
}

impl From<LastMessageRow> for LastMessage {
    fn from(row: LastMessageRow) -> Self {
        Self {
            id: row.id,
            direction: row.direction,
            kind: row.kind,
            preview: row.preview,
            at: timestamp(row.at),
            status: row.status,
            position: Some(row.position),
        }
    }
}

impl WaitingRow {
    pub fn into_waiting(self, priority: Priority, home: Option<QueueId>) -> Waiting {
        Waiting {
            since: timestamp(self.since),
            priority,
            requirements: self.requirements,
            declined: self.declined,
            home,
            placed_in: self.placed_in,
            returns_to: self.returns_to.map(|to| (to.agent_id, timestamp(to.until))),
            rule: self.rule_id.zip(self.rule_version),
        }
    }
}

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            channel: row.channel,
            account_id: row.account_id,
            customer_id: row.customer_id,
            contact: row.contact,
            status: row.status,
            routing_state: row.routing_state,
            priority: row.priority,
            team_id: row.team_id,
            branch_id: row.branch_id,
            queue_id: row.queue_id,
            assignee_id: row.assignee_id,
            assignment_id: row.assignment_id,
            offer: row.offer.map(|offer| Offer {
                assignment_id: offer.assignment_id,
                agent_id: offer.agent_id,
                expires_at: offer.expires_at.map(timestamp),
            }),
            labels: row.labels,
            unread: u32::try_from(row.unread.len()).unwrap_or(u32::MAX),
            last_message: row.last_message.map(LastMessage::from),
            last_inbound_at: row.last_inbound_at.map(timestamp),
            reply_window_until: None,
            last_activity_at: timestamp(row.last_activity_at),
            waiting_since: row.waiting.map(|waiting| timestamp(waiting.since)),
            snoozed_until: row.snoozed_until.map(timestamp),
            created_at: timestamp(row.created_at),
            resolved_at: row.resolved_at.map(timestamp),
            version: row.version,
        }
    }
}
