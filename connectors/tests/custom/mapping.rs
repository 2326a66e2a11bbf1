//! Faults of a mapping, each told by the field it is in.

use serde_json::{Value, json};

use crate::account::{custom, with_mapping};

fn faults(mapping: Value) -> Vec<(String, String)> {
    let account = with_mapping(mapping);
    let verdict = custom().check_account(&account.settings, &account.secrets);
    let faults = verdict.err().unwrap_or_default().into_iter();
    faults.map(|fault| (fault.field, fault.message)).collect()
}

fn fields(mapping: Value) -> Vec<String> {
    faults(mapping).into_iter().map(|(field, _)| field).collect()
}

#[test]
fn mappings_that_work() {
    for mapping in [
        json!(null),
        json!({ "sender_id": "from", "text": "text" }),
        json!({ "sender_id": "/a/b", "media_url": "a[0].url" }),
        json!({ "sender_id": "$.a.b", "text": "t", "only": { "/type": ["a", "b"], "x": 1 } }),
    ] {
        assert_eq!(faults(mapping.clone()), [], "{mapping}");
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let faults =
        fields(json!({ "text": "/a//b", "sender": "from", "timestamp": 7, "only": { "/type": null } }));
    assert_eq!(
        faults,
        [
            "settings.mapping.only",
            "settings.mapping.sender",
            "settings.mapping.text",
            "settings.mapping.timestamp",
            "settings.mapping.sender_id",
        ]
    );
    assert_eq!(
        fields(json!({})),
        ["settings.mapping.sender_id", "settings.mapping.text"]
    );
    for no_object in [json!("from"), json!([]), json!(7)] {
        assert_eq!(fields(no_object), ["settings.mapping"]);
    }
    for only in [
        json!("x"),
        json!({ "": "x" }),
        json!({ "a": [[]] }),
        json!({ "a": {} }),
    ] {
        assert_eq!(
            fields(json!({ "sender_id": "a", "text": "b", "only": only })),
            ["settings.mapping.only"]
        );
    }
}

#[test]
fn a_fault_says_what_would_be_right() {
    let unknown = faults(json!({ "sender_id": "a", "text": "b", "sendr_name": "c" }));
    assert!(unknown[0].1.contains("sender_name"), "{unknown:?}");
    let path = faults(json!({ "sender_id": "a", "text": "b..c" }));
    assert!(path[0].1.contains("/data/id"), "{path:?}");
}
