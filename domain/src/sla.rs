//! Service levels: what was promised to whom, and how a conversation stands with it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CalendarId, Channel, ConversationId, QueueId, SlaPolicyId, Timestamp};

/// A promise, and the conversations it is made to. Empty lists ask for nothing. The first policy that applies holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlaPolicy {
    pub id: SlaPolicyId,
    pub name: String,
    /// Policies are tried from the lowest up.
    pub order: i32,
    pub enabled: bool,
    #[serde(default)]
    pub queue_ids: Vec<QueueId>,
    /// One of them is enough.
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// Seconds from the customer's first message to the first reply.
    pub first_response_secs: Option<u32>,
    /// Seconds from a later message of the customer to its reply.
    pub next_response_secs: Option<u32>,
    /// Seconds until it is resolved.
    pub resolution_secs: Option<u32>,
    /// Only this calendar's open time counts; without one, all time does.
    pub business_hours_id: Option<CalendarId>,
    /// A warning comes when so much of the time is gone.
    pub warn_at_percent: u8,
    /// The time to resolution stands still while the conversation is snoozed.
    pub pause_while_snoozed: bool,
    /// The time to resolution stands still while it is the customer's turn.
    pub pause_while_customers_turn: bool,
    pub on_reopen: OnReopen,
}

/// What a conversation that comes back after it was resolved finds of its time to resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnReopen {
    /// It goes on where it stood; being resolved takes no time.
    #[default]
    Continue,
    /// It begins anew.
    Restart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlaMetric {
    FirstResponse,
    NextResponse,
    Resolution,
}

impl SlaMetric {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::NextResponse => "next_response",
            Self::Resolution => "resolution",
        }
    }
}

/// One promise of one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlaTimer {
    pub metric: SlaMetric,
    pub state: SlaState,
    /// Since when it counts.
    pub started_at: Timestamp,
    /// Open time that has counted, in seconds.
    pub elapsed_secs: u64,
    pub target_secs: u32,
    /// While it runs: when a warning comes, and when it is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warns_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_at: Option<Timestamp>,
    /// Broken, even if it was answered later.
    pub breached: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlaState {
    Running,
    Paused,
    /// Answered or resolved: nothing counts any more.
    Met,
}

/// How a conversation stands with its policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlaStanding {
    pub conversation_id: ConversationId,
    pub policy_id: SlaPolicyId,
    pub timers: Vec<SlaTimer>,
}

/// What happened to a conversation, as far as promises go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaEvent {
    pub at: Timestamp,
    pub what: SlaEventKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaEventKind {
    CustomerWrote,
    AgentReplied,
    Snoozed,
    Woke,
    Resolved,
    Reopened,
}

/// `data` of `sla.warning` and `sla.breached`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlaAlarm {
    pub conversation_id: ConversationId,
    pub policy_id: SlaPolicyId,
    pub metric: SlaMetric,
    pub due_at: Timestamp,
}
