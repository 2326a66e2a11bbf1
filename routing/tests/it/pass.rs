//! Decisions and passes: outcomes, traces, replay.

use std::time::Duration;

use switchboard_domain::{Channel, Decision, Field, Intent, Operator, Outcome, Queue, Rejection, Strategy};
use switchboard_routing::{
    AgentState, Item, Mode, Pass, QueueState, Snapshot, Verdict, assign_pass, decide, replay,
};

use crate::build::{agent, asking, at, item, loaded, needs, queue, skilled, step, when};

fn main_queue() -> Vec<QueueState> {
    vec![queue("main").into()]
}

fn snapshot(agents: Vec<AgentState>, queues: Vec<QueueState>, items: Vec<Item>) -> Snapshot {
    Snapshot {
        now: at(100),
        agents,
        queues,
        items,
    }
}

fn who(pass: &Pass) -> Vec<(&str, &str)> {
    pass.placements
        .iter()
        .map(|placed| (placed.conversation_id.as_str(), placed.agent_id.as_str()))
        .collect()
}

fn reason<'a>(decision: &'a Decision, agent: &str) -> Option<&'a Rejection> {
    let considered = decision
        .considered
        .iter()
        .find(|each| each.agent_id.as_str() == agent);
    considered.expect("the agent is in the trace").rejected.as_ref()
}

#[test]
fn every_agent_is_in_the_trace_with_rank_or_reason() {
    let agents = [
        AgentState {
            team_ids: vec![],
            ..agent("stranger")
        },
        AgentState {
            intent: Intent::Away,
            ..agent("away")
        },
        loaded("full", 5, 5),
        loaded("second", 2, 5),
        loaded("first", 1, 5),
    ];
    let decision = decide(&item("c", 0), &agents, &main_queue(), at(100)).into_decision();
    let seen: Vec<_> = decision
        .considered
        .iter()
        .map(|each| (each.agent_id.as_str(), each.rank))
        .collect();
    assert_eq!(
        seen,
        [
            ("first", Some(1)),
            ("second", Some(2)),
            ("away", None),
            ("full", None),
            ("stranger", None)
        ]
    );
    assert_eq!(
        decision.outcome,
        Outcome::Assigned {
            agent_id: "first".into()
        }
    );
    assert_eq!(reason(&decision, "stranger"), Some(&Rejection::NotInQueueTeams));
    assert_eq!(reason(&decision, "away"), Some(&Rejection::NotRoutable));
    assert_eq!(reason(&decision, "first"), None);
    assert_eq!(decision.queue_id, Some("main".into()));
}

#[test]
fn a_decision_does_not_depend_on_the_order_of_its_input() {
    let mut agents = vec![
        agent("ann"),
        agent("ben"),
        loaded("cem", 5, 5),
        loaded("dana", 5, 5),
    ];
    let mut queues = vec![queue("main").into(), queue("other").into()];
    let decision = decide(&item("c", 0), &agents, &queues, at(100)).into_decision();
    agents.reverse();
    queues.reverse();
    assert_eq!(
        decide(&item("c", 0), &agents, &queues, at(100)).into_decision(),
        decision
    );
}

#[test]
fn an_offer_unless_the_agent_or_the_queue_accepts_by_itself() {
    let asks = |agent_accepts, queue_accepts| {
        let ann = AgentState {
            auto_accept: agent_accepts,
            ..agent("ann")
        };
        let main = Queue {
            auto_accept: queue_accepts,
            ..queue("main")
        };
        match decide(&item("c", 0), &[ann], &[main.into()], at(0)) {
            Verdict::Placed(placement) => (placement.mode, placement.decision.outcome),
            Verdict::Waiting(decision) => panic!("nobody took it: {decision:?}"),
        }
    };
    let offered = Outcome::Offered {
        agent_id: "ann".into(),
    };
    let assigned = Outcome::Assigned {
        agent_id: "ann".into(),
    };
    assert_eq!(
        asks(false, false),
        (
            Mode::Offer {
                ttl: Duration::from_secs(20)
            },
            offered
        )
    );
    assert_eq!(asks(true, false), (Mode::Assign, assigned.clone()));
    assert_eq!(asks(false, true), (Mode::Assign, assigned));
}

