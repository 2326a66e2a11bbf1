//! Who is served first: priority class, then age and boost, and nobody is overtaken for ever.
//!
//! A class alone would let a steady stream of urgent conversations starve the others. So a class ages: for every
//! [`PROMOTE_AFTER`] of score (age + boost) an item counts as one class higher, up to urgent. Hence the published bound:
//! **no item is ever placed before one that has been waiting more than [`OVERTAKE_BOUND`] longer** and that the same
//! agent could have taken. Whoever waits is thus behind a known, finite set, that only shrinks.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    time::Duration,
};

use switchboard_domain::{ConversationId, Priority, QueueId, Timestamp};

use crate::{Item, Snapshot, steps::standing};

/// Score after which an item counts as one priority class higher.
pub const PROMOTE_AFTER: Duration = Duration::from_mins(15);

/// The most a boost adds to an item's age.
pub const MAX_BOOST: Duration = Duration::from_mins(30);

/// How long before its reply window closes an item begins to rise, and when it is urgent.
pub const WINDOW_RISE: Duration = Duration::from_hours(2);
const WINDOW_LAST: Duration = Duration::from_mins(30);

/// An item that starts to wait this much later never comes first: by then the older one is urgent
/// (three promotions), and a boost can't make up the difference.
pub const OVERTAKE_BOUND: Duration = Duration::from_mins(45);

/// An item's place at one instant: the smallest is served first. A total order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place<'a> {
    class: Reverse<u128>,
    score: Reverse<Duration>,
    since: Timestamp,
    id: &'a ConversationId,
}

impl<'a> Place<'a> {
    pub fn of(item: &'a Item, now: Timestamp) -> Self {
        let window = window(item, now);
        let boost = Duration::from_secs(u64::from(item.boost_secs)) + window.boost;
        let score = item.age(now) + boost.min(MAX_BOOST);
        let risen = score.as_millis() / PROMOTE_AFTER.as_millis();
        let class = (level(item.priority) + risen).max(level(window.at_least));
        Self {
            class: Reverse(class.min(level(Priority::Urgent))),
            score: Reverse(score),
            since: item.waiting_since,
            id: &item.conversation_id,
        }
    }
}

fn level(priority: Priority) -> u128 {
    u128::from(priority.level().unsigned_abs())
}

/// What a reply window that is about to close adds; one that is closed can't be saved any more.
struct Window {
    boost: Duration,
    at_least: Priority,
}

fn window(item: &Item, now: Timestamp) -> Window {
    let left = item.window_closes_at.map(|closes| closes.since(now));
    let (boost, at_least) = match left {
        Some(left) if !left.is_zero() && left < WINDOW_RISE => {
            let last = left <= WINDOW_LAST;
            let risen = WINDOW_RISE.saturating_sub(left).as_millis() * MAX_BOOST.as_millis();
            let boost = u64::try_from(risen / WINDOW_RISE.as_millis()).unwrap_or(0);
            let class = if last { Priority::Urgent } else { Priority::High };
            (Duration::from_millis(boost), class)
        }
        _ => (Duration::ZERO, Priority::Low),
    };
    Window { boost, at_least }
}

/// Tells every item how many stand before it in the queue it waits in, and every queue how many wait in it.
///
/// Only overflow by depth or predicted wait needs it, and whoever shows positions. Overflow itself isn't followed:
/// whether an item flows over depends on its place before it did.
pub fn line_up(snapshot: &mut Snapshot) {
    let now = snapshot.now;
    let mut order: Vec<usize> = (0..snapshot.items.len()).collect();
    order.sort_by_cached_key(|&index| Place::of(&snapshot.items[index], now));
    let mut depths: HashMap<QueueId, u32> = HashMap::new();
    let queues: HashSet<QueueId> = snapshot
        .queues
        .iter()
        .map(|state| state.queue.id.clone())
        .collect();
    for index in order {
        let item = &mut snapshot.items[index];
        let standing = standing(item, item.age(now));
        let stands = standing.queues.into_iter().find(|id| queues.contains(*id));
        let queue = stands.unwrap_or(&item.default_queue).clone();
        let depth = depths.entry(queue).or_default();
        item.ahead = *depth;
        *depth += 1;
    }
    for state in &mut snapshot.queues {
        state.depth = depths.get(&state.queue.id).copied().unwrap_or(0);
    }
}

/// The items in the order they are served.
pub fn in_order(items: &[Item], now: Timestamp) -> Vec<&Item> {
    let mut items: Vec<&Item> = items.iter().collect();
    items.sort_by_cached_key(|item| Place::of(item, now));
    items
}
