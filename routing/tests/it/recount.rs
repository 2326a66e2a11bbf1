//! A simulation counted again by hand: second by second, from the published rules alone, without any of the engine.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use proptest::prelude::*;
use serde_json::json;
use switchboard_domain::{
    Condition, Field, Operator, Priority, Queue, RoutingRule, Scenario, SimulationReport, Waits,
};
use switchboard_routing::{Conditions, RuleSet, simulate};

use crate::build::{at, drops, needs, queue, rule, step, when};

const END: i64 = 6_000;

/// Somebody at work, in plain numbers.
struct Person {
    id: &'static str,
    capacity: usize,
    german: u32,
    gold: u32,
    shift: std::ops::Range<i64>,
    /// When each of what they hold ends.
    held: Vec<i64>,
    last: Option<i64>,
    turn: usize,
    assigned: u32,
    worked: u64,
    most: usize,
}

#[derive(Clone, Copy)]
struct Caller {
    nth: usize,
    since: i64,
    handle: i64,
    vip: bool,
}

/// Ids, capacities, levels in German and gold, and shifts.
const PEOPLE: [(&str, usize, u32, u32, std::ops::Range<i64>); 4] = [
    ("ann", 2, 0, 0, 0..END),
    ("ben", 3, 5, 0, 0..END),
    ("cem", 1, 3, 7, 120..500),
    ("dee", 2, 9, 5, 300..END),
];

fn people() -> Vec<Person> {
    PEOPLE
        .into_iter()
        .map(|(id, capacity, german, gold, shift)| Person {
            id,
            capacity,
            german,
            gold,
            shift,
            held: Vec::new(),
            last: None,
            turn: 0,
            assigned: 0,
            worked: 0,
            most: 0,
        })
        .collect()
}

impl Person {
    /// VIPs ask for German at level 3, and for gold at level 5 as long as they have waited less than 45 seconds.
    fn takes(&self, caller: &Caller, now: i64) -> bool {
        let gold = now - caller.since < 45;
        self.shift.contains(&now)
            && self.held.len() < self.capacity
            && (!caller.vip || (self.german >= 3 && (!gold || self.gold >= 5)))
    }

    /// Of two with the same answer so far, the next one counts.
    fn rank(&self, caller: &Caller) -> (Reverse<u32>, u64, Option<i64>, usize, &'static str) {
        let fit = if caller.vip {
            self.german.min(3) + self.gold.min(5)
        } else {
            0
        };
        // Ratios of small numbers, exactly: 60 is a multiple of every capacity here.
        let load = (self.held.len() * 60 / self.capacity) as u64;
        (Reverse(fit), load, self.last, self.turn, self.id)
    }
}

/// Who comes first: the class, one higher for each quarter of an hour, then the longer wait, then the id.
fn place(caller: &Caller, now: i64) -> (Reverse<i64>, i64, usize) {
    let class = if caller.vip { 2 } else { 1 };
    let risen = class + (now - caller.since) / 900;
    (Reverse(risen.min(3)), caller.since, caller.nth)
}

struct Count {
    people: Vec<Person>,
    waits: Vec<u32>,
    left: usize,
}

fn count(callers: &[Caller]) -> Count {
    let mut people = people();
    let (mut waiting, mut waits): (Vec<Caller>, Vec<u32>) = (Vec::new(), Vec::new());
    for now in 0..END {
        for person in &mut people {
            person.held.retain(|ends| *ends > now);
            person.turn = 0;
        }
        waiting.extend(callers.iter().filter(|caller| caller.since == now));
        waiting.sort_by_key(|caller| place(caller, now));
        let mut turn = 0;
        waiting.retain(|caller| {
            let able = people.iter_mut().filter(|person| person.takes(caller, now));
            let Some(taker) = able.min_by_key(|person| person.rank(caller)) else {
                return true;
            };
            turn += 1;
            taker.held.push(now + caller.handle);
            taker.last = Some(now);
            taker.turn = turn;
            taker.assigned += 1;
            taker.worked += caller.handle as u64;
            taker.most = taker.most.max(taker.held.len());
            waits.push((now - caller.since) as u32);
            false
        });
    }
    Count {
        people,
        waits,
        left: waiting.len(),
    }
}

/// The same, as the hub is asked.
fn played(callers: &[Caller]) -> SimulationReport {
    let agents: Vec<_> = people()
        .iter()
        .map(|person| {
            json!({
                "id": person.id, "team_ids": ["care"], "capacity": person.capacity,
                "skills": [{ "skill_id": "german", "level": person.german }, { "skill_id": "gold", "level": person.gold }],
                "shifts": [{ "from": at(person.shift.start), "until": at(person.shift.end) }],
            })
        })
        .collect();
    let conversations: Vec<_> = callers
        .iter()
        .map(|caller| {
            json!({
                "id": format!("c{:04}", caller.nth), "at": at(caller.since), "channel": "line", "account_id": "x",
                "handle_secs": caller.handle, "labels": if caller.vip { vec!["vip"] } else { vec![] },
            })
        })
        .collect();
    let scenario: Scenario =
        serde_json::from_value(json!({ "agents": agents, "conversations": conversations })).unwrap();
    let vip: Condition = when(Field::Labels, Operator::Is, "vip");
    let vip = RoutingRule {
        steps: vec![step("main", None)],
        requirements: vec![needs("german", 3), drops("gold", 1, Some(45))],
        priority: Priority::High,
        ..rule("vip", 1, vip)
    };
    let queues: [Queue; 1] = [queue("main")];
    let conditions = Conditions {
        rules: &RuleSet::new(vec![vip], "main".into()),
        queues: &queues,
        calendars: &[],
        policies: &[],
    };
    simulate(&scenario, &conditions, |_| true).unwrap()
}

fn nearest_ranks(waits: &[u32]) -> Waits {
    let mut sorted = waits.to_vec();
    sorted.sort_unstable();
    let at = |percent: f64| {
        let rank = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied().unwrap_or(0)
    };
    Waits {
        p50: at(50.0),
        p90: at(90.0),
        p99: at(99.0),
        max: sorted.last().copied().unwrap_or(0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn a_simulation_comes_to_what_one_counts_by_hand(
        arrivals in prop::collection::vec((0i64..900, 1i64..500, prop::bool::weighted(0.3)), 1..80),
    ) {
        let callers = arrivals.iter().enumerate();
        let callers: Vec<Caller> = callers
            .map(|(nth, &(since, handle, vip))| Caller { nth, since, handle, vip })
            .collect();
        let (count, report) = (count(&callers), played(&callers));
        prop_assert_eq!(report.assigned as usize, count.waits.len());
        prop_assert_eq!(report.unassigned as usize, count.left);
        prop_assert_eq!(report.waits, nearest_ranks(&count.waits));
        let theirs: BTreeMap<&str, _> = count
            .people
            .iter()
            .map(|one| (one.id, (one.assigned, one.worked, one.most as u32)))
            .collect();
        let found: BTreeMap<&str, _> = report
            .agents
            .iter()
            .map(|one| (one.agent_id.as_str(), (one.assigned, one.worked_secs, one.most_used)))
            .collect();
        prop_assert_eq!(found, theirs);
        let queues: BTreeSet<_> = report.queues.iter().map(|one| (one.assigned, one.unassigned)).collect();
        prop_assert_eq!(queues, BTreeSet::from([(count.waits.len() as u32, count.left as u32)]));
    }
}
