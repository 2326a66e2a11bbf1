//! The linter on configurations that go wrong, and on one that doesn't; and that "implies" never lies.

use std::collections::BTreeSet;

use proptest::prelude::*;
use switchboard_domain::Channel;
use switchboard_domain::{
    Condition, Field, FindingKind, Intent, Operator, OrderFact, Overflow, OverflowWhen, Priority, Queue,
    RoutingRule, Severity,
};
use switchboard_routing::{AgentState, Facts, Premises, implies, lint, matches, promises};

use crate::build::{agent, needs, queue, rule, skilled, step, when};

fn find(rules: &[RoutingRule], queues: &[Queue], agents: &[AgentState]) -> Vec<(FindingKind, String)> {
    let premises = Premises {
        queues,
        agents,
        default_queue: &"main".into(),
    };
    let findings = lint(rules, &premises).into_iter();
    findings
        .map(|one| {
            (
                one.kind,
                one.pointer.or(one.queue_id.map(|id| id.to_string())).unwrap(),
            )
        })
        .collect()
}

fn to_main(id: &str, order: i32, condition: Condition) -> RoutingRule {
    RoutingRule {
        steps: vec![step("main", None)],
        requirements: vec![],
        ..rule(id, order, condition)
    }
}

fn channel(name: &str) -> Condition {
    when(Field::Channel, Operator::Is, name)
}

#[test]
fn nothing_is_found_where_all_is_well() {
    let rules = [
        to_main("a", 1, channel("whatsapp")),
        to_main("b", 2, channel("telegram")),
    ];
    assert_eq!(find(&rules, &[queue("main")], &[agent("ann")]), []);
}

#[test]
fn rules_that_are_never_reached() {
    let both = when(
        Field::Channel,
        Operator::In,
        serde_json::json!(["telegram", "whatsapp"]),
    );
    let narrow = Condition::All(vec![
        channel("WhatsApp"),
        when(Field::Labels, Operator::Is, "vip"),
    ]);
    let rules = [
        to_main("late", 9, Condition::All(vec![])),
        to_main("first", 1, both),
        to_main("shadowed", 2, narrow),
        to_main(
            "never",
            3,
            Condition::All(vec![channel("line"), channel("viber")]),
        ),
        RoutingRule {
            enabled: false,
            ..to_main("off", 4, channel("whatsapp"))
        },
    ];
    let expected = [
        (FindingKind::UnreachableRule, "/rules/2".to_owned()),
        (FindingKind::ImpossibleCondition, "/rules/3/condition".to_owned()),
    ];
    assert_eq!(find(&rules, &[queue("main")], &[agent("ann")]), expected);
}

#[test]
fn steps_skills_and_staff() {
    let stuck = RoutingRule {
        steps: vec![step("main", None), step("empty", None)],
        requirements: vec![needs("german", 5), needs("gold", 5), needs("vienna", 5)],
        ..to_main("stuck", 1, channel("whatsapp"))
    };
    let empty = Queue {
        team_ids: vec!["nobody".into()],
        ..queue("empty")
    };
    let away = AgentState {
        intent: Intent::Away,
        ..skilled("ann", &[("german", 7), ("gold", 4)])
    };
    let found = find(&[stuck], &[queue("main"), empty], &[away]);
    let expected = [
        (FindingKind::UnreachableStep, "/rules/0/steps/1"),
        (FindingKind::SkillNobodyHolds, "/rules/0/requirements/1"),
        (FindingKind::SkillNobodyHolds, "/rules/0/requirements/2"),
        (FindingKind::QueueWithoutStaff, "empty"),
        (FindingKind::SkillNotOnShift, "/rules/0/requirements/0"),
    ];
    assert_eq!(found, expected.map(|(kind, at)| (kind, at.to_owned())));
}

#[test]
fn starvation_by_weight_and_by_asking_for_nothing() {
    let heavy = Queue {
        weight: 6,
        ..queue("main")
    };
    let strict = Queue {
        any_agent: false,
        ..queue("strict")
    };
    let asks_nothing = RoutingRule {
        steps: vec![step("strict", None)],
        ..to_main("r", 1, channel("line"))
    };
    let found = find(&[asks_nothing], &[heavy, strict], &[agent("ann")]);
    let expected = [
        (FindingKind::Starvation, "/rules/0/steps/0"),
        (FindingKind::Starvation, "main"),
    ];
    assert_eq!(found, expected.map(|(kind, at)| (kind, at.to_owned())));
}

fn flows(id: &str, to: &[&str]) -> Queue {
    let overflow = to.iter().map(|to| Overflow {
        when: OverflowWhen::WaitedSecs(90),
        to: (*to).into(),
    });
    Queue {
        overflow: overflow.collect(),
        ..queue(id)
    }
}

