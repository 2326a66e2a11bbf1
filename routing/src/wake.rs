//! When time alone changes an answer: the moment to ask again though nothing happened.

use switchboard_domain::Timestamp;

use crate::{Item, requirements::next_drop, steps::standing};

/// When the item next enters another step or drops a requirement; none if only events can help it.
pub fn next_change(item: &Item, now: Timestamp) -> Option<Timestamp> {
    let age = item.age(now);
    [standing(item, age).until, next_drop(&item.requirements, age)]
        .into_iter()
        .flatten()
        .min()
        .map(|age| item.waiting_since.plus(age))
}

/// The earliest [`next_change`] of all items.
pub fn next_wake(items: &[Item], now: Timestamp) -> Option<Timestamp> {
    items.iter().filter_map(|item| next_change(item, now)).min()
}
