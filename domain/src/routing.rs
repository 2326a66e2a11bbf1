//! What team leads configure: skills, conditions, rules.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{OrderFact, QueueId, RuleId, SkillId, Timestamp};

/// Urgency class; a higher one is always served first within a queue.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

impl Priority {
    pub fn level(self) -> i32 {
        self as i32
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Skill {
    pub id: SkillId,
    pub name: String,
}

/// How good an agent is at something: 0 to 10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkillLevel {
    pub skill_id: SkillId,
    pub level: u8,
}

/// A skill that a conversation asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requirement {
    pub skill_id: SkillId,
    pub min_level: u8,
    /// Tier 0 never drops. Of the others the highest number drops first, the whole tier at once.
    pub tier: u8,
    /// Seconds of waiting after which this requirement no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after_secs: Option<u32>,
}

/// What a condition looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Channel,
    Account,
    Branch,
    Language,
    Text,
    Labels,
    /// The calendars of business hours that are open now, by id.
    Hours,
    /// A named attribute of the customer.
    Customer(String),
    /// Of the customer's orders in connected shops.
    Order(OrderFact),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    Is,
    IsNot,
    Contains,
    StartsWith,
    In,
    Exists,
    /// These four compare numbers with a number, or times (RFC 3339) with a time.
    GreaterThan,
    AtLeast,
    LessThan,
    AtMost,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(no_recursion)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Match {
        field: Field,
        operator: Operator,
        #[serde(default)]
        #[schema(value_type = Object)]
        value: Value,
    },
}

/// One stage of a rule; its time-out counts on the conversation's age, on top of the stages before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    pub queue_id: QueueId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Seconds in this step; without it, the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_secs: Option<u32>,
    /// Move on at once if no reservation was immediately possible.
    #[serde(default)]
    pub skip_if_no_agent_available: bool,
}

/// An ordered rule: the first whose condition matches decides queue, priority and requirements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoutingRule {
    pub id: RuleId,
    pub name: String,
    pub version: u32,
    /// Rules are tried from the lowest up.
    pub order: i32,
    pub enabled: bool,
    pub condition: Condition,
    pub steps: Vec<Step>,
    pub priority: Priority,
    pub requirements: Vec<Requirement>,
    pub updated_at: Timestamp,
}
