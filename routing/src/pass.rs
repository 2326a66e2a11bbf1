//! One pass over everything that waits: each item in its order, each seeing what the ones before it took.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

use switchboard_domain::{Channel, Decision, Queue, QueueId, SkillId, Timestamp};

use crate::{
    AgentState, Item, Placement, Snapshot, Verdict, decide::tried, eligible::Ask, order::Place, trace,
};

/// What a pass came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pass {
    /// In the order they were made; each took the earlier ones into account.
    pub placements: Vec<Placement>,
    /// Why the first few of those who stay wait.
    pub waiting: Vec<Decision>,
}

/// Gives the waiting items of a snapshot to its agents, first come in [`Place`] order, and explains the wait of at most
/// `explain` of those for whom there is nobody (ask [`crate::decide`] about any other).
///
/// An item that nobody can take doesn't hold up the ones behind it. A decision considers the agents whose teams serve
/// the queues that were tried.
pub fn assign_pass(snapshot: &Snapshot, explain: usize) -> Pass {
    let mut floor = Floor::of(snapshot);
    let mut pass = Pass::default();
    let mut line: BinaryHeap<_> = snapshot
        .items
        .iter()
        .enumerate()
        .map(|(index, item)| Reverse((Place::of(item, snapshot.now), index)))
        .collect();
    while let Some(Reverse((_, index))) = line.pop() {
        let item = &snapshot.items[index];
        let more = pass.waiting.len() < explain;
        if !more && floor.is_full() {
            break;
        }
        match floor.place(item, more) {
            Some(Verdict::Placed(placement)) => pass.placements.push(*placement),
            Some(Verdict::Waiting(decision)) => pass.waiting.push(*decision),
            None => {}
        }
    }
    pass
}

/// A queue and its agents, by their place in [`Floor::agents`].
struct Lane<'a> {
    queue: &'a Queue,
    /// Everyone of its teams, sorted by id.
    members: Vec<usize>,
    /// Those of them who can still take something.
    open: Vec<usize>,
}

/// What two items must share to be refused by the same agents: queue, channel, and skills in force.
///
/// Within a pass load only grows, so if nobody could take one, nobody can take the next.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind<'a> {
    lane: usize,
    channel: Channel,
    asks_nothing: bool,
    skills: Vec<(&'a SkillId, u8)>,
}

/// Agents and queues while a pass goes on.
struct Floor<'a> {
    now: Timestamp,
    agents: Vec<AgentState>,
    lanes: Vec<Lane<'a>>,
    lane_of: BTreeMap<&'a QueueId, usize>,
    hopeless: BTreeSet<Kind<'a>>,
    placed: u32,
}

impl<'a> Floor<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let mut agents = snapshot.agents.clone();
        agents.sort_by(|a, b| a.user_id.cmp(&b.user_id));
        let lanes: Vec<Lane<'_>> = snapshot
            .queues
            .iter()
            .map(|state| Lane::of(&state.queue, &agents))
            .collect();
        Self {
            now: snapshot.now,
            lane_of: lanes
                .iter()
                .enumerate()
                .map(|(index, lane)| (&lane.queue.id, index))
                .collect(),
            agents,
            lanes,
            hopeless: BTreeSet::new(),
            placed: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.lanes.iter().all(|lane| lane.open.is_empty())
    }

    /// Places the item if anyone can take it; otherwise says why not, if asked to.
    fn place(&mut self, item: &'a Item, explain: bool) -> Option<Verdict> {
        let lanes = tried(item, self.now, |id| self.lane_of.get(id).copied());
        let ask = Ask::new(item, self.now);
        let hope = lanes.iter().any(|&lane| self.has_taker(&ask, lane));
        if !hope && !explain {
            return None;
        }
        let verdict = self.verdict(&ask, &lanes);
        if let Verdict::Placed(placement) = &verdict {
            self.take(placement, item);
        }
        Some(verdict)
    }

    fn has_taker(&mut self, ask: &Ask<'a>, lane: usize) -> bool {
        let Lane { queue, open, .. } = &self.lanes[lane];
        if open.is_empty() {
            return false;
        }
        let kind = Kind::of(ask, lane);
        if self.hopeless.contains(&kind) {
            return false;
        }
        let found = open
            .iter()
            .any(|&agent| ask.rejection(queue, &self.agents[agent]).is_none());
        if !found && ask.item.declined.is_empty() && ask.item.raced.is_empty() {
            self.hopeless.insert(kind);
        }
        found
    }

    fn verdict(&self, ask: &Ask<'_>, lanes: &[usize]) -> Verdict {
        let members: BTreeSet<usize> = lanes
            .iter()
            .flat_map(|&lane| self.lanes[lane].members.iter().copied())
            .collect();
        let agents: Vec<&AgentState> = members.into_iter().map(|agent| &self.agents[agent]).collect();
        let queues: Vec<&Queue> = lanes.iter().map(|&lane| self.lanes[lane].queue).collect();
        trace::verdict(ask, &queues, &agents)
    }

    fn take(&mut self, placement: &Placement, item: &Item) {
        self.placed += 1;
        let Ok(index) = self
            .agents
            .binary_search_by(|agent| agent.user_id.cmp(&placement.agent_id))
        else {
            return;
        };
        let agent = &mut self.agents[index];
        agent.take(&placement.slots, item.facts.channel, self.now, self.placed);
        if !has_room(agent) {
            for lane in &mut self.lanes {
                lane.open.retain(|&open| open != index);
            }
        }
    }
}

impl<'a> Lane<'a> {
    fn of(queue: &'a Queue, agents: &[AgentState]) -> Self {
        let members: Vec<usize> = (0..agents.len())
            .filter(|&index| agents[index].serves(queue))
            .collect();
        let open = members
            .iter()
            .copied()
            .filter(|&index| {
                let agent = &agents[index];
                agent.intent.is_routable() && agent.online && has_room(agent)
            })
            .collect();
        Self { queue, members, open }
    }
}

impl<'a> Kind<'a> {
    fn of(ask: &Ask<'a>, lane: usize) -> Self {
        Self {
            lane,
            channel: ask.item.facts.channel,
            asks_nothing: ask.item.requirements.is_empty(),
            skills: ask
                .holding
                .iter()
                .map(|needed| (&needed.skill_id, needed.min_level))
                .collect(),
        }
    }
}

fn has_room(agent: &AgentState) -> bool {
    agent.used() < agent.total
}
