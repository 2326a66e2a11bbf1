//! Which of the agents who can take an item gets it. Every strategy is a total order over agents.

use std::cmp::{Ordering, Reverse};

use switchboard_domain::{Queue, Requirement, Strategy};

use crate::{AgentState, eligible::Ask};

/// How well an agent fits; compared with [`Candidate::order`].
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub agent: &'a AgentState,
    pub fit: u32,
    sticky: bool,
}

impl<'a> Candidate<'a> {
    pub fn new(ask: &Ask<'_>, queue: &Queue, agent: &'a AgentState) -> Self {
        let last = ask.item.last_agent.as_ref().filter(|last| ask.now < last.until);
        Self {
            agent,
            fit: fit(&ask.item.requirements, queue.strategy, agent),
            sticky: queue.strategy == Strategy::StickyFirst
                && last.is_some_and(|last| last.agent_id == agent.user_id),
        }
    }

    /// Best first.
    pub fn order(&self, other: &Self, strategy: Strategy) -> Ordering {
        let by_fit = || other.fit.cmp(&self.fit);
        let by_load = || load_ratio(self.agent, other.agent);
        let first = match strategy {
            Strategy::Balanced | Strategy::BestSkill => by_fit().then_with(by_load),
            Strategy::RoundRobin => Ordering::Equal,
            Strategy::StickyFirst => Reverse(self.sticky)
                .cmp(&Reverse(other.sticky))
                .then_with(by_fit)
                .then_with(by_load),
        };
        first.then_with(|| turn(self.agent).cmp(&turn(other.agent)))
    }
}

/// How well the agent's skills answer what was asked for, dropped requirements included.
///
/// `best_skill` adds up their levels. Elsewhere more than was asked for counts nothing: the experts would fill up first.
fn fit(requirements: &[Requirement], strategy: Strategy, agent: &AgentState) -> u32 {
    requirements
        .iter()
        .map(|asked| {
            let level = agent.level(&asked.skill_id).unwrap_or(0);
            u32::from(if strategy == Strategy::BestSkill {
                level
            } else {
                level.min(asked.min_level)
            })
        })
        .sum()
}

/// Compares used / total without dividing (Azure Job Router's load ratio).
fn load_ratio(a: &AgentState, b: &AgentState) -> Ordering {
    let cross = |x: &AgentState, y: &AgentState| u64::from(x.used()) * u64::from(y.total);
    cross(a, b).cmp(&cross(b, a))
}

/// Longest without an assignment first, never at all before everyone; then the id.
fn turn(agent: &AgentState) -> impl Ord + '_ {
    (agent.last_assigned_at, agent.turn, &agent.user_id)
}
