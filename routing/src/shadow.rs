//! What other rules would have decided at the same instant, item by item: shadow mode's pure part.

use std::collections::{BTreeSet, HashMap};

use switchboard_domain::{
    Comparison, ConversationId, Decision, Difference, Fared, QueueId, ShadowSide, UserId,
};

use crate::{Item, Placement, Snapshot, assign_pass, decide, stands_in};

/// Waits of the shadow's pass whose reasons are known, and differences that are explained one by one.
const EXPLAIN: usize = 20;

/// Decides everything once more under the shadow's rules, and sets it beside what was decided: `placed`, and that those
/// of `waits` wait.
///
/// `live` and `shadow` are the same instant, with the same items in the same order, each classified by its own rules.
pub fn compare(
    live: &Snapshot,
    placed: &[&Placement],
    waits: &BTreeSet<&ConversationId>,
    shadow: &Snapshot,
) -> Vec<Comparison> {
    let pass = assign_pass(shadow, EXPLAIN);
    let would_be: HashMap<&ConversationId, &Placement> = by_conversation(&pass.placements);
    let placed: HashMap<&ConversationId, &Placement> = by_conversation(placed.iter().copied());
    let waiting: HashMap<&ConversationId, &Decision> = pass
        .waiting
        .iter()
        .map(|decision| (&decision.conversation_id, decision))
        .collect();
    let mut explained = 0;
    let mut comparisons = Vec::with_capacity(placed.len() + waits.len());
    for (item, shadow_item) in live.items.iter().zip(&shadow.items) {
        let id = &item.conversation_id;
        let was = placed.get(id).copied();
        if was.is_none() && !waits.contains(id) {
            continue;
        }
        let would = would_be.get(id).copied();
        let mut sides = (side(item, was, live), side(shadow_item, would, shadow));
        let differs_in = differences(&sides.0, &sides.1);
        if differs_in.contains(&Difference::Agent) && explained < EXPLAIN {
            explained += 1;
            let agents = (sides.0.agent_id.clone(), sides.1.agent_id.clone());
            let known = was.map(|was| &was.decision);
            sides.0.others_agent = agents.1.and_then(|agent| fared(&agent, item, known, live));
            let known = would
                .map(|would| &would.decision)
                .or_else(|| waiting.get(id).copied());
            sides.1.others_agent = agents
                .0
                .and_then(|agent| fared(&agent, shadow_item, known, shadow));
        }
        comparisons.push(Comparison {
            conversation_id: id.clone(),
            decision_id: was.map(|was| was.decision.id.clone()),
            waiting_since: item.waiting_since,
            at: live.now,
            live: sides.0,
            shadow: sides.1,
            differs_in,
        });
    }
    comparisons
}

fn by_conversation<'p>(
    placements: impl IntoIterator<Item = &'p Placement>,
) -> HashMap<&'p ConversationId, &'p Placement> {
    let placements = placements.into_iter();
    placements.map(|one| (&one.conversation_id, one)).collect()
}

fn side(item: &Item, placement: Option<&Placement>, snapshot: &Snapshot) -> ShadowSide {
    ShadowSide {
        queue_id: queue(item, placement, snapshot),
        rule_id: item.rule.as_ref().map(|(rule, _)| rule.clone()),
        rule_version: item.rule.as_ref().map(|(_, version)| *version),
        priority: item.priority,
        requirements: item.requirements.clone(),
        agent_id: placement.map(|placement| placement.agent_id.clone()),
        others_agent: None,
    }
}

/// The queue that gave it away, or the one it waits in.
fn queue(item: &Item, placement: Option<&Placement>, snapshot: &Snapshot) -> QueueId {
    let gave = placement.and_then(|placement| placement.decision.queue_id.clone());
    let stands = || stands_in(item, &snapshot.queues, snapshot.now).map(|state| state.queue.id.clone());
    gave.or_else(stands).unwrap_or_else(|| item.default_queue.clone())
}

fn differences(live: &ShadowSide, shadow: &ShadowSide) -> Vec<Difference> {
    [
        (Difference::Queue, live.queue_id != shadow.queue_id),
        (Difference::Rule, live.rule_id != shadow.rule_id),
        (Difference::Priority, live.priority != shadow.priority),
        (Difference::Requirements, live.requirements != shadow.requirements),
        (Difference::Agent, live.agent_id != shadow.agent_id),
    ]
    .into_iter()
    .filter_map(|(kind, differs)| differs.then_some(kind))
    .collect()
}

/// How `agent` came off in the item's decision; if that isn't at hand, as if the item had been alone.
fn fared(agent: &UserId, item: &Item, known: Option<&Decision>, snapshot: &Snapshot) -> Option<Fared> {
    let made;
    let decision = if let Some(known) = known {
        known
    } else {
        made = decide(item, &snapshot.agents, &snapshot.queues, snapshot.now).into_decision();
        &made
    };
    let one = decision.considered.iter().find(|one| one.agent_id == *agent)?;
    Some(Fared {
        rank: one.rank,
        rejected: one.rejected.clone(),
    })
}
