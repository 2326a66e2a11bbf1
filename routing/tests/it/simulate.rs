//! Simulations against a second, plain computation: one pass of the engine over everyone at every moment.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use serde_json::json;
use switchboard_domain::{
    BusinessHours, Channel, Field, Operator, Overflow, OverflowWhen, Priority, Queue, RoutingRule, Scenario,
    ScenarioAgent, ScenarioConversation, Shift, SkillLevel, SlaPolicy, Timestamp,
};
use switchboard_routing::{
    AgentState, Conditions, Facts, Item, QueueState, RuleSet, Snapshot, assign_pass, line_up, next_wake,
    simulate,
};

use crate::build::{agent, at, drops, needs, queue, rule, step, when};

fn conversation(id: usize, secs: i64, handle_secs: u32) -> ScenarioConversation {
    let one = json!({
        "id": format!("c{id:05}"), "at": at(secs), "channel": "whatsapp", "account_id": "wa", "handle_secs": handle_secs,
    });
    serde_json::from_value(one).unwrap()
}

fn person(id: &str, capacity: u32) -> ScenarioAgent {
    ScenarioAgent {
        id: id.into(),
        team_ids: vec!["care".into()],
        skills: Vec::new(),
        capacity,
        channel_limits: [].into(),
        shifts: Vec::new(),
    }
}

fn rules(rules: Vec<RoutingRule>) -> RuleSet {
    RuleSet::new(rules, "main".into())
}

fn play(
    scenario: &Scenario,
    rules: &RuleSet,
    queues: &[Queue],
    policies: &[SlaPolicy],
) -> switchboard_domain::SimulationReport {
    let conditions = Conditions {
        rules,
        queues,
        calendars: &[],
        policies,
    };
    simulate(scenario, &conditions, |_| true).unwrap()
}

#[test]
fn a_line_of_three_for_one_agent() {
    let scenario = Scenario {
        agents: vec![person("ann", 1)],
        conversations: (0..3).map(|nth| conversation(nth, 0, 100)).collect(),
    };
    let policy = json!({
        "id": "p", "name": "P", "order": 0, "enabled": true, "first_response_secs": 150, "warn_at_percent": 80,
        "pause_while_snoozed": true, "pause_while_customers_turn": false, "on_reopen": "continue",
    });
    let report = play(
        &scenario,
        &rules(vec![]),
        &[queue("main")],
        &[serde_json::from_value(policy).unwrap()],
    );
    assert_eq!((report.assigned, report.unassigned, report.breaches), (3, 0, 1));
    assert_eq!(
        (report.waits.p50, report.waits.p90, report.waits.max),
        (100, 200, 200)
    );
    assert_eq!(
        (
            report.agents[0].assigned,
            report.agents[0].worked_secs,
            report.agents[0].most_used
        ),
        (3, 300, 1)
    );
    assert_eq!(report.differences, None);
}

#[test]
fn differences_from_what_happened() {
    let mut scenario = Scenario {
        agents: vec![person("ann", 1), person("ben", 1)],
        conversations: (0..2).map(|nth| conversation(nth, 0, 100)).collect(),
    };
    for one in &mut scenario.conversations {
        one.happened = Some(switchboard_domain::Happened {
            queue_id: Some("main".into()),
            agent_id: "ann".into(),
            waited_secs: 60,
        });
    }
    let report = play(&scenario, &rules(vec![]), &[queue("main")], &[]);
    let found = report.differences.unwrap();
    assert_eq!(
        (
            found.compared,
            found.other_queue,
            found.other_agent,
            found.waited_shorter
        ),
        (2, 0, 1, 2)
    );
    assert_eq!(found.waits_then.max, 60);
    assert_eq!(
        (report.agents[0].assigned, report.agents[0].assigned_then),
        (1, Some(2))
    );
    assert_eq!(report.queues[0].assigned_then, Some(2));
}

#[test]
fn shifts_begin_and_end_and_it_can_be_called_off() {
    let shift = Shift {
        from: at(50),
        until: at(60),
    };
    let scenario = Scenario {
        agents: vec![ScenarioAgent {
            shifts: vec![shift],
            ..person("ann", 9)
        }],
        conversations: vec![
            conversation(0, 0, 5),
            conversation(1, 59, 5),
            conversation(2, 60, 5),
        ],
    };
    let report = play(&scenario, &rules(vec![]), &[queue("main")], &[]);
    assert_eq!((report.assigned, report.unassigned, report.waits.max), (2, 1, 50));
    let many = Scenario {
        agents: vec![person("ann", 9)],
        conversations: (0..5_000).map(|nth| conversation(nth, nth as i64, 5)).collect(),
    };
    let conditions = Conditions {
        rules: &rules(vec![]),
        queues: &[queue("main")],
        calendars: &[],
        policies: &[],
    };
    assert!(simulate(&many, &conditions, |arrived| arrived < 2_000).is_none());
}

