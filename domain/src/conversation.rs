//! A conversation: everything between one contact and one of our accounts until it is resolved.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AccountKey, AssignmentId, BranchId, Channel, ConversationId, CustomerId, Direction, MessageId,
    MessageStatus, Position, Priority, QueueId, Requirement, Room, TeamId, Timestamp, UserId,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConversationStatus {
    Open,
    Snoozed,
    Resolved,
}

impl ConversationStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }
}

/// Where the conversation stands with the routing engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoutingState {
    /// In a queue, for an agent to be found.
    Waiting,
    /// Reserved for an agent who hasn't answered yet.
    Offered,
    Assigned,
    /// Its agent's still, but the customer has been silent: it holds no capacity until they write again.
    Inactive,
    /// Resolved, snoozed, or not to be routed.
    None,
}

/// The person on the other side, as the inbox row shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// The provider's id of the person.
    pub external_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a message is addressed to (a phone number, an e-mail address), where it differs from `external_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// The last message, denormalised so that the inbox list is served from the conversation alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LastMessage {
    pub id: MessageId,
    pub direction: Direction,
    /// The content's type.
    pub kind: String,
    pub preview: String,
    pub at: Timestamp,
    pub status: MessageStatus,
    #[serde(skip)]
    pub position: Option<Position>,
}

/// A reservation that an agent hasn't answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    pub assignment_id: AssignmentId,
    pub agent_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// What the routing engine knows of a conversation's wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Since when, through declines and time-outs; for a returning customer, since their last message.
    pub since: Timestamp,
    pub priority: Priority,
    pub requirements: Vec<Requirement>,
    /// Agents who declined: not asked again for this wait.
    pub declined: Vec<UserId>,
    /// The queue of its account, where it stands if no rule says otherwise.
    pub home: Option<QueueId>,
    /// Where a person put it, whatever the rules say.
    pub placed_in: Option<QueueId>,
    /// The agent it was with before its customer fell silent, and until when it waits for them.
    pub returns_to: Option<(UserId, Timestamp)>,
    /// The rule that put it into its queue, with its version.
    pub rule: Option<(crate::RuleId, u32)>,
}

/// A conversation as the API and consoles see it; its JSON is [`crate::Shown`] to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(remote = "Self")]
pub struct Conversation {
    pub id: ConversationId,
    pub channel: Channel,
    pub account_id: String,
    pub customer_id: CustomerId,
    pub contact: Contact,
    pub status: ConversationStatus,
    pub routing_state: RoutingState,
    pub priority: Priority,
    pub team_id: Option<TeamId>,
    pub branch_id: Option<BranchId>,
    pub queue_id: Option<QueueId>,
    pub assignee_id: Option<UserId>,
    /// The live assignment, while there is one.
    pub assignment_id: Option<AssignmentId>,
    pub offer: Option<Offer>,
    pub labels: Vec<String>,
    /// Inbound messages nobody has read yet.
    pub unread: u32,
    pub last_message: Option<LastMessage>,
    /// When the customer last wrote (opens the reply window).
    pub last_inbound_at: Option<Timestamp>,
    /// Until when a free-form reply may be sent; absent where the channel has no such window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_window_until: Option<Timestamp>,
    /// Sorts the inbox: when something last happened, by our clock.
    pub last_activity_at: Timestamp,
    pub waiting_since: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    /// Grows with every change of state; `assign`, `accept` … compare it.
    pub version: i64,
}

impl Conversation {
    /// Unique among open conversations (P4).
    pub fn open_key(account: &AccountKey, external_id: &str) -> String {
        format!("{account}:{external_id}")
    }

    /// Where its customer hears of it, if they are connected to us.
    pub fn contact_room(&self) -> Option<Room> {
        if !self.channel.is_our_own() {
            return None;
        }
        let key = Self::open_key(&self.account(), &self.contact.external_id);
        Room::of_contact(self.channel, &key)
    }

    pub fn account(&self) -> AccountKey {
        AccountKey {
            channel: self.channel,
            account_id: self.account_id.clone(),
        }
    }
}
