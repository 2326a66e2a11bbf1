//! The run: from one moment at which something happens to the next, with a pass at each.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    time::Duration,
};

use switchboard_domain::{Field, OverflowWhen, Scenario, ScenarioConversation, Timestamp};

use super::{
    Conditions, Fate, Given,
    desk::Desk,
    groups::{Groups, Waiter},
};
use crate::{Facts, Item, LastAgent, Place, Snapshot, line_up};

/// How often progress is told, in conversations.
const TELL_EVERY: usize = 1000;

/// In the order they happen within one moment: what frees capacity comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A conversation leaves its agent.
    End(usize),
    ShiftEnds(usize),
    ShiftBegins(usize),
    Arrives(usize),
}

struct Run<'a> {
    scenario: &'a Scenario,
    conditions: &'a Conditions<'a>,
    desk: Desk,
    groups: Groups,
    /// Those who wait, by place in the scenario.
    items: BTreeMap<usize, Item>,
    events: BinaryHeap<Reverse<(Timestamp, Event)>>,
    /// Slots held, by conversation.
    held: BTreeMap<usize, (usize, Vec<u32>)>,
    fates: Vec<Fate>,
    hours_change: Option<Timestamp>,
    by_hours: bool,
    by_depth: bool,
}

/// What became of each conversation, in the scenario's order; `None` if it was called off.
pub(super) fn play(
    scenario: &Scenario,
    conditions: &Conditions<'_>,
    progress: &mut dyn FnMut(usize) -> bool,
) -> Option<Vec<Fate>> {
    let mut run = Run::new(scenario, conditions);
    let (mut arrived, mut told) = (0, 0);
    while let Some(now) = run.next_moment() {
        run.desk.now = now;
        arrived += run.happen();
        run.pass();
        if arrived >= told + TELL_EVERY {
            told = arrived;
            if !progress(arrived) {
                return None;
            }
        }
    }
    Some(run.fates)
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario, conditions: &'a Conditions<'a>) -> Self {
        let arrivals = (0..)
            .zip(&scenario.conversations)
            .map(|(index, one)| (one.at, Event::Arrives(index)));
        let mut events: BinaryHeap<Reverse<(Timestamp, Event)>> = arrivals.map(Reverse).collect();
        let desk = Desk::new(scenario, conditions.queues, conditions.calendars);
        for (index, &place) in desk.places.iter().enumerate() {
            for shift in &scenario.agents[place].shifts {
                events.push(Reverse((shift.from, Event::ShiftBegins(index))));
                events.push(Reverse((shift.until, Event::ShiftEnds(index))));
            }
        }
        let overflows = conditions.queues.iter().flat_map(|queue| &queue.overflow);
        let by_depth = overflows.into_iter().any(|over| {
            matches!(
                over.when,
                OverflowWhen::Depth(_) | OverflowWhen::PredictedWaitSecs(_)
            )
        });
        let by_hours = conditions.rules.asks(|field| *field == Field::Hours)
            || conditions
                .queues
                .iter()
                .any(|queue| queue.business_hours_id.is_some());
        Self {
            scenario,
            conditions,
            desk,
            groups: Groups::default(),
            items: BTreeMap::new(),
            events,
            held: BTreeMap::new(),
            fates: vec![Fate::default(); scenario.conversations.len()],
            hours_change: None,
            by_hours,
            by_depth,
        }
    }

    /// While nothing but the passing of time is left, only those who wait can still change anything.
    fn next_moment(&self) -> Option<Timestamp> {
        let event = self.events.peek().map(|Reverse((at, _))| *at);
        let hours = self.hours_change.filter(|_| event.is_some());
        [event, self.groups.next_move(), hours]
            .into_iter()
            .flatten()
            .min()
    }

    /// Everything of this moment; how many arrived.
    fn happen(&mut self) -> usize {
        let now = self.desk.now;
        if self.by_hours && self.hours_change.is_none_or(|at| at <= now) {
            self.desk.keep_hours();
            self.hours_change = self.desk.next_hours();
            self.regroup(self.groups.waiting().collect());
        }
        let mut arrived = 0;
        while let Some(Reverse((at, event))) = self.events.peek().copied()
            && at <= now
        {
            self.events.pop();
            match event {
                Event::End(index) => self.end(index),
                Event::ShiftBegins(agent) => self.desk.agents[agent].online = true,
                Event::ShiftEnds(agent) => self.desk.agents[agent].online = false,
                Event::Arrives(index) => {
                    arrived += 1;
                    self.arrive(index);
                }
            }
        }
        let due = self.groups.due(now);
        self.regroup(due);
        if self.by_depth {
            self.count_places();
        }
        arrived
    }

    fn arrive(&mut self, index: usize) {
        let item = item(&self.scenario.conversations[index], &self.desk, self.conditions);
        self.fates[index].first_queue = self.desk.enters(&item);
        self.groups.put(&self.desk, &item, index);
        self.items.insert(index, item);
    }

    fn end(&mut self, index: usize) {
        let Some((agent, slots)) = self.held.remove(&index) else {
            return;
        };
        let channel = self.scenario.conversations[index].channel;
        let agent = &mut self.desk.agents[agent];
        for slot in &slots {
            agent.held.remove(slot);
        }
        if let Some(on_channel) = agent.held_per_channel.get_mut(&channel) {
            *on_channel = on_channel.saturating_sub(u32::try_from(slots.len()).unwrap_or(u32::MAX));
        }
    }

    /// Classifies anew, and puts each where it belongs by now.
    fn regroup(&mut self, indexes: Vec<usize>) {
        for index in indexes {
            let Some(mut moved) = self.items.remove(&index) else {
                continue;
            };
            self.groups.remove(&moved, index);
            if self.by_hours {
                let ahead = moved.ahead;
                moved = item(&self.scenario.conversations[index], &self.desk, self.conditions);
                moved.ahead = ahead;
            }
            self.groups.put(&self.desk, &moved, index);
            self.items.insert(index, moved);
        }
    }

    /// Overflow by depth moves anyone at any moment.
    fn count_places(&mut self) {
        self.desk.keep_paces();
        let indexes: Vec<usize> = self.items.keys().copied().collect();
        let mut snapshot = Snapshot {
            now: self.desk.now,
            agents: Vec::new(),
            queues: std::mem::take(&mut self.desk.queues),
            items: self.items.values().cloned().collect(),
        };
        line_up(&mut snapshot);
        self.desk.queues = snapshot.queues;
        for (&index, counted) in indexes.iter().zip(snapshot.items) {
            self.groups.remove(&counted, index);
            self.groups.put(&self.desk, &counted, index);
            self.items.insert(index, counted);
        }
    }

    /// Gives what can be given, each to the first in line.
    fn pass(&mut self) {
        if self.groups.is_empty() {
            return;
        }
        self.desk.begin_pass();
        let mut hopeless: BTreeSet<usize> = BTreeSet::new();
        let mut reached: BTreeMap<usize, Waiter> = BTreeMap::new();
        loop {
            let open = self.desk.open_agents();
            if open.is_empty() {
                return;
            }
            let Some((group, waiter)) = self.first(&open, &hopeless, &reached) else {
                return;
            };
            let index = waiter.2;
            let Some(chosen) = self.desk.choose(&self.items[&index], &open) else {
                if self.desk.keep(&self.items[&index], &open) {
                    reached.insert(group, waiter);
                } else {
                    hopeless.insert(group);
                }
                continue;
            };
            let Some(item) = self.items.remove(&index) else {
                return;
            };
            self.groups.remove(&item, index);
            let used = self.desk.take(&chosen, &item);
            let now = self.desk.now;
            self.fates[index].given = Some(Given {
                queue: chosen.lane,
                agent: self.desk.places[chosen.agent],
                at: now,
                overflowed: chosen.overflowed,
                used,
            });
            let secs = u64::from(self.scenario.conversations[index].handle_secs.max(1));
            let ends = now.plus(Duration::from_secs(secs));
            self.events.push(Reverse((ends, Event::End(index))));
            self.held.insert(index, (chosen.agent, chosen.slots));
        }
    }

    /// The first in line of the groups that may find somebody.
    fn first(
        &self,
        open: &[usize],
        hopeless: &BTreeSet<usize>,
        reached: &BTreeMap<usize, Waiter>,
    ) -> Option<(usize, Waiter)> {
        let heads = self.groups.lanes().filter_map(|(group, lanes)| {
            if hopeless.contains(&group) {
                return None;
            }
            let waiter = self.groups.next_in(group, reached.get(&group))?;
            self.desk.any_serves(open, lanes).then_some((group, waiter))
        });
        heads
            .min_by(|(_, a), (_, b)| {
                let place = |waiter: &Waiter| Place::of(&self.items[&waiter.2], self.desk.now);
                place(a).cmp(&place(b))
            })
            .map(|(group, waiter)| (group, waiter.clone()))
    }
}

fn item(one: &ScenarioConversation, desk: &Desk, conditions: &Conditions<'_>) -> Item {
    let mut facts = Facts::new(one.channel, one.account_id.clone());
    facts.branch_id.clone_from(&one.branch_id);
    facts.language.clone_from(&one.language);
    facts.text.clone_from(&one.text);
    facts.labels.clone_from(&one.labels);
    facts.customer.clone_from(&one.customer);
    facts.orders.clone_from(&one.orders);
    facts.open_hours.clone_from(&desk.open);
    let mut classification = conditions.rules.classify(&facts);
    let home = one
        .queue_id
        .clone()
        .filter(|id| conditions.queues.iter().any(|queue| queue.id == *id));
    if classification.rule.is_none()
        && let Some(home) = home
    {
        classification.queue_id = home.clone();
        classification.default_queue = home;
    }
    let mut item = Item::new(one.id.clone(), facts, one.at, classification);
    item.last_agent = one
        .last_agent_id
        .clone()
        .map(|agent| LastAgent::new(agent, one.at));
    item
}