#[test]
fn hours_open_and_close_queues_on_the_way() {
    let hours = json!({ "id": "h", "name": "H", "time_zone": "UTC", "weekly": [{ "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], "from": "09:00", "until": "17:00" }] });
    let hours: BusinessHours = serde_json::from_value(hours).unwrap();
    let day = Queue {
        business_hours_id: Some("h".into()),
        overflow: vec![Overflow {
            when: OverflowWhen::Closed,
            to: "night".into(),
        }],
        ..queue("main")
    };
    let night = Queue {
        team_ids: vec!["night".into()],
        ..queue("night")
    };
    // 08:53:20 UTC is at(0).
    let scenario = Scenario {
        agents: vec![
            person("ann", 9),
            ScenarioAgent {
                team_ids: vec!["night".into()],
                capacity: 1,
                ..person("owl", 1)
            },
        ],
        conversations: vec![
            conversation(0, 0, 10_000),
            conversation(1, 10, 60),
            conversation(2, 1_000, 60),
        ],
    };
    let conditions = Conditions {
        rules: &rules(vec![]),
        queues: &[day, night],
        calendars: &[hours],
        policies: &[],
    };
    let report = simulate(&scenario, &conditions, |_| true).unwrap();
    assert_eq!((report.assigned, report.overflowed), (3, 1));
    assert_eq!(report.waits.max, 390, "the second waits for nine o'clock");
}

/// The same, plainly.
struct Plain {
    agents: Vec<AgentState>,
    queues: Vec<QueueState>,
    waiting: Vec<Item>,
    ends: Vec<(Timestamp, usize, Vec<u32>)>,
    waits: BTreeMap<String, Vec<u64>>,
    taken: BTreeMap<String, u32>,
}

fn plainly(scenario: &Scenario, rules: &RuleSet, queues: &[Queue]) -> Plain {
    let mut agents: Vec<AgentState> = scenario
        .agents
        .iter()
        .map(|one| AgentState {
            team_ids: one.team_ids.clone(),
            skills: one.skills.clone(),
            total: one.capacity,
            online: one.shifts.is_empty(),
            ..agent(one.id.as_str())
        })
        .collect();
    agents.sort_by(|a, b| a.user_id.cmp(&b.user_id));
    let mut plain = Plain {
        agents,
        queues: queues.iter().cloned().map(QueueState::from).collect(),
        waiting: Vec::new(),
        ends: Vec::new(),
        waits: BTreeMap::new(),
        taken: BTreeMap::new(),
    };
    let mut arrivals: Vec<&ScenarioConversation> = scenario.conversations.iter().collect();
    arrivals.sort_by_key(|one| one.at);
    let mut arrivals = arrivals.into_iter().peekable();
    let mut now = Timestamp::default();
    loop {
        let wake = next_wake(&plain.snapshot(now));
        let shifts = scenario
            .agents
            .iter()
            .flat_map(|one| &one.shifts)
            .flat_map(|shift| [shift.from, shift.until]);
        let moments = shifts
            .chain(arrivals.peek().map(|one| one.at))
            .chain(plain.ends.iter().map(|end| end.0))
            .chain(wake);
        let Some(next) = moments.filter(|at| *at > now).min() else {
            return plain;
        };
        now = next;
        plain.free(now);
        for one in &scenario.agents {
            let there = one.shifts.is_empty()
                || one
                    .shifts
                    .iter()
                    .any(|shift| shift.from <= now && now < shift.until);
            plain
                .agents
                .iter_mut()
                .find(|agent| agent.user_id == one.id)
                .unwrap()
                .online = there;
        }
        while let Some(one) = arrivals.next_if(|one| one.at <= now) {
            plain.arrive(one, rules);
        }
        plain.pass(scenario, now);
    }
}

impl Plain {
    fn snapshot(&self, now: Timestamp) -> Snapshot {
        let mut snapshot = Snapshot {
            now,
            agents: self.agents.clone(),
            queues: self.queues.clone(),
            items: self.waiting.clone(),
        };
        line_up(&mut snapshot);
        snapshot
    }

    fn free(&mut self, now: Timestamp) {
        for (_, agent, slots) in self.ends.extract_if(.., |end| end.0 <= now) {
            for slot in slots {
                self.agents[agent].held.remove(&slot);
            }
        }
    }

    fn arrive(&mut self, one: &ScenarioConversation, rules: &RuleSet) {
        let mut facts = Facts::new(one.channel, one.account_id.clone());
        facts.labels.clone_from(&one.labels);
        let classification = rules.classify(&facts);
        self.waiting
            .push(Item::new(one.id.clone(), facts, one.at, classification));
    }

    fn pass(&mut self, scenario: &Scenario, now: Timestamp) {
        for placed in assign_pass(&self.snapshot(now), 0).placements {
            let index = self
                .agents
                .iter()
                .position(|agent| agent.user_id == placed.agent_id)
                .unwrap();
            let agent = &mut self.agents[index];
            agent.held.extend(&placed.slots);
            agent.last_assigned_at = Some(now);
            // The next pass at this very moment never comes; within one, the engine counts turns.
            let one = scenario
                .conversations
                .iter()
                .find(|one| one.id == placed.conversation_id)
                .unwrap();
            let queue = placed.decision.queue_id.unwrap().to_string();
            self.waits
                .entry(queue)
                .or_default()
                .push(now.since(one.at).as_secs());
            *self.taken.entry(placed.agent_id.to_string()).or_default() += 1;
            self.ends.push((
                now.plus(Duration::from_secs(u64::from(one.handle_secs))),
                index,
                placed.slots,
            ));
            self.waiting
                .retain(|item| item.conversation_id != placed.conversation_id);
        }
    }
}

/// Without overflow by depth: there the two may differ by a conversation now and then (`assumptions`).
fn world() -> (RuleSet, Vec<Queue>) {
    let vip = RoutingRule {
        steps: vec![step("desk", Some(20)), step("main", None)],
        requirements: vec![needs("german", 3), drops("gold", 1, Some(45))],
        priority: Priority::High,
        ..rule("vip", 1, when(Field::Labels, Operator::Is, "vip"))
    };
    let big = RoutingRule {
        steps: vec![step("heavy", None)],
        requirements: vec![],
        priority: Priority::Normal,
        ..rule("big", 2, when(Field::Labels, Operator::Is, "big"))
    };
    let desk = Queue {
        team_ids: vec!["desk".into()],
        ..queue("desk")
    };
    let heavy = Queue {
        weight: 2,
        ..queue("heavy")
    };
    let main = Queue {
        overflow: vec![Overflow {
            when: OverflowWhen::WaitedSecs(90),
            to: "wide".into(),
        }],
        ..queue("main")
    };
    let wide = Queue {
        team_ids: vec!["care".into(), "desk".into()],
        ..queue("wide")
    };
    (rules(vec![vip, big]), vec![main, desk, heavy, wide])
}

fn crowd() -> Vec<ScenarioAgent> {
    let skills = |level| {
        vec![
            SkillLevel {
                skill_id: "german".into(),
                level,
            },
            SkillLevel {
                skill_id: "gold".into(),
                level: 5,
            },
        ]
    };
    let late = Shift {
        from: at(100),
        until: at(400),
    };
    vec![
        person("ann", 2),
        ScenarioAgent {
            skills: skills(5),
            ..person("ben", 3)
        },
        ScenarioAgent {
            team_ids: vec!["desk".into()],
            skills: skills(3),
            ..person("dana", 1)
        },
        ScenarioAgent {
            team_ids: vec!["desk".into(), "care".into()],
            shifts: vec![late],
            ..person("late", 2)
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn it_comes_to_what_passes_come_to(
        arrivals in prop::collection::vec((0i64..600, 1u32..400, 0usize..4), 1..60),
    ) {
        let (rules, queues) = world();
        let conversations = arrivals.iter().enumerate().map(|(nth, &(secs, handle, label))| ScenarioConversation {
            labels: [vec![], vec!["vip".to_owned()], vec!["big".to_owned()], vec![]][label].clone(),
            channel: Channel::Whatsapp,
            ..conversation(nth, secs, handle)
        });
        let scenario = Scenario { agents: crowd(), conversations: conversations.collect() };
        let plain = plainly(&scenario, &rules, &queues);
        let report = play(&scenario, &rules, &queues, &[]);
        for found in &report.agents {
            let expected = plain.taken.get(found.agent_id.as_str()).copied().unwrap_or(0);
            prop_assert_eq!(found.assigned, expected, "{}", found.agent_id);
        }
        for found in &report.queues {
            let mut waits = plain.waits.get(found.queue_id.as_str()).cloned().unwrap_or_default();
            waits.sort_unstable();
            prop_assert_eq!(u64::from(found.assigned), waits.len() as u64, "{}", found.queue_id);
            prop_assert_eq!(u64::from(found.waits.max), waits.last().copied().unwrap_or(0));
            if !waits.is_empty() {
                let rank = (waits.len() as f64 * 0.9).ceil() as usize - 1;
                prop_assert_eq!(u64::from(found.waits.p90), waits[rank]);
            }
        }
        prop_assert_eq!(report.unassigned as usize, plain.waiting.len());
    }
}
