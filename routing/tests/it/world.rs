//! Random worlds: arrivals, refusals, time-outs, presence flaps, edits and releases, with a pass after any of them.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use switchboard_domain::{
    Channel, ConversationId, Decision, Intent, Outcome, Overflow, OverflowWhen, Priority, Queue, Rejection,
    Requirement, Timestamp, UserId,
};
use switchboard_routing::{
    AgentState, Item, KEEP_AFTER, OVERTAKE_BOUND, Pass, Place, Placement, QueueState, Snapshot, assign_pass,
    line_up, rejection, replay, tried_queues,
};

use crate::build::{agent, at, drops, item, needs, queue, skilled, step};

#[derive(Clone, Debug)]
enum Event {
    Arrive(Shape),
    Later(u32),
    /// The agent of a live reservation answers, or doesn't.
    Accept(prop::sample::Index),
    Decline(prop::sample::Index),
    Expire(prop::sample::Index),
    Complete(prop::sample::Index),
    Presence(prop::sample::Index, Intent, bool),
    Total(prop::sample::Index, u32),
    /// Of WhatsApp; none: no limit of its own.
    ChannelLimit(prop::sample::Index, Option<u32>),
    Pass,
    /// The worker dies after it has written so many placements.
    CrashedPass(usize),
}

#[derive(Clone, Debug)]
struct Shape {
    place: usize,
    asks: usize,
    priority: Priority,
    boost_secs: u32,
}

