//! Steps and tiers at an age, and when they next change.

use std::time::Duration;

use switchboard_domain::{Field, Operator, Requirement};
use switchboard_routing::{Item, Snapshot, holding, next_change, next_wake, standing};

use crate::build::{at, drops, item, needs, step, when};

fn queues(item: &Item, millis: u64) -> Vec<String> {
    let standing = standing(item, Duration::from_millis(millis));
    standing.queues.into_iter().map(ToString::to_string).collect()
}

fn stepped(steps: Vec<switchboard_domain::Step>) -> Item {
    Item {
        steps,
        ..item("c", 0)
    }
}

#[test]
fn time_outs_add_up_on_the_age() {
    let item = stepped(vec![
        step("one", Some(10)),
        step("two", Some(10)),
        step("three", None),
    ]);
    for (millis, queue) in [
        (0, "one"),
        (9_999, "one"),
        (10_000, "two"),
        (19_999, "two"),
        (20_000, "three"),
        (9_000_000, "three"),
    ] {
        assert_eq!(queues(&item, millis), [queue], "at {millis} ms");
    }
}

#[test]
fn the_last_step_keeps_what_outlives_it() {
    let item = stepped(vec![step("one", Some(10)), step("two", Some(10))]);
    assert_eq!(queues(&item, 60_000), ["two"]);
    assert_eq!(next_change(&item, at(15)), None);
}

#[test]
fn without_steps_it_stands_in_the_default_queue() {
    assert_eq!(queues(&item("c", 0), 0), ["main"]);
}

#[test]
fn a_step_that_does_not_apply_takes_no_time() {
    let mut steps = vec![step("vip", Some(10)), step("two", Some(10)), step("three", None)];
    steps[0].condition = Some(when(Field::Labels, Operator::Is, "vip"));
    let item = stepped(steps);
    assert_eq!(queues(&item, 9_999), ["two"]);
    assert_eq!(queues(&item, 10_000), ["three"]);
}

#[test]
fn skipping_steps_are_followed_by_the_next_at_once() {
    let mut steps = vec![step("one", Some(10)), step("two", Some(10)), step("three", None)];
    steps[0].skip_if_no_agent_available = true;
    let item = stepped(steps.clone());
    assert_eq!(queues(&item, 0), ["one", "two"]);
    assert_eq!(queues(&item, 10_000), ["two"]);
    steps[1].skip_if_no_agent_available = true;
    steps[2].skip_if_no_agent_available = true;
    assert_eq!(queues(&stepped(steps), 0), ["one", "two", "three"]);
}

fn held(requirements: &[Requirement], secs: u64) -> Vec<String> {
    holding(requirements, Duration::from_secs(secs))
        .into_iter()
        .map(|requirement| requirement.skill_id.to_string())
        .collect()
}

#[test]
fn the_highest_tier_drops_first_and_whole() {
    let asked = [
        needs("german", 5),
        drops("billing", 1, Some(60)),
        drops("gold", 2, Some(30)),
        drops("vienna", 2, Some(45)),
    ];
    assert_eq!(held(&asked, 29), ["german", "billing", "gold", "vienna"]);
    assert_eq!(held(&asked, 30), ["german", "billing"], "tier 2 drops whole");
    assert_eq!(held(&asked, 59), ["german", "billing"]);
    assert_eq!(held(&asked, 60), ["german"]);
    assert_eq!(held(&asked, 1_000_000), ["german"], "tier 0 never drops");
}

#[test]
fn tier_zero_ignores_an_expiry() {
    assert_eq!(held(&[drops("german", 0, Some(1))], 100), ["german"]);
}

#[test]
fn a_lower_tier_takes_the_higher_ones_with_it() {
    let asked = [
        drops("billing", 1, Some(30)),
        drops("gold", 2, Some(60)),
        drops("vienna", 3, None),
    ];
    assert_eq!(held(&asked, 29), ["billing", "gold", "vienna"]);
    assert_eq!(held(&asked, 30), Vec::<String>::new());
    let stays = [drops("billing", 1, None), drops("gold", 2, Some(60))];
    assert_eq!(held(&stays, 60), ["billing"]);
}

#[test]
fn the_next_change_is_a_step_or_a_tier() {
    let mut item = stepped(vec![step("one", Some(20)), step("two", None)]);
    item.requirements = vec![drops("gold", 2, Some(30)), drops("billing", 1, Some(50))];
    assert_eq!(next_change(&item, at(0)), Some(at(20)));
    assert_eq!(next_change(&item, at(20)), Some(at(30)));
    assert_eq!(next_change(&item, at(30)), Some(at(50)));
    assert_eq!(next_change(&item, at(50)), None);

    let later = Item {
        waiting_since: at(5),
        ..item.clone()
    };
    let mut world = Snapshot {
        now: at(6),
        agents: Vec::new(),
        queues: Vec::new(),
        items: vec![later, item],
    };
    assert_eq!(next_wake(&world), Some(at(20)));
    world.items.clear();
    assert_eq!(next_wake(&world), None);
}
