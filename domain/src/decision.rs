//! Why a conversation went to somebody, or to nobody.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ConversationId, DecisionId, QueueId, RuleId, Timestamp, UserId};

/// Why an agent wasn't chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Rejection {
    /// Their declared presence takes no work.
    NotRoutable,
    /// No live device.
    NoDevice,
    NotInQueueTeams,
    ChannelNotAllowed,
    MissingSkill {
        skill_id: crate::SkillId,
        needed: u8,
        has: u8,
    },
    /// The queue doesn't take "any agent" and the conversation asks for no skill.
    NoRequirement,
    AtCapacity {
        used: u32,
        total: u32,
        needed: u32,
    },
    Declined,
    /// Kept free for a heavier conversation that comes first and needs more units than they have free.
    KeptFor {
        conversation_id: ConversationId,
    },
    /// The conversation was this agent's a moment ago and waits for them first.
    WaitsForItsAgent {
        agent_id: UserId,
    },
    /// Lost the reservation to a simultaneous one.
    Raced,
}

/// One agent the engine looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Considered {
    pub agent_id: UserId,
    /// From 1, best first; absent if rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejection>,
    pub used: u32,
    pub total: u32,
    pub skill_fit: u32,
    pub last_assigned_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    Assigned {
        agent_id: UserId,
    },
    Offered {
        agent_id: UserId,
    },
    /// Nobody was eligible; it waits.
    Waiting,
}

/// A routing decision with everything that led to it (P10).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    pub id: DecisionId,
    pub conversation_id: ConversationId,
    pub at: Timestamp,
    pub rule_id: Option<RuleId>,
    pub rule_version: Option<u32>,
    pub queue_id: Option<QueueId>,
    /// The queues it flowed over from, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overflowed_from: Vec<QueueId>,
    /// What the engine was given, enough to repeat the decision.
    #[schema(value_type = Object)]
    pub input: serde_json::Value,
    pub considered: Vec<Considered>,
    pub outcome: Outcome,
}