fn shape() -> impl Strategy<Value = Shape> {
    let priority = prop::sample::select(vec![
        Priority::Low,
        Priority::Normal,
        Priority::High,
        Priority::Urgent,
    ]);
    (0usize..5, 0usize..4, priority, prop_oneof![Just(0), 0u32..4_000]).prop_map(
        |(place, asks, priority, boost_secs)| Shape {
            place,
            asks,
            priority,
            boost_secs,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let which = any::<prop::sample::Index>;
    let intent = prop::sample::select(vec![
        Intent::Available,
        Intent::Available,
        Intent::Busy,
        Intent::Away,
    ]);
    prop_oneof![
        8 => shape().prop_map(Event::Arrive),
        3 => prop_oneof![0u32..30, 0u32..4_000].prop_map(Event::Later),
        1 => which().prop_map(Event::Accept),
        2 => which().prop_map(Event::Decline),
        1 => which().prop_map(Event::Expire),
        3 => which().prop_map(Event::Complete),
        2 => (which(), intent, prop::bool::weighted(0.8)).prop_map(|(a, intent, online)| Event::Presence(a, intent, online)),
        1 => (which(), 0u32..5).prop_map(|(agent, total)| Event::Total(agent, total)),
        1 => (which(), prop::option::of(0u32..4)).prop_map(|(agent, limit)| Event::ChannelLimit(agent, limit)),
        6 => Just(Event::Pass),
        1 => (0usize..3).prop_map(Event::CrashedPass),
    ]
}

/// A live reservation.
struct Held {
    agent: usize,
    slots: Vec<u32>,
    item: Item,
    offered: bool,
}

struct World {
    now: Timestamp,
    agents: Vec<AgentState>,
    queues: Vec<QueueState>,
    waiting: Vec<Item>,
    live: BTreeMap<ConversationId, Held>,
    arrived: usize,
}

fn queues() -> Vec<QueueState> {
    let sales = Queue {
        team_ids: vec!["sales".into(), "care".into()],
        any_agent: false,
        weight: 2,
        ..queue("sales")
    };
    let sales = Queue {
        overflow: vec![
            to("turns", OverflowWhen::Depth(3)),
            to("main", OverflowWhen::WaitedSecs(900)),
        ],
        ..sales
    };
    let turns = Queue {
        // A ring: sales flows back here.
        overflow: vec![to("sales", OverflowWhen::PredictedWaitSecs(40))],
        team_ids: vec!["sales".into()],
        strategy: switchboard_domain::Strategy::RoundRobin,
        auto_accept: true,
        ..queue("turns")
    };
    let mut turns = QueueState::from(turns);
    turns.pace_secs = Some(10);
    vec![queue("main").into(), sales.into(), turns]
}

fn to(queue: &str, when: OverflowWhen) -> Overflow {
    Overflow {
        when,
        to: queue.into(),
    }
}

fn agents() -> Vec<AgentState> {
    let mut both = skilled("both", &[("german", 6), ("gold", 5)]);
    both.team_ids.push("sales".into());
    let seller = AgentState {
        team_ids: vec!["sales".into()],
        ..skilled("seller", &[("german", 3)])
    };
    let mut agents = vec![agent("ann"), skilled("german", &[("german", 8)]), both, seller];
    for (index, agent) in agents.iter_mut().enumerate() {
        agent.total = 3;
        agent.auto_accept = index % 2 == 0;
    }
    agents
}

fn requirements(asks: usize) -> Vec<Requirement> {
    match asks {
        0 | 1 => vec![],
        2 => vec![needs("german", 5)],
        _ => vec![
            needs("german", 3),
            drops("gold", 2, Some(20)),
            drops("vienna", 1, Some(60)),
        ],
    }
}

impl World {
    fn new() -> Self {
        Self {
            now: at(0),
            agents: agents(),
            queues: queues(),
            waiting: Vec::new(),
            live: BTreeMap::new(),
            arrived: 0,
        }
    }

    fn arrive(&mut self, shape: &Shape) {
        let mut skipping = step("sales", Some(30));
        skipping.skip_if_no_agent_available = true;
        let steps = match shape.place {
            0 => vec![],
            1 => vec![step("sales", None)],
            2 => vec![step("turns", None)],
            3 => vec![
                step("turns", Some(15)),
                step("main", Some(15)),
                step("sales", None),
            ],
            _ => vec![skipping, step("main", None)],
        };
        self.arrived += 1;
        self.waiting.push(Item {
            waiting_since: self.now,
            priority: shape.priority,
            boost_secs: shape.boost_secs,
            requirements: requirements(shape.asks),
            steps,
            ..item(&format!("c{:04}", self.arrived), 0)
        });
    }

    /// Ends a live reservation and gives back what it was of.
    fn release(&mut self, which: prop::sample::Index, offered_only: bool) -> Option<(usize, Item)> {
        let open: Vec<ConversationId> = self
            .live
            .iter()
            .filter(|(_, held)| held.offered || !offered_only)
            .map(|(id, _)| id.clone())
            .collect();
        if open.is_empty() {
            return None;
        }
        let held = self.live.remove(which.get(&open)).unwrap();
        for slot in &held.slots {
            assert!(self.agents[held.agent].held.remove(slot));
        }
        let on_channel = self.agents[held.agent]
            .held_per_channel
            .get_mut(&Channel::Whatsapp);
        *on_channel.unwrap() -= u32::try_from(held.slots.len()).unwrap();
        Some((held.agent, held.item))
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Arrive(shape) => self.arrive(shape),
            Event::Later(secs) => self.now = self.now.plus(Duration::from_secs(u64::from(*secs))),
            Event::Accept(which) => {
                let count = self.live.len().max(1);
                if let Some(held) = self.live.values_mut().nth(which.index(count)) {
                    held.offered = false;
                }
            }
            Event::Decline(which) => {
                if let Some((agent, mut item)) = self.release(*which, true) {
                    item.declined.push(self.agents[agent].user_id.clone());
                    self.waiting.push(item);
                }
            }
            Event::Expire(which) => {
                if let Some((agent, item)) = self.release(*which, true) {
                    self.agents[agent].intent = Intent::Away;
                    self.waiting.push(item);
                }
            }
            Event::Complete(which) => {
                self.release(*which, false);
            }
            Event::Presence(which, intent, online) => {
                let agent = which.index(self.agents.len());
                self.agents[agent].intent = *intent;
                self.agents[agent].online = *online;
            }
            Event::Total(which, total) => {
                let agent = which.index(self.agents.len());
                self.agents[agent].total = *total;
            }
            Event::ChannelLimit(which, limit) => {
                let agent = which.index(self.agents.len());
                self.agents[agent].channel_limits = limit
                    .map(|limit| (Channel::Whatsapp, limit))
                    .into_iter()
                    .collect();
            }
            Event::Pass => self.pass(usize::MAX),
            Event::CrashedPass(written) => self.pass(*written),
        }
    }

    /// A pass of which only the first `written` placements reach the store.
    fn pass(&mut self, written: usize) {
        let mut snapshot = self.snapshot();
        line_up(&mut snapshot);
        self.queues.clone_from(&snapshot.queues);
        self.waiting.clone_from(&snapshot.items);
        let pass = assign_pass(&snapshot, usize::MAX);
        same_for_any_order(&snapshot, &pass);
        traced(&snapshot, &pass);
        for placement in pass.placements.iter().take(written) {
            self.in_order(placement);
            self.commit(placement);
        }
        if written >= pass.placements.len() {
            self.nobody_left_out(&pass);
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            now: self.now,
            agents: self.agents.clone(),
            queues: self.queues.clone(),
            items: self.waiting.clone(),
        }
    }

    /// Whether the agent could take the item now, in any of the queues it tries.
    fn could(&self, agent: &AgentState, item: &Item) -> bool {
        tried_queues(item, &self.queues, self.now)
            .into_iter()
            .any(|state| rejection(item, &state.queue, agent, self.now).is_none())
    }

    /// Nobody before it in the order, and nobody from beyond the bound, waits for this very agent.
    fn in_order(&self, placement: &Placement) {
        let agent = self
            .agents
            .iter()
            .find(|agent| agent.user_id == placement.agent_id)
            .unwrap();
        let find = |item: &&Item| item.conversation_id == placement.conversation_id;
        let placed = self
            .waiting
            .iter()
            .find(find)
            .expect("a waiting item is placed once");
        assert!(self.could(agent, placed), "{placement:?}");
        for other in &self.waiting {
            let first = Place::of(other, self.now) < Place::of(placed, self.now);
            let beyond = placed.waiting_since >= other.waiting_since.plus(OVERTAKE_BOUND);
            assert!(first || !beyond || other.conversation_id == placed.conversation_id);
            assert!(
                !(first && self.could(agent, other)),
                "{other:?} was overtaken by {placed:?}"
            );
        }
    }

    /// Writes a placement the way the store does: capacity and slots are checked again (P5).
    fn commit(&mut self, placement: &Placement) {
        let index = self
            .agents
            .iter()
            .position(|agent| agent.user_id == placement.agent_id)
            .unwrap();
        let position = self
            .waiting
            .iter()
            .position(|item| item.conversation_id == placement.conversation_id);
        let item = self.waiting.remove(position.unwrap());
        let agent = &mut self.agents[index];
        assert!(agent.intent == Intent::Available && agent.online);
        assert_eq!(placement.slots.len(), placement.weight as usize);
        assert!(
            placement.slots.iter().all(|slot| agent.held.insert(*slot)),
            "a slot was taken twice"
        );
        assert!(agent.used() <= agent.total, "{} is above capacity", agent.user_id);
        *agent.held_per_channel.entry(Channel::Whatsapp).or_default() += placement.weight;
        agent.last_assigned_at = Some(self.now);
        if let Some(limit) = agent.channel_limits.get(&Channel::Whatsapp) {
            assert!(
                agent.held_per_channel[&Channel::Whatsapp] <= *limit,
                "above the channel's limit"
            );
        }
        let held = Held {
            agent: index,
            slots: placement.slots.clone(),
            item,
            offered: matches!(placement.decision.outcome, Outcome::Offered { .. }),
        };
        assert!(
            self.live
                .insert(placement.conversation_id.clone(), held)
                .is_none(),
            "two agents"
        );
    }

    fn nobody_left_out(&self, pass: &Pass) {
        assert_eq!(pass.waiting.len(), self.waiting.len());
        for item in &self.waiting {
            let idle = self.agents.iter().find(|agent| self.could(agent, item));
            assert!(
                idle.is_none_or(|idle| self.is_kept(idle, item, pass)),
                "{idle:?} could take {item:?}"
            );
        }
    }
}

impl World {
    /// Whether the agent is kept for a heavier item that comes before this one and has waited long enough for that.
    fn is_kept(&self, agent: &AgentState, item: &Item, pass: &Pass) -> bool {
        let find = |decision: &&Decision| decision.conversation_id == item.conversation_id;
        let decision = pass.waiting.iter().find(find).unwrap();
        let considered = decision
            .considered
            .iter()
            .find(|one| one.agent_id == agent.user_id);
        let Some(Rejection::KeptFor { conversation_id }) = considered.and_then(|one| one.rejected.clone())
        else {
            return false;
        };
        let keeper = self
            .waiting
            .iter()
            .find(|item| item.conversation_id == conversation_id);
        let keeper = keeper.expect("whoever keeps an agent waits");
        Place::of(keeper, self.now) < Place::of(item, self.now) && keeper.age(self.now) >= KEEP_AFTER
    }
}

fn same_for_any_order(snapshot: &Snapshot, pass: &Pass) {
    let mut shuffled = snapshot.clone();
    shuffled.agents.reverse();
    shuffled.queues.rotate_left(1);
    shuffled.items.reverse();
    let middle = shuffled.items.len() / 2;
    shuffled.items.rotate_left(middle);
    assert_eq!(&assign_pass(&shuffled, usize::MAX), pass);
    let brief = assign_pass(snapshot, 0);
    assert_eq!(brief.placements, pass.placements, "explaining changes nothing");
}

/// Every decision names each agent once, ranks without a gap, and replays to itself.
fn traced(snapshot: &Snapshot, pass: &Pass) {
    let placed = pass.placements.iter().map(|placement| &placement.decision);
    for decision in placed.chain(&pass.waiting) {
        let ranks: Vec<u32> = decision.considered.iter().filter_map(|each| each.rank).collect();
        assert!(ranks.iter().copied().eq(1..=u32::try_from(ranks.len()).unwrap()));
        assert!(
            decision
                .considered
                .iter()
                .all(|each| each.rank.is_none() == each.rejected.is_some())
        );
        let mut names: Vec<&UserId> = decision.considered.iter().map(|each| &each.agent_id).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), decision.considered.len());
        match &decision.outcome {
            Outcome::Assigned { agent_id } | Outcome::Offered { agent_id } => {
                assert_eq!(&decision.considered[0].agent_id, agent_id);
            }
            Outcome::Waiting => assert!(ranks.is_empty()),
        }
        assert_eq!(decision.at, snapshot.now);
        assert_eq!(&replay(decision).unwrap(), decision);
    }
}

proptest! {
    #[test]
    fn every_world_keeps_the_promises(events in prop::collection::vec(event(), 0..70)) {
        let mut world = World::new();
        for event in &events {
            world.happen(event);
        }
    }
}
