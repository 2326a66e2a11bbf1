//! Who is served first: priority class, then age and boost, and nobody is overtaken for ever.
//!
//! A class alone would let a steady stream of urgent conversations starve the others. So a class ages: for every
//! [`PROMOTE_AFTER`] of score (age + boost) an item counts as one class higher, up to urgent. Hence the published bound:
//! **no item is ever placed before one that has been waiting more than [`OVERTAKE_BOUND`] longer** and that the same
//! agent could have taken. Whoever waits is thus behind a known, finite set, that only shrinks.

use std::{cmp::Reverse, time::Duration};

use switchboard_domain::{ConversationId, Priority, Timestamp};

use crate::Item;

/// Score after which an item counts as one priority class higher.
pub const PROMOTE_AFTER: Duration = Duration::from_mins(15);

/// The most a boost adds to an item's age.
pub const MAX_BOOST: Duration = Duration::from_mins(30);

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
        let boost = Duration::from_secs(u64::from(item.boost_secs)).min(MAX_BOOST);
        let score = item.age(now) + boost;
        let risen = score.as_millis() / PROMOTE_AFTER.as_millis();
        let class = u128::from(item.priority.level().unsigned_abs()) + risen;
        Self {
            class: Reverse(class.min(u128::from(Priority::Urgent.level().unsigned_abs()))),
            score: Reverse(score),
            since: item.waiting_since,
            id: &item.conversation_id,
        }
    }
}

/// The items in the order they are served.
pub fn in_order(items: &[Item], now: Timestamp) -> Vec<&Item> {
    let mut items: Vec<&Item> = items.iter().collect();
    items.sort_by_cached_key(|item| Place::of(item, now));
    items
}
