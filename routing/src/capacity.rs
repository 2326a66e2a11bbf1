//! Capacity as slots: the one place that says whether an agent has room.
//!
//! A live assignment holds concrete slot numbers. Every reservation takes the *lowest* free ones, so two that were
//! computed from the same state want a slot in common, and a unique index over (agent, slot) lets only one of them in.

use std::collections::BTreeSet;

/// The slots for one more conversation of `weight` units, or `None` if they would exceed `total`.
///
/// Slots held beyond the total (by a manual assignment, or after the total was lowered) count as used. All slots given
/// are below `total`. A weight of zero counts as one: a reservation without a slot would collide with nothing.
pub fn reserve(held: &BTreeSet<u32>, total: u32, weight: u32) -> Option<Vec<u32>> {
    let used = units(held);
    (used.saturating_add(weight.max(1)) <= total).then(|| reserve_over(held, weight))
}

/// The slots for a manual assignment, which may exceed the total: the lowest free numbers.
pub fn reserve_over(held: &BTreeSet<u32>, weight: u32) -> Vec<u32> {
    let mut slots = Vec::new();
    let mut taken = held.iter().copied().peekable();
    let mut slot = 0;
    while (slots.len() as u64) < u64::from(weight.max(1)) {
        if taken.next_if_eq(&slot).is_none() {
            slots.push(slot);
        }
        slot += 1;
    }
    slots
}

/// Units in use.
pub(crate) fn units(held: &BTreeSet<u32>) -> u32 {
    u32::try_from(held.len()).unwrap_or(u32::MAX)
}
