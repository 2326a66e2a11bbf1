//! When time alone changes an answer: the moment to ask again though nothing happened.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{OverflowWhen, QueueId, Timestamp};

use crate::{Item, KEEP_AFTER, Snapshot, requirements::next_drop, steps::standing};

/// When the item next enters another step or drops a requirement; none if only events can help it.
pub fn next_change(item: &Item, now: Timestamp) -> Option<Timestamp> {
    let age = item.age(now);
    [standing(item, age).until, next_drop(&item.requirements, age)]
        .into_iter()
        .flatten()
        .min()
        .map(|age| item.waiting_since.plus(age))
        .into_iter()
        .chain(item.returns_to.as_ref().map(|last| last.until))
        .filter(|at| *at > now)
        .min()
}

/// The earliest [`next_change`] of all items, and the moment the first of them flows over for having waited, or may keep
/// an agent for itself.
pub fn next_wake(snapshot: &Snapshot) -> Option<Timestamp> {
    let now = snapshot.now;
    let mut ages: HashMap<&QueueId, Vec<Duration>> = HashMap::new();
    for state in &snapshot.queues {
        let waited = state
            .queue
            .overflow
            .iter()
            .filter_map(|overflow| match overflow.when {
                OverflowWhen::WaitedSecs(secs) => Some(Duration::from_secs(u64::from(secs))),
                _ => None,
            });
        let keep = (state.queue.weight > 1).then_some(KEEP_AFTER);
        let all: Vec<Duration> = waited.chain(keep).collect();
        if !all.is_empty() {
            ages.insert(&state.queue.id, all);
        }
    }
    let by_age = |item: &Item| {
        let of_queue = standing(item, item.age(now)).queues.into_iter();
        let due = of_queue.filter_map(|id| ages.get(id)).flatten();
        due.map(|age| item.waiting_since.plus(*age))
            .filter(|at| *at > now)
            .min()
    };
    let moments = snapshot.items.iter().flat_map(|item| {
        let grown = if ages.is_empty() { None } else { by_age(item) };
        [next_change(item, now), grown]
    });
    moments.flatten().min()
}
