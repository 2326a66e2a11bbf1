//! Items of several units among many of one: passed at first, never for ever.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use switchboard_domain::{Queue, Rejection, UserId};
use switchboard_routing::{AgentState, Item, KEEP_AFTER, Pass, QueueState, Snapshot, assign_pass, replay};

use crate::build::{at, item, loaded, queue, step};

fn queues(weight: u32) -> Vec<QueueState> {
    let heavy = Queue {
        weight,
        ..queue("heavy")
    };
    vec![queue("main").into(), heavy.into()]
}

fn heavy(since: i64) -> Item {
    Item {
        steps: vec![step("heavy", None)],
        ..item("heavy", since)
    }
}

fn pass(agents: Vec<AgentState>, items: Vec<Item>, now: i64) -> Pass {
    let snapshot = Snapshot {
        now: at(now),
        agents,
        queues: queues(2),
        items,
    };
    assign_pass(&snapshot, 10)
}

#[test]
fn the_agent_who_lacks_least_is_kept_after_a_while() {
    let agents = || vec![loaded("ann", 4, 5), loaded("ben", 3, 4), loaded("cem", 2, 3)];
    let items = || {
        vec![
            heavy(0),
            item("small", 10),
            item("smaller", 20),
            item("smallest", 30),
        ]
    };
    let late = i64::try_from(KEEP_AFTER.as_secs()).unwrap();
    let early = pass(agents(), items(), late - 1);
    assert_eq!(early.placements.len(), 3, "everyone is used");
    let kept = pass(agents(), items(), late);
    let takers: Vec<&str> = kept
        .placements
        .iter()
        .map(|placed| placed.agent_id.as_str())
        .collect();
    assert_eq!(
        takers,
        ["cem", "ben"],
        "ann is kept: the smallest id of those who lack one unit"
    );
    let left = kept
        .waiting
        .iter()
        .find(|decision| decision.conversation_id.as_str() == "smallest")
        .unwrap();
    let ann = left
        .considered
        .iter()
        .find(|one| one.agent_id.as_str() == "ann")
        .unwrap();
    assert_eq!(
        ann.rejected,
        Some(Rejection::KeptFor {
            conversation_id: "heavy".into()
        })
    );
    assert_eq!(&replay(left).unwrap(), left);
}

#[test]
fn nobody_is_kept_for_what_will_never_fit() {
    let late = i64::try_from(KEEP_AFTER.as_secs()).unwrap();
    let kept = pass(vec![loaded("ann", 0, 1)], vec![heavy(0), item("small", 10)], late);
    assert_eq!(kept.placements.len(), 1);
}

/// Agents full of single units; one of them ends each turn, and two new ones arrive.
struct Stream {
    agents: Vec<AgentState>,
    ends: Vec<prop::sample::Index>,
    weight: u32,
}

impl Stream {
    /// How many units the agents kept for the heavy item ended until it was placed.
    fn run(mut self) -> Option<usize> {
        let mut waiting = vec![heavy(0)];
        let mut kept: BTreeSet<UserId> = BTreeSet::new();
        let mut ended: BTreeMap<UserId, usize> = BTreeMap::new();
        for (turn, end) in (1_i64..).zip(&self.ends) {
            // Everything happens once the wait is long enough; the others are younger.
            let now = i64::try_from(KEEP_AFTER.as_secs()).unwrap() + turn;
            let busy: Vec<usize> = (0..self.agents.len())
                .filter(|&agent| self.agents[agent].used() > 0)
                .collect();
            let agent = *end.get(&busy);
            let slot = *self.agents[agent].held.iter().next().unwrap();
            self.agents[agent].held.remove(&slot);
            if kept.contains(&self.agents[agent].user_id) {
                *ended.entry(self.agents[agent].user_id.clone()).or_default() += 1;
            }
            waiting.extend((0..2).map(|nth| item(&format!("small-{turn}-{nth}"), now)));
            let snapshot = Snapshot {
                now: at(now),
                agents: self.agents.clone(),
                queues: queues(self.weight),
                items: waiting.clone(),
            };
            let pass = assign_pass(&snapshot, usize::MAX);
            kept = pass.waiting.iter().flat_map(kept_agents).collect();
            for placed in &pass.placements {
                if placed.conversation_id.as_str() == "heavy" {
                    return Some(ended.values().copied().max().unwrap_or(0));
                }
                let taker = self
                    .agents
                    .iter_mut()
                    .find(|agent| agent.user_id == placed.agent_id)
                    .unwrap();
                taker.held.extend(&placed.slots);
                waiting.retain(|item| item.conversation_id != placed.conversation_id);
            }
        }
        None
    }
}

fn kept_agents(decision: &switchboard_domain::Decision) -> Vec<UserId> {
    let kept = decision
        .considered
        .iter()
        .filter(|one| matches!(one.rejected, Some(Rejection::KeptFor { .. })));
    kept.map(|one| one.agent_id.clone()).collect()
}

proptest! {
    #[test]
    fn a_heavy_item_is_placed_within_the_bound(
        totals in prop::collection::vec(2u32..6, 1..5),
        weight in 2u32..4,
        ends in prop::collection::vec(any::<prop::sample::Index>(), 200),
    ) {
        let fits = totals.iter().any(|total| *total >= weight);
        let agents = (0..).zip(&totals).map(|(nth, total)| loaded(&format!("a{nth}"), *total, *total)).collect();
        let ended = Stream { agents, ends, weight }.run();
        prop_assert_eq!(ended.is_some(), fits);
        prop_assert!(ended.unwrap_or(0) <= weight as usize, "one agent ended {:?} units", ended);
    }
}