#[test]
fn a_placement_holds_the_lowest_slots_of_its_weight() {
    let mut ann = agent("ann");
    ann.held = [0, 2].into();
    let heavy = Queue {
        weight: 3,
        ..queue("main")
    };
    let Verdict::Placed(placement) = decide(&item("c", 0), &[ann], &[heavy.into()], at(0)) else {
        panic!("there is room for three");
    };
    assert_eq!((placement.slots, placement.weight), (vec![1, 3, 4], 3));
}

#[test]
fn a_skipping_step_hands_over_at_once_and_keeps_its_reasons() {
    let desk = Queue {
        team_ids: vec!["desk".into()],
        ..queue("desk")
    };
    let queues = [desk.into(), queue("main").into()];
    let mut steps = vec![step("desk", Some(60)), step("main", None)];
    let waits = Item {
        steps: steps.clone(),
        ..item("c", 100)
    };
    let dana = AgentState {
        team_ids: vec!["desk".into()],
        ..loaded("dana", 5, 5)
    };
    let agents = [dana.clone(), agent("ann")];

    let decision = decide(&waits, &agents, &queues, at(100)).into_decision();
    assert_eq!(
        (decision.outcome, decision.queue_id),
        (Outcome::Waiting, Some("desk".into()))
    );
    let later = decide(&waits, &agents, &queues, at(160)).into_decision();
    assert_eq!(
        later.outcome,
        Outcome::Assigned {
            agent_id: "ann".into()
        }
    );

    steps[0].skip_if_no_agent_available = true;
    let skips = Item { steps, ..waits };
    let decision = decide(&skips, &agents, &queues, at(100)).into_decision();
    assert_eq!(
        decision.outcome,
        Outcome::Assigned {
            agent_id: "ann".into()
        }
    );
    assert_eq!(decision.queue_id, Some("main".into()));
    assert!(matches!(
        reason(&decision, "dana"),
        Some(Rejection::AtCapacity { .. })
    ));

    let free = [
        AgentState {
            held: [].into(),
            ..dana
        },
        agent("ann"),
    ];
    let decision = decide(&skips, &free, &queues, at(100)).into_decision();
    assert_eq!(
        decision.outcome,
        Outcome::Assigned {
            agent_id: "dana".into()
        },
        "skips only if it must"
    );
}

#[test]
fn a_step_whose_queue_is_gone_leaves_it_to_the_default_queue() {
    let lost = Item {
        steps: vec![step("deleted", None)],
        ..item("c", 0)
    };
    let decision = decide(&lost, &[agent("ann")], &main_queue(), at(0)).into_decision();
    assert_eq!(decision.queue_id, Some("main".into()));
    let decision = decide(&lost, &[agent("ann")], &[], at(0)).into_decision();
    assert_eq!((decision.outcome, decision.queue_id), (Outcome::Waiting, None));
}

#[test]
fn a_pass_sees_what_it_has_already_given() {
    let items = vec![item("c3", 30), item("c1", 10), item("c4", 40), item("c2", 20)];
    let agents = vec![loaded("ann", 0, 2), loaded("ben", 0, 1)];
    let pass = assign_pass(&snapshot(agents, main_queue(), items), 10);
    assert_eq!(who(&pass), [("c1", "ann"), ("c2", "ben"), ("c3", "ann")]);
    let [left] = pass.waiting.as_slice() else {
        panic!("one is left: {:?}", pass.waiting);
    };
    assert_eq!(
        (left.conversation_id.as_str(), &left.outcome),
        ("c4", &Outcome::Waiting)
    );
    let full = Rejection::AtCapacity {
        used: 2,
        total: 2,
        needed: 1,
    };
    assert_eq!(reason(left, "ann"), Some(&full));
}

#[test]
fn round_robin_goes_round_within_one_pass() {
    let main = Queue {
        strategy: Strategy::RoundRobin,
        ..queue("main")
    };
    let items = (0..6).map(|nth| item(&format!("c{nth}"), nth)).collect();
    let agents = vec![agent("ann"), loaded("ben", 2, 9), agent("cem")];
    let pass = assign_pass(&snapshot(agents, vec![main.into()], items), 0);
    let agents: Vec<_> = who(&pass).into_iter().map(|(_, agent)| agent).collect();
    assert_eq!(agents, ["ann", "ben", "cem", "ann", "ben", "cem"]);
}

