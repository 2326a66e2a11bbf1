//! One pass over everything that waits: each item in its order, each seeing what the ones before it took.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
};

use switchboard_domain::{Channel, Decision, QueueId, SkillId, Timestamp, UserId};

use crate::{
    AgentState, Item, Placement, QueueState, Snapshot, Verdict,
    decide::tried,
    eligible::Ask,
    keep::{lacking, may_keep},
    order::Place,
    overflow::Reached,
    trace,
};

/// What a pass came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pass {
    /// In the order they were made; each took the earlier ones into account.
    pub placements: Vec<Placement>,
    /// Why the first few of those who stay wait.
    pub waiting: Vec<Decision>,
}

/// Gives the waiting items of a snapshot to its agents, first come in [`Place`] order, and explains at most the first
/// `explain` of those who still wait afterwards (ask [`crate::decide()`] about any other).
///
/// An item that nobody can take doesn't hold up the ones behind it. A decision considers the agents whose teams serve
/// the queues that were tried.
pub fn assign_pass(snapshot: &Snapshot, explain: usize) -> Pass {
    let mut floor = Floor::of(snapshot);
    let mut placed = vec![false; snapshot.items.len()];
    let mut pass = Pass::default();
    let mut line = floor.line(&snapshot.items);
    while !floor.is_full()
        && let Some(Reverse((_, index))) = line.pop()
    {
        if let Some(placement) = floor.place(&snapshot.items[index]) {
            placed[index] = true;
            pass.placements.push(placement);
        }
    }
    if explain > 0 {
        pass.waiting = floor.explain(snapshot, &placed, explain);
    }
    pass
}

/// A queue and its agents, by their place in [`Floor::agents`].
struct Lane<'a> {
    state: &'a QueueState,
    /// Everyone of its teams, sorted by id.
    members: Vec<usize>,
    /// Those of them who can still take something.
    open: Vec<usize>,
}

