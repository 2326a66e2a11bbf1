//! A line of waiting conversations: who serves it, how, and where it flows over to.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CalendarId, QueueId, TeamId};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    #[default]
    Balanced,
    RoundRobin,
    BestSkill,
    StickyFirst,
}

/// A line of waiting conversations and the teams that serve it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Queue {
    pub id: QueueId,
    pub name: String,
    pub team_ids: Vec<TeamId>,
    pub strategy: Strategy,
    /// How long an offer stands before it goes to somebody else, in seconds.
    pub offer_ttl_secs: u32,
    /// Offers become assignments at once, whatever the agent prefers.
    pub auto_accept: bool,
    /// Any agent of the teams will do, even if a conversation asks for no skill. Without it, a conversation that asks
    /// for nothing waits for nobody in particular and is shown as such.
    pub any_agent: bool,
    /// Units of capacity a conversation of this queue takes.
    pub weight: u32,
    /// How long a resolved conversation goes on taking its agent's capacity, in seconds.
    #[serde(default)]
    pub wrap_up_secs: u32,
    /// The calendar that says when it is open; without one it always is. Agents who are there are given its
    /// conversations also when it is closed: what closing changes is said in `overflow` and in rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_hours_id: Option<CalendarId>,
    /// Where its conversations go instead: the first whose time has come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overflow: Vec<Overflow>,
}

impl Queue {
    pub fn offer_ttl(&self) -> Duration {
        Duration::from_secs(u64::from(self.offer_ttl_secs))
    }
}

/// Another queue, and when a conversation goes there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Overflow {
    pub when: OverflowWhen,
    pub to: QueueId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverflowWhen {
    /// Outside the queue's business hours.
    Closed,
    /// At least so many wait before it.
    Depth(u32),
    /// It would probably wait at least so many seconds, as the queue moves now.
    PredictedWaitSecs(u32),
    /// It has waited so many seconds, wherever it has stood.
    WaitedSecs(u32),
}
