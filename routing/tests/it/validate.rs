//! Faults of rules point at the very field.

use serde_json::{Value, json};
use switchboard_routing::{Known, rule_faults};

fn rule(change: &Value) -> switchboard_domain::RoutingRule {
    let mut rule = json!({
        "id": "r", "name": "R", "version": 1, "order": 0, "enabled": true, "condition": { "all": [] },
        "steps": [{ "queue_id": "main" }], "priority": "normal", "requirements": [],
        "updated_at": "2026-01-01T00:00:00Z",
    });
    for (field, value) in change.as_object().unwrap() {
        rule[field] = value.clone();
    }
    serde_json::from_value(rule).unwrap()
}

fn pointers(change: &Value) -> Vec<String> {
    let known = Known {
        queues: ["main".into()].into(),
        skills: ["german".into()].into(),
        calendars: ["office".into()].into(),
    };
    let faults = rule_faults(&rule(change), "", &known).into_iter();
    faults.map(|fault| fault.pointer).collect()
}

fn compare(field: &Value, operator: &str, value: &Value) -> Value {
    json!({ "condition": { "all": [{ "match": { "field": field, "operator": operator, "value": value } }] } })
}

#[test]
fn each_fault_has_its_place() {
    let none: [&str; 0] = [];
    assert_eq!(pointers(&json!({})), none);
    assert_eq!(pointers(&json!({ "name": " " })), ["/name"]);
    assert_eq!(pointers(&json!({ "steps": [] })), ["/steps"]);
    let steps = json!({ "steps": [{ "queue_id": "main", "timeout_secs": 0 }, { "queue_id": "gone" }] });
    assert_eq!(pointers(&steps), ["/steps/0/timeout_secs", "/steps/1/queue_id"]);
    let requirements = json!({ "requirements": [
        { "skill_id": "german", "min_level": 11, "tier": 0, "expires_after_secs": 5 },
        { "skill_id": "latin", "min_level": 1, "tier": 0 },
    ] });
    let expected = [
        "/requirements/0/min_level",
        "/requirements/0/expires_after_secs",
        "/requirements/1/skill_id",
    ];
    assert_eq!(pointers(&requirements), expected);
}

#[test]
fn conditions_are_typed() {
    let at = "/condition/all/0/match/value";
    for (field, operator, value, wrong) in [
        (json!("channel"), "is", json!("whatsapp"), false),
        (json!("channel"), "is", json!("fax"), true),
        (json!("channel"), "contains", json!("what"), false),
        (json!("hours"), "is", json!("office"), false),
        (json!("hours"), "is_not", json!("moon"), true),
        (json!("text"), "contains", json!({}), true),
        (json!("text"), "in", json!([]), true),
        (json!("text"), "is", json!(null), true),
        (json!("labels"), "exists", json!(null), false),
        (json!("labels"), "exists", json!("yes"), true),
        (
            json!({ "customer": "tier" }),
            "in",
            json!(["gold", 1, true]),
            false,
        ),
        (json!({ "customer": "spent" }), "at_least", json!(10), false),
        (
            json!({ "customer": "since" }),
            "less_than",
            json!("2026-01-01T00:00:00Z"),
            false,
        ),
        (json!({ "customer": "spent" }), "at_least", json!([1, 2]), true),
        (json!({ "customer": "spent" }), "at_least", json!("much"), true),
        (json!({ "order": "count" }), "greater_than", json!(2), false),
        (json!({ "order": "total" }), "at_most", json!("99.90"), false),
        (json!({ "order": "total" }), "at_most", json!(true), true),
        (
            json!({ "order": "last_at" }),
            "at_least",
            json!("2026-01-01T00:00:00Z"),
            false,
        ),
        (json!({ "order": "last_at" }), "at_least", json!(3), true),
        (json!({ "order": "last_status" }), "less_than", json!(3), true),
        (json!("text"), "greater_than", json!(3), true),
    ] {
        let expected: Vec<&str> = if wrong { vec![at] } else { vec![] };
        assert_eq!(
            pointers(&compare(&field, operator, &value)),
            expected,
            "{field} {operator} {value}"
        );
    }
    assert_eq!(
        pointers(&compare(&json!({ "customer": "" }), "is", &json!("x"))),
        ["/condition/all/0/match/field/customer"]
    );
}

#[test]
fn conditions_have_an_end() {
    let mut deep = json!({ "all": [] });
    for _ in 0..20 {
        deep = json!({ "not": deep });
    }
    assert_eq!(
        pointers(&json!({ "condition": deep })),
        [format!("/condition{}", "/not".repeat(13))]
    );
    let wide = json!({ "any": vec![json!({ "all": [] }); 300] });
    assert_eq!(pointers(&json!({ "condition": wide })), ["/condition"]);
}
