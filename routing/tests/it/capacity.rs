//! Capacity (P5): slots, alone and under simultaneous reservations.

use std::collections::BTreeSet;

use proptest::prelude::*;
use switchboard_routing::{reserve, reserve_over};

#[test]
fn the_lowest_free_slots_are_taken() {
    let held = BTreeSet::from([0, 2, 3]);
    assert_eq!(reserve(&held, 6, 1), Some(vec![1]));
    assert_eq!(reserve(&held, 6, 3), Some(vec![1, 4, 5]));
    assert_eq!(reserve(&held, 6, 4), None);
    assert_eq!(reserve(&BTreeSet::new(), 0, 1), None, "no capacity takes no work");
}

#[test]
fn slots_beyond_a_lowered_total_count_as_used() {
    let held = BTreeSet::from([7, 8]);
    assert_eq!(reserve(&held, 2, 1), None);
    assert_eq!(reserve(&held, 3, 1), Some(vec![0]));
}

#[test]
fn a_person_may_exceed_the_total_and_routing_then_waits() {
    let mut held: BTreeSet<u32> = (0..2).collect();
    assert_eq!(reserve_over(&held, 1), vec![2]);
    held.insert(2);
    assert_eq!(reserve(&held, 2, 1), None);
    assert_eq!(reserve(&held, 3, 1), None);
}

#[test]
fn no_weight_still_holds_a_slot() {
    assert_eq!(reserve(&BTreeSet::new(), 1, 0), Some(vec![0]));
    assert_eq!(reserve(&BTreeSet::from([0]), 1, 0), None);
}

#[derive(Clone, Debug)]
enum Edit {
    Reserve(u32),
    Over(u32),
    Release(prop::sample::Index),
    Total(u32),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (0u32..4).prop_map(Edit::Reserve),
        1 => (1u32..3).prop_map(Edit::Over),
        3 => any::<prop::sample::Index>().prop_map(Edit::Release),
        1 => (0u32..9).prop_map(Edit::Total),
    ]
}

/// A reservation worked out from what was read, then written through a unique index, as the store does.
#[derive(Clone, Debug)]
enum Turn {
    /// Process `usize` reads the state and works out its slots.
    Read(usize, u32),
    /// Process `usize` writes what it worked out.
    Write(usize),
    Release(prop::sample::Index),
}

fn interleaved() -> impl Strategy<Value = Turn> {
    prop_oneof![
        3 => (0usize..4, 1u32..4).prop_map(|(process, weight)| Turn::Read(process, weight)),
        3 => (0usize..4).prop_map(Turn::Write),
        2 => any::<prop::sample::Index>().prop_map(Turn::Release),
    ]
}

proptest! {
    #[test]
    fn routing_never_exceeds_the_total_of_its_moment(edits in prop::collection::vec(edit(), 0..80)) {
        let (mut held, mut total) = (BTreeSet::new(), 4);
        let mut live: Vec<Vec<u32>> = Vec::new();
        for edit in edits {
            match edit {
                Edit::Reserve(weight) => {
                    let room = held.len() + weight.max(1) as usize <= total as usize;
                    let slots = reserve(&held, total, weight);
                    prop_assert_eq!(slots.is_some(), room);
                    if let Some(slots) = slots {
                        prop_assert_eq!(slots.len(), weight.max(1) as usize);
                        prop_assert!(slots.iter().all(|slot| *slot < total && held.insert(*slot)));
                        prop_assert!(held.len() <= total as usize);
                        live.push(slots);
                    }
                }
                Edit::Over(weight) => {
                    let slots = reserve_over(&held, weight);
                    prop_assert!(slots.iter().all(|slot| held.insert(*slot)));
                    live.push(slots);
                }
                Edit::Release(which) if !live.is_empty() => {
                    for slot in live.swap_remove(which.index(live.len())) {
                        prop_assert!(held.remove(&slot));
                    }
                }
                Edit::Release(_) => {}
                Edit::Total(new) => total = new,
            }
        }
    }

    #[test]
    fn two_reservations_from_one_state_want_a_slot_in_common(
        held in prop::collection::btree_set(0u32..12, 0..10),
        total in 0u32..20,
        first in 0u32..5,
        second in 0u32..5,
    ) {
        let ours = [reserve(&held, total, first), Some(reserve_over(&held, first))];
        let theirs = [reserve(&held, total, second), Some(reserve_over(&held, second))];
        for a in ours.iter().flatten() {
            for b in theirs.iter().flatten() {
                prop_assert!(a.iter().any(|slot| b.contains(slot)));
            }
        }
    }

    #[test]
    fn stale_reservations_never_exceed_the_total(turns in prop::collection::vec(interleaved(), 0..120)) {
        const TOTAL: u32 = 5;
        let mut held = BTreeSet::new();
        let mut live: Vec<Vec<u32>> = Vec::new();
        let mut wanted: [Option<Vec<u32>>; 4] = [None, None, None, None];
        for turn in turns {
            match turn {
                Turn::Read(process, weight) => wanted[process] = reserve(&held, TOTAL, weight),
                Turn::Write(process) => {
                    if let Some(slots) = wanted[process].take()
                        && slots.iter().all(|slot| !held.contains(slot))
                    {
                        held.extend(slots.iter().copied());
                        live.push(slots);
                    }
                }
                Turn::Release(which) if !live.is_empty() => {
                    for slot in live.swap_remove(which.index(live.len())) {
                        held.remove(&slot);
                    }
                }
                Turn::Release(_) => {}
            }
            prop_assert!(held.len() <= TOTAL as usize);
        }
    }
}
