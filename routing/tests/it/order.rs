//! Who comes first, and that nobody is overtaken for ever.

use std::time::Duration;

use proptest::prelude::*;
use switchboard_domain::Priority;
use switchboard_routing::{Item, OVERTAKE_BOUND, Place, in_order};

use crate::build::{at, item};

fn class(id: &str, since: i64, priority: Priority) -> Item {
    Item {
        priority,
        ..item(id, since)
    }
}

fn boosted(id: &str, since: i64, boost_secs: u32) -> Item {
    Item {
        boost_secs,
        ..item(id, since)
    }
}

fn order(items: &[Item], now: i64) -> Vec<&str> {
    in_order(items, at(now))
        .into_iter()
        .map(|item| item.conversation_id.as_str())
        .collect()
}

#[test]
fn class_then_age_then_id() {
    let items = [
        class("normal-new", 100, Priority::Normal),
        class("low-old", 0, Priority::Low),
        class("urgent", 200, Priority::Urgent),
        class("normal-old-b", 50, Priority::Normal),
        class("normal-old-a", 50, Priority::Normal),
        class("high", 150, Priority::High),
    ];
    let expected = [
        "urgent",
        "high",
        "normal-old-a",
        "normal-old-b",
        "normal-new",
        "low-old",
    ];
    assert_eq!(order(&items, 300), expected);
}

#[test]
fn a_boost_counts_as_age_up_to_its_limit() {
    let items = [item("older", 0), boosted("boosted", 60, 120)];
    assert_eq!(order(&items, 100), ["boosted", "older"]);
    let items = [item("older", 0), boosted("boosted", 1_801, 1_000_000)];
    assert_eq!(order(&items, 3_600), ["older", "boosted"]);
}

#[test]
fn a_class_rises_with_age() {
    let items = [
        class("low", 0, Priority::Low),
        class("normal", 899, Priority::Normal),
    ];
    assert_eq!(order(&items, 899), ["normal", "low"]);
    assert_eq!(
        order(&items, 900),
        ["low", "normal"],
        "a quarter of an hour is worth a class"
    );
    let items = [
        class("low", 0, Priority::Low),
        class("urgent", 2_690, Priority::Urgent),
    ];
    assert_eq!(order(&items, 2_699), ["urgent", "low"]);
    assert_eq!(order(&items, 2_700), ["low", "urgent"]);
}

fn priority() -> impl Strategy<Value = Priority> {
    prop::sample::select(vec![
        Priority::Low,
        Priority::Normal,
        Priority::High,
        Priority::Urgent,
    ])
}

proptest! {
    #[test]
    fn nobody_is_overtaken_from_beyond_the_bound(
        (old, new) in (priority(), priority()),
        boost: u32,
        later in 0i64..10_000,
        wait in 0i64..10_000,
    ) {
        let bound = i64::try_from(OVERTAKE_BOUND.as_secs()).unwrap();
        let first = class("z", 0, old);
        let second = Item { boost_secs: boost, ..class("a", bound + later, new) };
        let now = second.waiting_since.plus(Duration::from_secs(wait.unsigned_abs()));
        prop_assert!(Place::of(&first, now) < Place::of(&second, now));
    }

    /// One agent, as many urgent arrivals as they can serve, and a single low one: it is served within the bound.
    #[test]
    fn a_low_item_is_served_within_the_bound_of_a_busy_queue(service_secs in 5i64..120, boost in 0u32..10_000) {
        let bound = i64::try_from(OVERTAKE_BOUND.as_secs()).unwrap();
        let mut waiting = vec![class("low", 0, Priority::Low)];
        let mut now = 0;
        loop {
            waiting.push(Item { boost_secs: boost, ..class(&format!("u{now}"), now, Priority::Urgent) });
            let next = in_order(&waiting, at(now))[0].conversation_id.clone();
            if next.as_str() == "low" {
                break;
            }
            waiting.retain(|item| item.conversation_id != next);
            now += service_secs;
            prop_assert!(now <= bound + service_secs, "still waiting at {} s", now);
        }
    }
}
