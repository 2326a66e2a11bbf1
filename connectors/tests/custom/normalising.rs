//! What becomes of payloads under a mapping.

use serde_json::{Value, json};
use switchboard_connectors::{Event, InboundMessage};
use switchboard_domain::{Content, Timestamp};

use crate::account::{account, events, received_at, with_mapping};

fn only(mapping: Value, body: &Value) -> InboundMessage {
    let events = events(&with_mapping(mapping), body.to_string().as_bytes());
    match <[Event; 1]>::try_from(events) {
        Ok([Event::Message(message)]) => message,
        other => panic!("not one message: {other:?}"),
    }
}

#[test]
fn every_fixture_becomes_its_events() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../src/custom/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, body) in [
            (
                "message-received",
                include_bytes!("../../src/custom/fixtures/inbound/message-received.json").as_slice(),
            ),
            (
                "message-with-files",
                include_bytes!("../../src/custom/fixtures/inbound/message-with-files.json"),
            ),
            (
                "contact-created",
                include_bytes!("../../src/custom/fixtures/inbound/contact-created.json"),
            ),
        ] {
            insta::assert_json_snapshot!(name, events(&account("https://hub.example"), body));
        }
    });
}

#[test]
fn without_a_mapping_everything_is_kept() {
    let body = br#"{"type":"message.received","data":{"text":"hello"}}"#;
    let raw_body = std::str::from_utf8(body).unwrap();
    for mapping in [json!(null), json!({ "sender_id": 7 }), json!("x")] {
        let events = events(&with_mapping(mapping), body);
        assert!(
            matches!(&events[..], [Event::Unsupported { kind, raw }] if kind == "message.received" && raw == raw_body),
            "{events:?}"
        );
    }
}

#[test]
fn a_payload_that_lacks_what_a_message_needs_is_kept() {
    let mapping = json!({ "sender_id": "from", "text": "text", "media_url": "file", "only": { "kind": ["in", 7, true] } });
    for body in [
        json!({ "kind": "in", "text": "hello" }),
        json!({ "kind": "in", "from": "", "text": "hello" }),
        json!({ "kind": "in", "from": 1.5, "text": "hello" }),
        json!({ "kind": "in", "from": {}, "text": "hello" }),
        json!({ "kind": "in", "from": "a" }),
        json!({ "kind": "in", "from": "a", "text": "  " }),
        json!({ "kind": "in", "from": "a", "text": ["hello"] }),
        json!({ "kind": "in", "from": "a", "file": "javascript:alert(1)" }),
        json!({ "kind": "out", "from": "a", "text": "hello" }),
        json!({ "from": "a", "text": "hello" }),
    ] {
        let events = events(&with_mapping(mapping.clone()), body.to_string().as_bytes());
        assert!(
            matches!(&events[..], [Event::Unsupported { kind, .. }] if kind == "unmapped"),
            "{body}: {events:?}"
        );
    }
    for kind in [json!("in"), json!(7), json!(true)] {
        let message = only(
            mapping.clone(),
            &json!({ "kind": kind, "from": "a", "text": "hello" }),
        );
        assert_eq!(message.content, Content::text("hello"));
    }
}

#[test]
fn ids_keep_every_digit_and_are_the_webhooks_own_if_need_be() {
    let mapping = json!({ "sender_id": "/from", "text": "/text", "message_id": "/id", "reply_to": "/re", "group_id": "/room", "sender_address": "/at" });
    let body = json!({ "from": 18_446_744_073_709_551_615_u64, "text": 7, "id": 9_007_199_254_740_993_u64, "re": -5, "room": "r", "at": "ann@x" });
    let message = only(mapping.clone(), &body);
    assert_eq!(message.sender.external_id, "18446744073709551615");
    assert_eq!(message.sender.reply_address(), "ann@x");
    assert_eq!(message.provider_message_id, "9007199254740993");
    assert_eq!(
        (message.reply_to.as_deref(), message.group_id.as_deref()),
        (Some("-5"), Some("r"))
    );
    assert_eq!(
        (message.content, message.provider_at),
        (Content::text("7"), received_at())
    );
    for body in [
        json!({ "from": "a", "text": "x" }),
        json!({ "from": "a", "text": "x", "id": 1.5 }),
    ] {
        assert_eq!(
            only(mapping.clone(), &body).provider_message_id,
            "msg_2Z5nYdRHvKhJqJ3cBz1GFpQ8e7T"
        );
    }
}

