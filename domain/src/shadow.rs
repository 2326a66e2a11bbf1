//! Shadow mode: rules that are decided by beside those in force, to see what they would change before they do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ConversationId, DecisionId, Priority, QueueId, Rejection, Requirement, RoutingRule, RuleId, ShadowRunId,
    Timestamp, UserId,
};

/// Rules in the shadow of those in force. Nobody is routed by them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowRun {
    pub id: ShadowRunId,
    pub started_by: UserId,
    pub started_at: Timestamp,
    /// When it ends if nothing else ends it.
    pub ends_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// The published version it is compared with. Another one being published ends it.
    pub base_version: u32,
    pub rules: Vec<RoutingRule>,
}

/// Whether a run still compares, and what ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShadowState {
    Running,
    /// By a person.
    Stopped,
    /// Other rules are in force than those it was compared with.
    Published,
    /// Its time is over.
    Expired,
}

impl ShadowRun {
    /// Follows from when it is and what is in force, so that nothing has to be written for it to end.
    pub fn state(&self, live_version: u32, now: Timestamp) -> ShadowState {
        if self.stopped_at.is_some() {
            ShadowState::Stopped
        } else if live_version != self.base_version {
            ShadowState::Published
        } else if now >= self.ends_at {
            ShadowState::Expired
        } else {
            ShadowState::Running
        }
    }
}

/// In what two decisions about a conversation differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    Queue,
    /// Another rule, or none; a rule's next version is the same rule.
    Rule,
    Priority,
    Requirements,
    /// Another agent, or one where the other rules let it wait.
    Agent,
}

/// What one of the two sets of rules makes of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowSide {
    pub queue_id: QueueId,
    pub rule_id: Option<RuleId>,
    pub rule_version: Option<u32>,
    pub priority: Priority,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// Absent: it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<UserId>,
    /// How the other side's agent fared here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_agent: Option<Fared>,
}

/// How an agent came off in a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fared {
    /// From 1, best first; absent if rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejection>,
}

/// One decision of the rules in force, beside what the shadow's rules would have decided at the same instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    pub conversation_id: ConversationId,
    /// The live decision; absent: that it has to wait, which counts once for each wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<DecisionId>,
    pub waiting_since: Timestamp,
    pub at: Timestamp,
    pub live: ShadowSide,
    pub shadow: ShadowSide,
    /// Empty: they agree.
    pub differs_in: Vec<Difference>,
}

/// What came of a run, as far as its reader may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowReport {
    /// Decisions that were compared.
    pub compared: u64,
    /// The conversations they are about.
    pub conversations: u64,
    /// Decisions that differ in something.
    pub differing: u64,
    /// How many differ in what; one may differ in several things.
    pub differences: Vec<DifferenceCount>,
    /// Where they stand, and where the shadow's rules would have them.
    pub queues: Vec<ShadowQueues>,
    /// The latest that differ.
    pub examples: Vec<Comparison>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DifferenceCount {
    pub kind: Difference,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShadowQueues {
    pub live_queue_id: QueueId,
    pub shadow_queue_id: QueueId,
    pub compared: u64,
    pub differing: u64,
}