#[test]
fn rings_of_overflows_are_told_once() {
    let queues = [
        flows("main", &["b", "d"]),
        flows("b", &["c"]),
        flows("c", &["main"]),
        flows("d", &["e"]),
        flows("e", &[]),
    ];
    assert_eq!(
        find(&[], &queues, &[agent("ann")]),
        [(FindingKind::OverflowLoop, "main".to_owned())]
    );
    let premises = Premises {
        queues: &queues,
        agents: &[agent("ann")],
        default_queue: &"main".into(),
    };
    let finding = lint(&[], &premises).pop().unwrap();
    assert_eq!(finding.severity, Severity::Warning);
    assert!(finding.message.ends_with("b, c, main."), "{}", finding.message);
}

#[test]
fn what_queues_promise() {
    let stepped = RoutingRule {
        steps: vec![step("desk", Some(30)), step("main", Some(60)), step("last", None)],
        priority: Priority::Low,
        ..to_main("r", 1, channel("line"))
    };
    let heavy = Queue {
        weight: 2,
        ..queue("last")
    };
    let queues = [queue("desk"), queue("main"), heavy, flows("side", &["main"])];
    let promised = promises(&[stepped], &queues);
    let waits: Vec<Option<u32>> = promised.iter().map(|one| one.maximum_wait_secs).collect();
    assert_eq!(waits, [Some(30), Some(90), None, Some(90)]);
    let overtaken: Vec<u32> = promised.iter().map(|one| one.overtaken_within_secs).collect();
    assert_eq!(overtaken, [2700, 2700, 2700, 1800]);
    let kept: BTreeSet<Option<u32>> = promised.iter().map(|one| one.kept_an_agent_after_secs).collect();
    assert_eq!(kept, BTreeSet::from([None, Some(300)]));
}

#[test]
fn numbers_are_understood() {
    let count = |operator, value: u32| when(Field::Order(OrderFact::Count), operator, value);
    let shadowed = [
        to_main("many", 1, count(Operator::AtLeast, 3)),
        to_main("more", 2, count(Operator::GreaterThan, 5)),
        to_main("four", 3, count(Operator::Is, 4)),
        to_main("few", 4, count(Operator::LessThan, 4)),
        to_main(
            "never",
            5,
            Condition::All(vec![count(Operator::GreaterThan, 2), count(Operator::AtMost, 2)]),
        ),
    ];
    let found = find(&shadowed, &[queue("main")], &[agent("ann")]);
    let expected = [
        (FindingKind::UnreachableRule, "/rules/1".to_owned()),
        (FindingKind::UnreachableRule, "/rules/2".to_owned()),
        (FindingKind::ImpossibleCondition, "/rules/4/condition".to_owned()),
    ];
    assert_eq!(found, expected);
}

fn condition() -> impl Strategy<Value = Condition> {
    let field = prop::sample::select(vec![
        Field::Channel,
        Field::Account,
        Field::Labels,
        Field::Text,
        Field::Order(OrderFact::Count),
        Field::Customer("n".to_owned()),
    ]);
    let operator = prop::sample::select(vec![
        Operator::Is,
        Operator::IsNot,
        Operator::In,
        Operator::Contains,
        Operator::StartsWith,
        Operator::Exists,
        Operator::GreaterThan,
        Operator::AtLeast,
        Operator::LessThan,
        Operator::AtMost,
    ]);
    let texts = prop::sample::select(vec!["whatsapp", "line", "a", "ab"]);
    let values = prop_oneof![
        3 => texts.clone().prop_map(serde_json::Value::from),
        2 => prop::collection::vec(texts, 0..3).prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
        3 => (0_i64..4).prop_map(serde_json::Value::from),
        1 => prop::collection::vec(0_i64..4, 0..3).prop_map(serde_json::Value::from),
    ];
    let leaf = (field, operator, values).prop_map(|(field, operator, value)| Condition::Match {
        field,
        operator,
        value,
    });
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let texts = || prop::sample::select(vec!["a", "ab", "line", ""]);
    let channel = prop::sample::select(vec![Channel::Whatsapp, Channel::Line]);
    let labels = prop::collection::vec(texts(), 0..3);
    let numbers = prop::collection::vec(-1_i64..5, 0..3);
    (channel, texts(), labels, texts(), -1_i64..5, numbers).prop_map(
        |(channel, account, labels, text, count, numbers)| {
            let mut facts = Facts::new(channel, account);
            facts.orders.insert(OrderFact::Count, count.into());
            facts.customer.insert("n".to_owned(), numbers.into());
            facts.labels = labels.into_iter().map(str::to_owned).collect();
            text.clone_into(&mut facts.text);
            facts
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_implied_holds(narrow in condition(), wide in condition(), facts in facts()) {
        let joint = Condition::All(vec![narrow.clone(), wide.clone()]);
        prop_assert!(implies(&joint, &wide));
        for (narrow, wide) in [(&narrow, &wide), (&joint, &narrow)] {
            if implies(narrow, wide) && matches(narrow, &facts) {
                prop_assert!(matches(wide, &facts), "{:?} {:?}", narrow, wide);
            }
        }
    }
}