#[test]
fn an_item_without_takers_holds_nobody_up() {
    let items = vec![asking("first", 0, &[needs("german", 5)]), item("second", 50)];
    let pass = assign_pass(&snapshot(vec![agent("ann")], main_queue(), items), 5);
    assert_eq!(who(&pass), [("second", "ann")]);
    assert_eq!(pass.waiting.len(), 1);
}

#[test]
fn waits_are_explained_only_as_far_as_asked() {
    let items: Vec<Item> = (0..50).map(|nth| item(&format!("c{nth:02}"), nth)).collect();
    let world = snapshot(vec![loaded("ann", 5, 5)], main_queue(), items);
    assert_eq!(assign_pass(&world, 0).waiting, []);
    let explained: Vec<_> = assign_pass(&world, 3)
        .waiting
        .into_iter()
        .map(|decision| decision.conversation_id.to_string())
        .collect();
    assert_eq!(explained, ["c00", "c01", "c02"]);
}

#[test]
fn a_refusal_stays_with_its_item() {
    let mut refused = item("refused", 0);
    refused.declined.push("ann".into());
    let items = vec![refused, item("other", 50)];
    let pass = assign_pass(&snapshot(vec![agent("ann")], main_queue(), items), 1);
    assert_eq!(who(&pass), [("other", "ann")]);
    assert_eq!(reason(&pass.waiting[0], "ann"), Some(&Rejection::Declined));
}

#[test]
fn a_stored_decision_replays_to_itself() {
    let mut agents = vec![
        skilled("ann", &[("german", 5)]),
        skilled("ben", &[("german", 9)]),
        agent("cem"),
    ];
    agents[0].channel_limits = [(Channel::Whatsapp, 3)].into();
    agents[0].held_per_channel = [(Channel::Whatsapp, 1)].into();
    agents[1].held = [0, 1, 2, 4].into();
    agents[1].last_assigned_at = Some(at(7));
    let mut asked = asking("c", 0, &[needs("german", 5)]);
    asked.facts.text = "a private matter".to_owned();
    asked.rule = Some(("rule".into(), 4));
    for item in [asked, item("nobody", 0)] {
        let strict = Queue {
            any_agent: false,
            ..queue("main")
        };
        let decision = decide(&item, &agents, &[strict.into()], at(100)).into_decision();
        let stored: Decision = serde_json::from_str(&serde_json::to_string(&decision).unwrap()).unwrap();
        assert_eq!(stored, decision);
        assert_eq!(replay(&stored).unwrap(), decision);
        assert!(
            !stored.input.to_string().contains("private"),
            "no step asks for the words"
        );
    }
}

#[test]
fn a_trace_keeps_the_words_a_step_asks_for() {
    let mut steps = vec![step("desk", None), step("main", None)];
    steps[0].condition = Some(when(Field::Text, Operator::Contains, "refund"));
    let mut asked = Item {
        steps,
        ..item("c", 0)
    };
    asked.facts.text = "A REFUND please".to_owned();
    let queues = [queue("desk").into(), queue("main").into()];
    let decision = decide(&asked, &[agent("ann")], &queues, at(1)).into_decision();
    assert_eq!(decision.queue_id, Some("desk".into()));
    assert_eq!(replay(&decision).unwrap(), decision);
}

#[test]
fn a_record_that_is_no_trace_is_an_error() {
    let mut decision = decide(&item("c", 0), &[agent("ann")], &main_queue(), at(0)).into_decision();
    let mut slots = decision.clone();
    decision.input = serde_json::json!({"now": "yesterday"});
    slots.input["agents"]["rows"][0][6] = "0-x".into();
    for broken in [decision, slots] {
        let error = replay(&broken).unwrap_err().to_string();
        assert!(
            error.starts_with("this decision's record can't be read"),
            "{error}"
        );
    }
}
