//! Strategies: which of several who could takes it.

use switchboard_domain::{Outcome, Queue, Strategy};
use switchboard_routing::{AgentState, Item, LastAgent, decide};

use crate::build::{agent, asking, at, drops, item, loaded, needs, queue, skilled};

fn ranked(item: &Item, agents: &[AgentState], strategy: Strategy) -> Vec<String> {
    let queues = [Queue {
        strategy,
        ..queue("main")
    }
    .into()];
    let decision = decide(item, agents, &queues, at(100)).into_decision();
    let Some(first) = decision.considered.first() else {
        return Vec::new();
    };
    assert_eq!(
        decision.outcome,
        Outcome::Assigned {
            agent_id: first.agent_id.clone()
        }
    );
    let ranked = decision.considered.iter().filter(|each| each.rank.is_some());
    ranked.map(|each| each.agent_id.to_string()).collect()
}

fn assigned(agent: AgentState, secs: i64) -> AgentState {
    AgentState {
        last_assigned_at: Some(at(secs)),
        ..agent
    }
}

#[test]
fn the_least_load_ratio_first() {
    let agents = [
        loaded("half", 1, 2),
        loaded("third", 3, 9),
        loaded("third-too", 1, 3),
        loaded("idle", 0, 1),
    ];
    assert_eq!(
        ranked(&item("c", 0), &agents, Strategy::Balanced),
        ["idle", "third", "third-too", "half"]
    );
}

#[test]
fn at_equal_load_the_longest_without_work() {
    let agents = [
        assigned(agent("ann"), 50),
        assigned(agent("ben"), 40),
        agent("cem"),
        agent("dana"),
    ];
    assert_eq!(
        ranked(&item("c", 0), &agents, Strategy::Balanced),
        ["cem", "dana", "ben", "ann"]
    );
}

#[test]
fn balanced_prefers_those_who_cover_what_was_dropped_but_not_experts() {
    let asked = asking("c", 0, &[needs("german", 3), drops("gold", 1, Some(10))]);
    let agents = [
        skilled("fluent", &[("german", 10)]),
        skilled("exact", &[("german", 3)]),
        skilled("covers", &[("german", 3), ("gold", 5)]),
        skilled("partly", &[("german", 3), ("gold", 2)]),
    ];
    assert_eq!(
        ranked(&asked, &agents, Strategy::Balanced),
        ["covers", "partly", "exact", "fluent"]
    );
}

#[test]
fn best_skill_prefers_the_expert_before_the_idle() {
    let asked = asking("c", 0, &[needs("german", 3)]);
    let mut expert = skilled("expert", &[("german", 9)]);
    expert.held = (0..4).collect();
    let agents = [
        skilled("idle", &[("german", 4)]),
        expert,
        skilled("short", &[("german", 2)]),
    ];
    assert_eq!(ranked(&asked, &agents, Strategy::BestSkill), ["expert", "idle"]);
}

#[test]
fn round_robin_looks_at_turns_only() {
    let agents = [
        assigned(loaded("ann", 0, 5), 50),
        assigned(loaded("ben", 4, 5), 40),
    ];
    assert_eq!(
        ranked(&item("c", 0), &agents, Strategy::RoundRobin),
        ["ben", "ann"]
    );
}

#[test]
fn sticky_prefers_the_last_agent_for_a_while() {
    let mut back = item("c", 0);
    back.last_agent = Some(LastAgent {
        agent_id: "busy".into(),
        until: at(101),
    });
    let agents = [loaded("busy", 4, 5), agent("idle")];
    assert_eq!(ranked(&back, &agents, Strategy::StickyFirst), ["busy", "idle"]);
    assert_eq!(ranked(&back, &agents, Strategy::Balanced), ["idle", "busy"]);

    back.last_agent = Some(LastAgent {
        agent_id: "busy".into(),
        until: at(100),
    });
    assert_eq!(
        ranked(&back, &agents, Strategy::StickyFirst),
        ["idle", "busy"],
        "its time is up"
    );

    back.last_agent = Some(LastAgent {
        agent_id: "full".into(),
        until: at(101),
    });
    let agents = [loaded("full", 5, 5), agent("idle")];
    assert_eq!(
        ranked(&back, &agents, Strategy::StickyFirst),
        ["idle"],
        "a preference, never an owner"
    );
}
