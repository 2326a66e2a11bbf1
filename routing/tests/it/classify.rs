//! Rules and conditions.

use serde_json::{Value, json};
use switchboard_domain::{Channel, Condition, Field, Operator, OrderFact, Priority, RoutingRule};
use switchboard_routing::{Facts, Item, RuleSet, matches};

use crate::build::{at, needs, rule, step, when};

fn facts() -> Facts {
    Facts {
        branch_id: Some("b1".into()),
        language: Some("de-AT".into()),
        text: "Meine STRASSE: Bestellung 77".to_owned(),
        labels: vec!["VIP".to_owned(), "billing".to_owned()],
        customer: [
            ("tier".to_owned(), json!("Gold")),
            ("orders".to_owned(), json!(5)),
            ("tags".to_owned(), json!(["Repeat", 7])),
            ("blocked".to_owned(), json!(false)),
            ("gone".to_owned(), Value::Null),
        ]
        .into(),
        orders: [
            (OrderFact::Count, json!(3)),
            (OrderFact::Total, json!("129.90")),
            (OrderFact::LastStatus, json!("pending")),
            (OrderFact::LastAt, json!("2026-01-31T11:30:00.000Z")),
        ]
        .into(),
        ..Facts::new(Channel::Whatsapp, "wa-demo")
    }
}

fn customer(name: &str) -> Field {
    Field::Customer(name.to_owned())
}

#[test]
fn operators() {
    use Operator::{AtLeast, AtMost, Contains, Exists, GreaterThan, In, Is, IsNot, LessThan, StartsWith};
    let cases = [
        (Field::Channel, Is, json!("WhatsApp"), true),
        (Field::Account, StartsWith, json!("WA-"), true),
        (Field::Branch, IsNot, json!("b1"), false),
        (Field::Branch, IsNot, json!("b2"), true),
        (Field::Language, StartsWith, json!("DE"), true),
        (Field::Text, Contains, json!("straße"), true),
        (Field::Text, Contains, json!(["refund", "bestellung"]), true),
        (Field::Text, Contains, json!("order"), false),
        (Field::Labels, Contains, json!("vip"), true),
        (Field::Labels, Contains, json!("vi"), false),
        (Field::Labels, StartsWith, json!("vi"), true),
        (Field::Labels, In, json!(["x", "BILLING"]), true),
        (Field::Labels, IsNot, json!("vip"), false),
        (customer("tier"), Is, json!("gold"), true),
        (customer("tier"), In, json!(["silver", "bronze"]), false),
        (customer("orders"), Is, json!(5), true),
        (customer("orders"), Is, json!("5"), true),
        (customer("tags"), Contains, json!("repeat"), true),
        (customer("tags"), Contains, json!(7), true),
        (customer("blocked"), Is, json!(false), true),
        (customer("tier"), Exists, Value::Null, true),
        (customer("nobody"), Exists, Value::Null, false),
        (customer("nobody"), Exists, json!(false), true),
        (customer("gone"), Exists, json!(true), false),
        (customer("nobody"), Is, json!("x"), false),
        (customer("nobody"), IsNot, json!("x"), true),
        (customer("tier"), Is, Value::Null, false),
        (customer("tier"), IsNot, json!({"a": 1}), false),
        (Field::Text, Contains, json!([]), false),
        (customer("orders"), AtLeast, json!(5), true),
        (customer("orders"), GreaterThan, json!("4.5"), true),
        (customer("orders"), LessThan, json!(5), false),
        (customer("tags"), AtMost, json!(7), true),
        (customer("tier"), GreaterThan, json!(0), false),
        (customer("nobody"), LessThan, json!(1), false),
        (Field::Order(OrderFact::Total), AtLeast, json!(129.9), true),
        (Field::Order(OrderFact::Count), Is, json!(3), true),
        (
            Field::Order(OrderFact::LastStatus),
            In,
            json!(["paid", "Pending"]),
            true,
        ),
        (
            Field::Order(OrderFact::LastAt),
            GreaterThan,
            json!("2026-01-31T12:00:00+01:00"),
            true,
        ),
        (Field::Order(OrderFact::LastAt), GreaterThan, json!(2026), false),
        (Field::Order(OrderFact::DaysSinceLast), Exists, Value::Null, false),
    ];
    for (field, operator, value, expected) in cases {
        let condition = when(field, operator, value);
        assert_eq!(matches(&condition, &facts()), expected, "{condition:?}");
    }
}