#[test]
fn a_payload_may_hold_a_list_of_messages() {
    let mapping = json!({ "items": "events", "sender_id": "from.id", "text": "text", "message_id": "id" });
    let body = json!({ "events": [
        { "id": "1", "from": { "id": "a" }, "text": "one" },
        { "id": "2", "text": "nobody wrote this" },
        7,
        { "from": { "id": "b" }, "text": "four" },
    ] });
    let events = events(&with_mapping(mapping.clone()), body.to_string().as_bytes());
    let ids: Vec<&str> = events
        .iter()
        .map(|event| match event {
            Event::Message(message) => message.provider_message_id.as_str(),
            Event::Unsupported { raw, .. } => raw.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        ids,
        [
            "1",
            r#"{"id":"2","text":"nobody wrote this"}"#,
            "7",
            "msg_2Z5nYdRHvKhJqJ3cBz1GFpQ8e7T:3"
        ]
    );
    for body in [
        json!({}),
        json!({ "events": [] }),
        json!({ "events": null }),
        json!({ "events": "x" }),
    ] {
        let events = crate::account::events(&with_mapping(mapping.clone()), body.to_string().as_bytes());
        assert!(
            matches!(&events[..], [Event::Unsupported { .. }]),
            "{body}: {events:?}"
        );
    }
}

#[test]
fn files_are_of_the_kind_that_type_or_name_tells() {
    let mapping = json!({ "sender_id": "from", "media_url": "files[*].url", "media_type": "files[*].type", "media_name": "name" });
    for (file, kind) in [
        (
            json!({ "url": "https://x.example/a", "type": "IMAGE/png" }),
            "image",
        ),
        (json!({ "url": "https://x.example/a.JPG?x=.pdf" }), "image"),
        (
            json!({ "url": "https://x.example/a.mp4", "type": "audio/mp4" }),
            "audio",
        ),
        (json!({ "url": "https://x.example/a.mov" }), "video"),
        (json!({ "url": "https://x.example/a.opus" }), "audio"),
        (
            json!({ "url": "https://x.example/a", "type": "application/pdf" }),
            "document",
        ),
        (json!({ "url": "https://x.example/" }), "document"),
    ] {
        let message = only(mapping.clone(), &json!({ "from": "a", "files": [file] }));
        assert_eq!(message.content.kind(), kind, "{file}");
    }
    let named = only(
        mapping,
        &json!({ "from": "a", "name": "Invoice.pdf", "files": [{ "url": "https://x.example/1" }] }),
    );
    assert!(
        matches!(named.content, Content::Document(media) if media.file_name.as_deref() == Some("Invoice.pdf"))
    );
}

#[test]
fn a_list_of_urls_is_a_message_for_each() {
    let mapping = json!({ "sender_id": "from", "text": "text", "media_url": "urls", "message_id": "id", "timestamp": "at" });
    let body = json!({ "from": "a", "id": "m", "text": "look", "at": 1_760_000_000, "urls": ["https://x.example/1.png", "nonsense", "https://x.example/2.png"] });
    let events = events(&with_mapping(mapping), body.to_string().as_bytes());
    let told: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Message(message) => {
                assert_eq!(message.provider_at, Timestamp::from_secs(1_760_000_000));
                (message.provider_message_id.as_str(), message.content.preview(20))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [("m", "look".to_owned()), ("m#1", String::new())]);
}

#[test]
fn half_an_emoji_and_impossible_times_cost_no_message() {
    let mapping = json!({ "sender_id": "from", "text": "text", "timestamp": "at" });
    for at in ["\"soon\"", "4102444800", "-5", "0", "{}"] {
        let body = format!(r#"{{"from":"a","text":"hi \ud83d","at":{at}}}"#);
        let events = events(&with_mapping(mapping.clone()), body.as_bytes());
        let [Event::Message(message)] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!(
            (&message.content, message.provider_at),
            (&Content::text("hi \u{fffd}"), received_at()),
            "{at}"
        );
    }
}
