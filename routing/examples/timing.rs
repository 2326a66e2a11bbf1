//! What decisions cost: `cargo run --release -p switchboard-routing --example timing`.
//!
//! 500 agents in ten teams, ten queues, 10,000 waiting items that ask for two of twenty skills.

use std::{collections::BTreeSet, hint::black_box, time::Instant};

use switchboard_domain::{
    Channel, Intent, Priority, Queue, Requirement, SkillLevel, Strategy, TeamId, Timestamp,
};
use switchboard_routing::{
    AgentState, Facts, Item, QueueState, RuleSet, Snapshot, assign_pass, compare, decide,
};

const AGENTS: u32 = 500;
const ITEMS: u32 = 10_000;
const QUEUES: u32 = 10;
const SKILLS: u32 = 20;
const RUNS: u32 = 300;

fn main() {
    let free = snapshot(0);
    let full = snapshot(5);
    let freed = |run: u32, skilled: bool| {
        let mut world = full.clone();
        let agent = &mut world.agents[(run * 7 % AGENTS) as usize];
        agent.held.pop_first();
        agent.held_per_channel.clear();
        if !skilled {
            agent.skills.clear();
        }
        world
    };
    report(
        "pass, everyone free",
        20,
        |_| free.clone(),
        |world| assign_pass(world, 0).placements.len(),
    );
    report(
        "pass, everyone full",
        RUNS,
        |_| full.clone(),
        |world| assign_pass(world, 0).placements.len(),
    );
    report(
        "pass, everyone full, 20 explained",
        RUNS,
        |_| full.clone(),
        |world| assign_pass(world, 20).waiting.len(),
    );
    report(
        "pass, one unit freed",
        RUNS,
        |run| freed(run, true),
        |world| assign_pass(world, 0).placements.len(),
    );
    report(
        "pass, one unit freed, of no use",
        RUNS,
        |run| freed(run, false),
        |world| assign_pass(world, 0).placements.len(),
    );
    report(
        "shadow, one unit freed",
        RUNS,
        |run| freed(run, true),
        |world| {
            // The live pass isn't counted: it is made anyway.
            compare(world, &[], &BTreeSet::new(), world).len()
        },
    );
    report(
        "decide, one item and all agents",
        RUNS,
        |_| free.clone(),
        |world| {
            decide(&world.items[0], &world.agents, &world.queues, world.now)
                .decision()
                .considered
                .len()
        },
    );
}

/// Times `work` alone, once for each world, and prints the spread.
fn report(what: &str, runs: u32, world: impl Fn(u32) -> Snapshot, work: impl Fn(&Snapshot) -> usize) {
    let mut results = 0;
    let mut micros: Vec<u128> = (0..runs)
        .map(|run| {
            let world = world(run);
            let start = Instant::now();
            results = black_box(work(black_box(&world)));
            start.elapsed().as_micros()
        })
        .collect();
    micros.sort_unstable();
    let at = |percent: usize| micros[(micros.len() - 1) * percent / 100];
    println!(
        "{what:36} p50 {:>7} us   p99 {:>7} us   results {results}",
        at(50),
        at(99)
    );
}

fn snapshot(used: u32) -> Snapshot {
    Snapshot {
        now: Timestamp::from_secs(1_760_000_000),
        agents: (0..AGENTS).map(|nth| agent(nth, used)).collect(),
        queues: (0..QUEUES).map(queue).collect(),
        items: (0..ITEMS).map(item).collect(),
    }
}

fn team(nth: u32) -> TeamId {
    format!("team-{}", nth % QUEUES).into()
}

fn skill(nth: u32) -> String {
    format!("skill-{}", nth % SKILLS)
}

/// In two teams, with six skills.
fn agent(nth: u32, used: u32) -> AgentState {
    let skills = (0..6).map(|step| SkillLevel {
        skill_id: skill(nth + step * 3).as_str().into(),
        level: (nth % 6 + 5) as u8,
    });
    AgentState {
        user_id: format!("agent-{nth:032}").into(),
        team_ids: vec![team(nth), team(nth + 1)],
        skills: skills.collect(),
        intent: Intent::Available,
        online: true,
        total: 5,
        held: (0..used).collect(),
        channel_limits: [(Channel::Whatsapp, 5)].into(),
        held_per_channel: [(Channel::Whatsapp, used)].into(),
        last_assigned_at: Some(Timestamp::from_secs(1_759_990_000 + i64::from(nth))),
        turn: 0,
        auto_accept: nth.is_multiple_of(2),
        kept_for: None,
    }
}

fn queue(nth: u32) -> QueueState {
    QueueState::from(Queue {
        id: format!("queue-{nth}").into(),
        name: format!("Queue {nth}"),
        team_ids: vec![team(nth)],
        strategy: Strategy::Balanced,
        offer_ttl_secs: 20,
        auto_accept: false,
        any_agent: false,
        weight: 1,
        wrap_up_secs: 0,
        business_hours_id: None,
        overflow: Vec::new(),
    })
}

fn item(nth: u32) -> Item {
    let facts = Facts::new(Channel::Whatsapp, "wa-demo");
    let queue = format!("queue-{}", nth % QUEUES);
    let classification = RuleSet::new(Vec::new(), queue.into()).classify(&facts);
    let needs = |nth, tier| Requirement {
        skill_id: skill(nth).as_str().into(),
        min_level: 5,
        tier,
        expires_after_secs: (tier > 0).then_some(600),
    };
    let since = Timestamp::from_secs(1_760_000_000 - i64::from(nth * 7919 % 3_600));
    let priority = [Priority::Low, Priority::Normal, Priority::Normal, Priority::High][nth as usize % 4];
    Item {
        priority,
        requirements: vec![needs(nth / 3, 0), needs(nth / 7, 1)],
        ..Item::new(
            format!("conversation-{nth:032}").into(),
            facts,
            since,
            classification,
        )
    }
}