/// What two items must share to be refused by the same agents: queue, channel, and skills in force.
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
    lane_of: HashMap<&'a QueueId, usize>,
    /// Kinds that nobody can take. Within a pass load only grows, so what has no taker now has none later.
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
            .map(|state| Lane::of(state, &agents))
            .collect();
        let lane_of = (0..)
            .zip(&lanes)
            .map(|(index, lane)| (&lane.state.queue.id, index));
        Self {
            now: snapshot.now,
            lane_of: lane_of.collect(),
            agents,
            lanes,
            hopeless: BTreeSet::new(),
            placed: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.lanes.iter().all(|lane| lane.open.is_empty())
    }

    /// The items that somebody might take, ready to be taken in order. Most of a long queue never needs sorting.
    fn line(&mut self, items: &'a [Item]) -> BinaryHeap<Reverse<(Place<'a>, usize)>> {
        let mut hopeful = Vec::new();
        if self.is_full() {
            return hopeful.into();
        }
        let mut taken_by_someone = BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            let open = self.open_lanes(item);
            if open.is_empty() {
                continue;
            }
            let ask = self.ask(item);
            let keeps = open
                .iter()
                .any(|&lane| may_keep(&ask, &self.lanes[lane].state.queue));
            let hope = open.into_iter().any(|lane| {
                let kind = Kind::of(&ask, lane);
                if taken_by_someone.contains(&kind) {
                    return true;
                }
                let hope = self.has_taker(&ask, lane);
                if hope {
                    taken_by_someone.insert(kind);
                }
                hope
            });
            if hope || keeps {
                hopeful.push(Reverse((Place::of(item, self.now), index)));
            }
        }
        hopeful.into()
    }

    fn place(&mut self, item: &'a Item) -> Option<Placement> {
        let open = self.open_lanes(item);
        let ask = self.ask(item);
        if !open.iter().any(|&lane| self.has_taker(&ask, lane)) {
            self.keep(&ask, &open);
            return None;
        }
        let Verdict::Placed(placement) = self.verdict(&ask) else {
            return None;
        };
        self.take(&placement, item);
        Some(*placement)
    }

    /// Why the first of those who weren't placed wait, as things are at the end.
    fn explain(&self, snapshot: &'a Snapshot, placed: &[bool], most: usize) -> Vec<Decision> {
        let left = snapshot.items.iter().zip(placed).filter(|(_, placed)| !**placed);
        let mut left: Vec<_> = left.map(|(item, _)| (Place::of(item, self.now), item)).collect();
        if left.len() > most {
            left.select_nth_unstable_by(most, |a, b| a.0.cmp(&b.0));
            left.truncate(most);
        }
        left.sort_by(|a, b| a.0.cmp(&b.0));
        left.into_iter()
            .map(|(_, item)| self.verdict(&self.ask(item)).into_decision())
            .collect()
    }

    /// The queues the item tries in which somebody has room at all.
    fn open_lanes(&self, item: &Item) -> Vec<usize> {
        let mut lanes = self.lanes_of(item);
        lanes.retain(|&lane| !self.lanes[lane].open.is_empty());
        lanes
    }

    fn lanes_of(&self, item: &Item) -> Vec<usize> {
        let tried = self.tried(item);
        tried.into_iter().map(|reached| reached.queue).collect()
    }

    fn tried(&self, item: &Item) -> Vec<Reached<usize>> {
        let find = |id: &QueueId| self.lane_of.get(id).copied();
        tried(item, self.now, &find, &|lane| self.lanes[lane].state)
    }

    fn ask(&self, item: &'a Item) -> Ask<'a> {
        Ask::among(item, self.now, |id| Some(&self.agents[self.agent(id)?]))
    }

    fn agent(&self, id: &UserId) -> Option<usize> {
        self.agents.binary_search_by(|agent| agent.user_id.cmp(id)).ok()
    }

    /// Closes the agent who lacks the fewest units for a heavy item that waits too long to those behind it.
    fn keep(&mut self, ask: &Ask<'a>, lanes: &[usize]) {
        let nearest = lanes.iter().find_map(|&lane| {
            let Lane { state, open, .. } = &self.lanes[lane];
            if !may_keep(ask, &state.queue) {
                return None;
            }
            let lack = |&index: &usize| Some((lacking(ask, &state.queue, &self.agents[index])?, index));
            open.iter().filter_map(lack).min()
        });
        if let Some((_, index)) = nearest {
            self.agents[index].kept_for = Some(ask.item.conversation_id.clone());
            self.close(index);
        }
    }

    fn close(&mut self, index: usize) {
        for lane in &mut self.lanes {
            lane.open.retain(|&open| open != index);
        }
    }

    fn has_taker(&mut self, ask: &Ask<'a>, lane: usize) -> bool {
        let kind = Kind::of(ask, lane);
        if self.hopeless.contains(&kind) {
            return false;
        }
        let Lane { state, open, .. } = &self.lanes[lane];
        let can = |&agent: &usize| ask.rejection(&state.queue, &self.agents[agent]).is_none();
        let found = open.iter().any(can);
        if !found && ask.is_unrefused() {
            self.hopeless.insert(kind);
        }
        found
    }

    fn verdict(&self, ask: &Ask<'_>) -> Verdict {
        let tried = self.tried(ask.item);
        let members: BTreeSet<usize> = tried
            .iter()
            .flat_map(|reached| self.lanes[reached.queue].members.iter().copied())
            .collect();
        let agents: Vec<&AgentState> = members.into_iter().map(|agent| &self.agents[agent]).collect();
        let known = tried.into_iter().map(|reached| Reached {
            queue: self.lanes[reached.queue].state,
            from: reached.from,
        });
        let known: Vec<Reached<&QueueState>> = known.collect();
        let find = |id: &QueueId| Some(self.lanes[*self.lane_of.get(id)?].state);
        trace::verdict(ask, &known, find, &agents)
    }

    fn take(&mut self, placement: &Placement, item: &Item) {
        self.placed += 1;
        let Some(index) = self.agent(&placement.agent_id) else {
            return;
        };
        let agent = &mut self.agents[index];
        agent.take(&placement.slots, item.facts.channel, self.now, self.placed);
        if !has_room(agent) {
            self.close(index);
        }
    }
}

impl<'a> Lane<'a> {
    fn of(state: &'a QueueState, agents: &[AgentState]) -> Self {
        let members: Vec<usize> = (0..agents.len())
            .filter(|&index| agents[index].serves(&state.queue))
            .collect();
        let open = members
            .iter()
            .copied()
            .filter(|&index| {
                let agent = &agents[index];
                agent.intent.is_routable() && agent.online && has_room(agent)
            })
            .collect();
        Self { state, members, open }
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
