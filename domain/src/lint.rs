//! What is wrong, or will go wrong, with a configuration of routing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{QueueId, RuleId};

/// A value that isn't acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldPointer {
    /// JSON pointer (RFC 6901) into what was sent.
    pub pointer: String,
    pub message: String,
}

/// Acceptable, but it won't do what it seems to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    pub kind: FindingKind,
    pub severity: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_id: Option<RuleId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<QueueId>,
    /// JSON pointer into the rules that were looked at, where it is about one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// An earlier rule takes everything that would match.
    UnreachableRule,
    /// Nothing can match.
    ImpossibleCondition,
    /// The step before it never ends.
    UnreachableStep,
    /// A skill that nobody in the queue holds well enough.
    SkillNobodyHolds,
    /// Somebody holds it, but nobody who is there now.
    SkillNotOnShift,
    /// Queues that flow over into each other.
    OverflowLoop,
    /// Conversations that nobody can ever be given.
    Starvation,
    QueueWithoutStaff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Conversations would wait for ever, or a rule does nothing.
    Error,
    Warning,
    /// True at this moment only.
    Notice,
}

/// What a queue can promise by its configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueuePromise {
    pub queue_id: QueueId,
    /// The longest a conversation stays in it before it goes elsewhere, in seconds of its age; absent: until somebody
    /// takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_wait_secs: Option<u32>,
    /// Who begins to wait so many seconds later never comes first, if the same agent could take both.
    pub overtaken_within_secs: u32,
    /// After so many seconds an agent is kept for a conversation that needs several units at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_an_agent_after_secs: Option<u32>,
}
