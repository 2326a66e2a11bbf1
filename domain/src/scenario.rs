//! What is simulated, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{BranchId, Channel, ConversationId, OrderFact, QueueId, SkillLevel, TeamId, Timestamp, UserId};

/// Conversations as they came, and agents as they were there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scenario {
    pub agents: Vec<ScenarioAgent>,
    pub conversations: Vec<ScenarioConversation>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioAgent {
    #[schema(value_type = String)]
    pub id: UserId,
    #[schema(value_type = Vec<String>)]
    pub team_ids: Vec<TeamId>,
    #[serde(default)]
    pub skills: Vec<SkillLevel>,
    pub capacity: u32,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub channel_limits: BTreeMap<Channel, u32>,
    /// When they were available; none: always.
    #[serde(default)]
    pub shifts: Vec<Shift>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shift {
    pub from: Timestamp,
    pub until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioConversation {
    #[schema(value_type = String)]
    pub id: ConversationId,
    /// When its customer began to wait.
    pub at: Timestamp,
    pub channel: Channel,
    pub account_id: String,
    #[schema(value_type = Option<String>)]
    pub branch_id: Option<BranchId>,
    /// The account's queue: where it goes if no rule matches.
    #[schema(value_type = Option<String>)]
    pub queue_id: Option<QueueId>,
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub language: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub customer: BTreeMap<String, Value>,
    /// What is known of the customer's orders; nothing: nothing.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub orders: BTreeMap<OrderFact, Value>,
    /// For how long it takes an agent's capacity.
    pub handle_secs: u32,
    /// From the assignment to the first reply.
    #[serde(default)]
    pub first_reply_secs: u32,
    /// Who had it last, for sticky queues.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub last_agent_id: Option<UserId>,
    /// What became of it in truth.
    #[serde(default)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Happened {
    #[schema(value_type = Option<String>)]
    pub queue_id: Option<QueueId>,
    #[schema(value_type = String)]
    pub agent_id: UserId,
    pub waited_secs: u32,
}

/// Waits of those who were given an agent, in seconds; percentiles by nearest rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waits {
    pub p50: u32,
    pub p90: u32,
    pub p99: u32,
    pub max: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SimulationReport {
    pub conversations: u32,
    pub assigned: u32,
    /// Still waiting at the end.
    pub unassigned: u32,
    pub overflowed: u32,
    /// First responses later than promised.
    pub breaches: u32,
    pub waits: Waits,
    pub queues: Vec<QueueReport>,
    pub agents: Vec<AgentReport>,
    /// Against what happened, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differences: Option<Differences>,
    /// What had to be assumed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueReport {
    pub queue_id: QueueId,
    /// Given to agents from here.
    pub assigned: u32,
    /// Stood here first, and were given to agents elsewhere by overflow.
    pub overflowed: u32,
    pub unassigned: u32,
    pub breaches: u32,
    pub waits: Waits,
    /// What happened: how many were given to agents from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_then: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_then: Option<Waits>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentReport {
    pub agent_id: UserId,
    pub assigned: u32,
    /// Seconds times units.
    pub worked_secs: u64,
    /// The most units at once.
    pub most_used: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_then: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Differences {
    /// Conversations of which it is known what happened.
    pub compared: u32,
    pub other_queue: u32,
    pub other_agent: u32,
    pub waited_longer: u32,
    pub waited_shorter: u32,
    pub waits_then: Waits,
}
