//! A reservation of an agent's capacity for a conversation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AssignmentId, ConversationId, Timestamp, UserId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AssignmentStatus {
    Offered,
    Active,
    /// The conversation is over; the agent still has something to do for it.
    #[serde(rename = "wrapping_up")]
    WrappingUp,
    Declined,
    Expired,
    Released,
    Completed,
}

impl AssignmentStatus {
    /// Whether it holds capacity.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Offered | Self::Active | Self::WrappingUp)
    }
}

/// `data` of `assignment.offered` and `assignment.updated`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Assignment {
    pub id: AssignmentId,
    pub conversation_id: ConversationId,
    pub agent_id: UserId,
    pub status: AssignmentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Units of the agent's capacity it takes.
    pub weight: u32,
    /// A person gave it beyond the agent's capacity.
    pub over_capacity: bool,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub version: i64,
}
