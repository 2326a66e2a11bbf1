//! A decision with everything that led to it (P10): the choice, its candidates, and everyone else's reasons.

use std::collections::BTreeMap;

use switchboard_domain::{Considered, Decision, DecisionId, Outcome, Queue, QueueId, Rejection, UserId};

use crate::{
    AgentState, Mode, Placement, QueueState, Verdict,
    capacity::reserve,
    eligible::{Ask, weight},
    input,
    overflow::Reached,
    rank::Candidate,
};

/// Tries the queues in turn; the first in which somebody can take the item decides.
///
/// `agents` come sorted by id, each once; `find` knows the queues that were passed through on overflow.
pub(crate) fn verdict<'s>(
    ask: &Ask<'_>,
    tried: &[Reached<&'s QueueState>],
    find: impl Fn(&QueueId) -> Option<&'s QueueState>,
    agents: &[&AgentState],
) -> Verdict {
    let passed = tried.iter().flat_map(|reached| &reached.from).filter_map(find);
    let mut known: Vec<&QueueState> = tried.iter().map(|reached| reached.queue).chain(passed).collect();
    known.dedup_by(|a, b| a.queue.id == b.queue.id);
    let input = || input::write(ask, &known, agents);
    let mut rejected = BTreeMap::new();
    for reached in tried {
        let queue = &reached.queue.queue;
        let eligible = sift(ask, queue, agents, &mut rejected);
        let Some(slots) = slots(queue, &eligible) else {
            continue;
        };
        let agent = eligible[0].agent;
        let mode = mode(ask, queue, agent);
        let ranked = (1..)
            .zip(&eligible)
            .map(|(rank, candidate)| considered(candidate, Some(rank), None));
        let everyone = ranked.chain(rejected.into_values()).collect();
        return Verdict::Placed(Box::new(Placement {
            conversation_id: ask.item.conversation_id.clone(),
            agent_id: agent.user_id.clone(),
            slots,
            weight: weight(queue),
            mode,
            decision: record(ask, Some(reached), input(), everyone, outcome(mode, agent)),
        }));
    }
    let everyone = rejected.into_values().collect();
    let decision = record(ask, tried.last(), input(), everyone, Outcome::Waiting);
    Verdict::Waiting(Box::new(decision))
}

/// Those who can take the item, best first; the others go to `rejected` with their reason.
fn sift<'a>(
    ask: &Ask<'_>,
    queue: &Queue,
    agents: &[&'a AgentState],
    rejected: &mut BTreeMap<&'a UserId, Considered>,
) -> Vec<Candidate<'a>> {
    let mut eligible = Vec::new();
    for &agent in agents {
        let candidate = Candidate::new(ask, queue, agent);
        match ask.rejection(queue, agent) {
            None => {
                rejected.remove(&agent.user_id);
                eligible.push(candidate);
            }
            // Someone who was looked at in a step that was skipped keeps the reason from there.
            Some(Rejection::NotInQueueTeams) if rejected.contains_key(&agent.user_id) => {}
            reason => {
                rejected.insert(&agent.user_id, considered(&candidate, None, reason));
            }
        }
    }
    eligible.sort_by(|a, b| a.order(b, queue.strategy));
    eligible
}

fn slots(queue: &Queue, eligible: &[Candidate<'_>]) -> Option<Vec<u32>> {
    let agent = eligible.first()?.agent;
    reserve(&agent.held, agent.total, weight(queue))
}

fn mode(ask: &Ask<'_>, queue: &Queue, agent: &AgentState) -> Mode {
    // What comes back to its agent was accepted before.
    if queue.auto_accept || agent.auto_accept || ask.only == Some(&agent.user_id) {
        Mode::Assign
    } else {
        Mode::Offer {
            ttl: queue.offer_ttl(),
        }
    }
}

fn outcome(mode: Mode, agent: &AgentState) -> Outcome {
    let agent_id = agent.user_id.clone();
    match mode {
        Mode::Assign => Outcome::Assigned { agent_id },
        Mode::Offer { .. } => Outcome::Offered { agent_id },
    }
}

fn considered(candidate: &Candidate<'_>, rank: Option<u32>, rejected: Option<Rejection>) -> Considered {
    let agent = candidate.agent;
    Considered {
        agent_id: agent.user_id.clone(),
        rank,
        rejected,
        used: agent.used(),
        total: agent.total,
        skill_fit: candidate.fit,
        last_assigned_at: agent.last_assigned_at,
    }
}

fn record(
    ask: &Ask<'_>,
    decided_in: Option<&Reached<&QueueState>>,
    input: serde_json::Value,
    considered: Vec<Considered>,
    outcome: Outcome,
) -> Decision {
    let item = ask.item;
    Decision {
        id: id(ask, &outcome),
        conversation_id: item.conversation_id.clone(),
        at: ask.now,
        rule_id: item.rule.as_ref().map(|(rule, _)| rule.clone()),
        rule_version: item.rule.as_ref().map(|(_, version)| *version),
        queue_id: decided_in.map(|reached| reached.queue.queue.id.clone()),
        overflowed_from: decided_in.map(|reached| reached.from.clone()).unwrap_or_default(),
        input,
        considered,
        outcome,
    }
}

/// Named by what it decides, so that storing it twice stores it once.
fn id(ask: &Ask<'_>, outcome: &Outcome) -> DecisionId {
    let agent = match outcome {
        Outcome::Assigned { agent_id } | Outcome::Offered { agent_id } => agent_id.as_str(),
        Outcome::Waiting => "",
    };
    let at = ask.now.as_millis().to_string();
    DecisionId::derived(&["decision", ask.item.conversation_id.as_str(), &at, agent])
}