#[test]
fn all_any_and_not_combine() {
    let yes = when(Field::Channel, Operator::Exists, true);
    let no = when(Field::Channel, Operator::Is, "fax");
    let cases = [
        (Condition::All(vec![]), true),
        (Condition::Any(vec![]), false),
        (Condition::All(vec![yes.clone(), no.clone()]), false),
        (Condition::Any(vec![no.clone(), yes.clone()]), true),
        (Condition::Not(Box::new(no.clone())), true),
        (
            Condition::Not(Box::new(Condition::All(vec![
                yes,
                Condition::Not(Box::new(Condition::Any(vec![no]))),
            ]))),
            false,
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(matches(&condition, &facts()), expected, "{condition:?}");
    }
}

fn everything() -> Condition {
    Condition::All(vec![])
}

#[test]
fn the_first_rule_in_order_decides_and_disabled_ones_do_not() {
    let rules = RuleSet::new(
        vec![
            rule("late", 30, everything()),
            rule("b-tie", 20, everything()),
            rule("a-tie", 20, everything()),
            RoutingRule {
                enabled: false,
                ..rule("off", 1, everything())
            },
            rule("no-match", 2, when(Field::Channel, Operator::Is, "fax")),
        ],
        "default".into(),
    );
    let classification = rules.classify(&facts());
    assert_eq!(classification.rule, Some(("a-tie".into(), 3)));
    assert_eq!(classification.queue_id, "a-tie".into());
    assert_eq!(classification.priority, Priority::High);
    assert_eq!(classification.requirements, [needs("sales", 4)]);
}

#[test]
fn what_matches_no_rule_goes_to_the_default_queue() {
    let rules = RuleSet::new(
        vec![rule("fax", 1, when(Field::Channel, Operator::Is, "fax"))],
        "default".into(),
    );
    let classification = rules.classify(&facts());
    assert_eq!(classification.rule, None);
    assert_eq!(classification.queue_id, "default".into());
    assert_eq!(classification.priority, Priority::Normal);
}

#[test]
fn a_step_whose_condition_fails_is_not_where_it_starts() {
    let mut steps = vec![step("vip-desk", Some(10)), step("general", None)];
    steps[0].condition = Some(when(Field::Labels, Operator::Is, "platinum"));
    let rules = RuleSet::new(
        vec![RoutingRule {
            steps,
            ..rule("r", 1, everything())
        }],
        "default".into(),
    );
    assert_eq!(rules.classify(&facts()).queue_id, "general".into());
}

#[test]
fn rules_are_checked_again_while_an_item_waits() {
    let rules = RuleSet::new(
        vec![rule("vip", 1, when(Field::Labels, Operator::Is, "vip"))],
        "default".into(),
    );
    let mut plain = facts();
    plain.labels.clear();
    let classification = rules.classify(&plain);
    let mut item = Item::new("c".into(), plain, at(0), classification);
    item.declined.push("ann".into());
    assert!(!rules.recheck(&mut item));

    item.facts.labels.push("VIP".to_owned());
    assert!(rules.recheck(&mut item));
    assert_eq!(item.rule, Some(("vip".into(), 3)));
    assert_eq!(item.priority, Priority::High);
    assert_eq!(
        (item.waiting_since, item.declined.len()),
        (at(0), 1),
        "it keeps its age and refusals"
    );
}
