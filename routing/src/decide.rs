//! One item: who takes it, with the reasons of everyone who doesn't.

use std::time::Duration;

use switchboard_domain::{ConversationId, Decision, QueueId, Timestamp, UserId};

use crate::{
    AgentState, Item, QueueState,
    eligible::Ask,
    overflow::{Reached, follow},
    steps::standing,
    trace,
};

/// How an agent gets an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At once: the queue or the agent accepts automatically.
    Assign,
    /// For the agent to accept or decline.
    Offer { ttl: Duration },
}

/// An item that found its agent. Reserve the slots, then tell them.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    pub conversation_id: ConversationId,
    pub agent_id: UserId,
    /// The slots to hold; a simultaneous reservation from the same state wants one of them too.
    pub slots: Vec<u32>,
    /// Units of capacity: as many as there are slots.
    pub weight: u32,
    pub mode: Mode,
    pub decision: Decision,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Placed(Box<Placement>),
    /// Nobody can take it now.
    Waiting(Box<Decision>),
}

impl Verdict {
    pub fn decision(&self) -> &Decision {
        match self {
            Self::Placed(placement) => &placement.decision,
            Self::Waiting(decision) => decision,
        }
    }

    pub fn into_decision(self) -> Decision {
        match self {
            Self::Placed(placement) => placement.decision,
            Self::Waiting(decision) => *decision,
        }
    }
}

/// Decides one item against all agents given: each of them is in the decision, chosen, ranked or rejected.
///
/// It doesn't look at other items: whoever has waited longer comes first only in [`crate::assign_pass`].
pub fn decide(item: &Item, agents: &[AgentState], queues: &[QueueState], now: Timestamp) -> Verdict {
    let mut agents: Vec<&AgentState> = agents.iter().collect();
    agents.sort_by(|a, b| a.user_id.cmp(&b.user_id));
    let by_id = |id: &UserId| {
        let index = agents.binary_search_by(|agent| agent.user_id.cmp(id)).ok()?;
        Some(agents[index])
    };
    let find = |id: &QueueId| queues.iter().find(|state| state.queue.id == *id);
    let ask = Ask::among(item, now, by_id);
    trace::verdict(&ask, &tried(item, now, &find, &|state| state), find, &agents)
}

/// The queue an item stands in now, overflow included; none if its queues are gone.
pub fn stands_in<'s>(item: &Item, queues: &'s [QueueState], now: Timestamp) -> Option<&'s QueueState> {
    tried_queues(item, queues, now).into_iter().next()
}

/// All queues an item tries now, in this order, overflow included.
pub fn tried_queues<'s>(item: &Item, queues: &'s [QueueState], now: Timestamp) -> Vec<&'s QueueState> {
    let find = |id: &QueueId| queues.iter().find(|state| state.queue.id == *id);
    let tried = tried(item, now, &find, &|state| state);
    tried.into_iter().map(|reached| reached.queue).collect()
}

/// The queues an item tries now, each as far as it flows over. A step whose queue is gone leaves it to the default queue.
pub(crate) fn tried<'s, Q: Copy>(
    item: &Item,
    now: Timestamp,
    find: &impl Fn(&QueueId) -> Option<Q>,
    state: &impl Fn(Q) -> &'s QueueState,
) -> Vec<Reached<Q>> {
    let mut found: Vec<Q> = standing(item, item.age(now))
        .queues
        .into_iter()
        .filter_map(find)
        .collect();
    if found.is_empty() {
        found.extend(find(&item.default_queue));
    }
    found
        .into_iter()
        .map(|queue| follow(item, queue, now, find, state))
        .collect()
}
