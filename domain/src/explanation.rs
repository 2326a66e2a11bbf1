//! "Why don't I get chats?": an agent's side of routing, as things are now.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ConversationId, Intent, QueueId, Rejection, Timestamp, UserId};

/// Everything that decides what an agent is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentExplanation {
    pub agent_id: UserId,
    pub at: Timestamp,
    /// What keeps them from any work at all, in words; empty if nothing does.
    pub obstacles: Vec<String>,
    pub status: Intent,
    pub online: bool,
    pub used: u32,
    pub total: u32,
    pub last_assigned_at: Option<Timestamp>,
    /// The queues their teams serve.
    pub queues: Vec<QueueId>,
    /// How many conversations wait in those queues.
    pub waiting: u32,
    /// Why those that wait aren't theirs, the first in line first; at most a hundred.
    pub conversations: Vec<WhyNot>,
}

/// A conversation that waits, from one agent's side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WhyNot {
    pub conversation_id: ConversationId,
    pub queue_id: QueueId,
    pub waiting_since: Timestamp,
    /// Absent: they could take it, and stand at `rank` for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejection>,
    /// From 1, among those who can take it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
}
