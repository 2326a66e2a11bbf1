//! Those who wait, by what they wait for.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap},
    ops::Bound::{Excluded, Unbounded},
};

use switchboard_domain::{Channel, ConversationId, OverflowWhen, Priority, SkillId, Timestamp};

use super::desk::Desk;
use crate::{
    Item, KEEP_AFTER,
    eligible::weight,
    requirements::{holding, next_drop},
    steps::standing,
};

/// What makes two items the same to every agent, and leaves their order to their age.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    lanes: Vec<usize>,
    channel: Channel,
    asks_nothing: bool,
    holding: Vec<(SkillId, u8)>,
    priority: Priority,
    boost_secs: u32,
}

pub(super) type Waiter = (Timestamp, ConversationId, usize);

#[derive(Default)]
pub(super) struct Groups {
    numbers: HashMap<Kind, usize>,
    /// By number: the queues tried, and who waits, the oldest first.
    all: Vec<(Vec<usize>, BTreeSet<Waiter>)>,
    /// The group of each who waits, by place in the scenario.
    of: BTreeMap<usize, usize>,
    /// When whose group changes.
    moves: BinaryHeap<Reverse<(Timestamp, usize)>>,
}

impl Groups {
    pub fn waiting(&self) -> impl Iterator<Item = usize> + '_ {
        self.of.keys().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Puts an item where it belongs now.
    pub fn put(&mut self, desk: &Desk, item: &Item, index: usize) {
        let lanes: Vec<usize> = desk
            .tried(item)
            .into_iter()
            .map(|reached| reached.queue)
            .collect();
        let age = item.age(desk.now);
        let kind = Kind {
            channel: item.facts.channel,
            asks_nothing: item.requirements.is_empty(),
            holding: holding(&item.requirements, age)
                .into_iter()
                .map(|needed| (needed.skill_id.clone(), needed.min_level))
                .collect(),
            priority: item.priority,
            boost_secs: item.boost_secs,
            lanes,
        };
        let number = self.numbers.get(&kind).copied().unwrap_or_else(|| {
            self.all.push((kind.lanes.clone(), BTreeSet::new()));
            self.numbers.insert(kind, self.all.len() - 1);
            self.all.len() - 1
        });
        self.all[number].1.insert(waiter(item, index));
        self.of.insert(index, number);
        if let Some(at) = next_move(desk, item) {
            self.moves.push(Reverse((at, index)));
        }
    }

    pub fn remove(&mut self, item: &Item, index: usize) {
        if let Some(number) = self.of.remove(&index) {
            self.all[number].1.remove(&waiter(item, index));
        }
    }

    /// The next moment at which somebody's group changes.
    pub fn next_move(&self) -> Option<Timestamp> {
        self.moves.peek().map(|Reverse((at, _))| *at)
    }

    /// Those whose moment has come, as far as they still wait.
    pub fn due(&mut self, now: Timestamp) -> Vec<usize> {
        let mut due = Vec::new();
        while let Some(Reverse((at, index))) = self.moves.peek().copied()
            && at <= now
        {
            self.moves.pop();
            if self.of.contains_key(&index) {
                due.push(index);
            }
        }
        due
    }

    /// The groups with their queues, those that nobody waits in included.
    pub fn lanes(&self) -> impl Iterator<Item = (usize, &[usize])> {
        self.all
            .iter()
            .enumerate()
            .map(|(number, (lanes, _))| (number, lanes.as_slice()))
    }

    /// The oldest of a group who comes after `after`.
    pub fn next_in(&self, group: usize, after: Option<&Waiter>) -> Option<&Waiter> {
        let waiters = &self.all[group].1;
        match after {
            None => waiters.first(),
            Some(after) => waiters.range((Excluded(after), Unbounded)).next(),
        }
    }
}

fn waiter(item: &Item, index: usize) -> Waiter {
    (item.waiting_since, item.conversation_id.clone(), index)
}

/// When age alone puts the item elsewhere, or lets it keep an agent.
fn next_move(desk: &Desk, item: &Item) -> Option<Timestamp> {
    let age = item.age(desk.now);
    let steps = standing(item, age).until;
    let drops = next_drop(&item.requirements, age);
    let aged = desk.queues.iter().flat_map(|state| {
        let waited = state
            .queue
            .overflow
            .iter()
            .filter_map(|overflow| match overflow.when {
                OverflowWhen::WaitedSecs(secs) => Some(std::time::Duration::from_secs(u64::from(secs))),
                _ => None,
            });
        waited.chain((weight(&state.queue) > 1).then_some(KEEP_AFTER))
    });
    let next = [steps, drops]
        .into_iter()
        .flatten()
        .chain(aged)
        .filter(|at| *at > age)
        .min();
    next.map(|age| item.waiting_since.plus(age))
}
