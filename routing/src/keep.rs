//! Heavy conversations aren't passed for ever: after a while an agent is kept for them.
//!
//! An item of weight two needs two free units at once. Where every freed unit goes to an item of weight one, that
//! moment never comes. So an item that has waited [`KEEP_AFTER`] and lacks nothing but units *keeps* the agent who
//! lacks the fewest: nobody behind it is placed there. Hence the published bound: **from then on nobody behind it takes
//! a unit of the agent kept for it, and the units lacking never grow by those behind it; it is placed when that agent
//! has ended as many units as are lacking.** Those before it are a set that only shrinks ([`crate::OVERTAKE_BOUND`]).

use std::time::Duration;

use switchboard_domain::Queue;

use crate::{
    AgentState,
    eligible::{Ask, weight},
};

/// The wait after which an item that needs several units at once keeps an agent.
pub const KEEP_AFTER: Duration = Duration::from_mins(5);

/// Whether an item may keep an agent of this queue.
pub(crate) fn may_keep(ask: &Ask<'_>, queue: &Queue) -> bool {
    weight(queue) > 1 && ask.item.age(ask.now) >= KEEP_AFTER
}

/// The units that `agent` would have to end first; none if units aren't all that is lacking, or will never be enough.
pub(crate) fn lacking(ask: &Ask<'_>, queue: &Queue, agent: &AgentState) -> Option<u32> {
    if ask.never(queue, agent).is_some() || ask.absent(agent).is_some() {
        return None;
    }
    let needed = weight(queue);
    let mut lacking = 0;
    for (used, total) in ask.loads(agent) {
        if needed > total {
            return None;
        }
        lacking = lacking.max(used.saturating_add(needed).saturating_sub(total));
    }
    Some(lacking)
}
