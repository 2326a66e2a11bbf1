//! From bodies to events.

use serde_json::{Value, json};
use switchboard_connectors::{Event, InboundMessage};
use switchboard_domain::{Content, MessageId, MessageStatus, Timestamp};

use crate::{now, read};

const EVERYTHING: &[u8] = include_bytes!("../../src/webchat/fixtures/inbound/everything.json");

fn events(body: &Value) -> Vec<Event> {
    let inbound = read(body.to_string().into_bytes());
    inbound.into_iter().map(|inbound| inbound.event).collect()
}

fn message(event: &Event) -> &InboundMessage {
    match event {
        Event::Message(message) => message,
        other => panic!("not a message: {other:?}"),
    }
}

#[test]
fn everything_a_visitor_does_becomes_what_it_is() {
    let events: Vec<Event> = read(EVERYTHING)
        .into_iter()
        .map(|inbound| inbound.event)
        .collect();
    assert_eq!(events.len(), 10);
    let form = message(&events[0]);
    let lines = "Your name: Bea\nOrder: 1001".to_owned();
    assert_eq!(form.content, Content::System { text: lines });
    assert_eq!(form.provider_message_id, "anon:5f0e:form");

    let text = message(&events[1]);
    assert_eq!(text.content, Content::text("Hello"));
    assert_eq!(
        text.provider_at,
        "2026-09-21T14:13:20Z".parse::<Timestamp>().unwrap()
    );
    assert_eq!(text.sender.name.as_deref(), Some("Bea"));
    assert_eq!(text.sender.address.as_deref(), Some("+4915112345678"));
    assert!(
        text.sender.aliases.is_empty(),
        "what a visitor says of themselves finds nobody's history"
    );

    let choice = message(&events[2]);
    assert!(
        matches!(&choice.content, Content::Choice { payload: Some(payload), .. } if payload == "confirm")
    );
    assert_eq!(choice.provider_at, now(), "our clock, where none is told");
    assert_eq!(
        choice.reply_to.as_deref(),
        Some("0123456789abcdef0123456789abcdef")
    );
    assert!(
        matches!(&message(&events[3]).content, Content::Image(media) if media.id.as_deref() == Some("file-1"))
    );

    let statuses = events[4..6].iter().map(|event| match event {
        Event::Status(update) => {
            assert_eq!(
                update.message_id.as_ref().map(MessageId::as_str),
                Some(update.provider_message_id.as_str())
            );
            update.status
        }
        other => panic!("not a status: {other:?}"),
    });
    assert_eq!(
        statuses.collect::<Vec<_>>(),
        [MessageStatus::Delivered, MessageStatus::Read]
    );
    for (event, name) in events[6..].iter().zip(["message", "message", "dance", "unknown"]) {
        assert!(
            matches!(event, Event::Unsupported { kind, .. } if kind == name),
            "{event:?}"
        );
    }
}

/// The deduplication's key: two visitors who name their messages alike have said two things.
#[test]
fn ids_are_a_visitors_own() {
    let say = |visitor: &str, id: &str| json!({ "visitor": { "id": visitor }, "events": [{ "type": "message", "id": id, "text": "x" }] });
    let id = |visitor: &str, id: &str| message(&events(&say(visitor, id))[0]).provider_message_id.clone();
    assert_ne!(id("user:a", "1"), id("user:b", "1"));
    let escaping = events(&say("user:a", "b:1"));
    assert!(matches!(escaping[0], Event::Unsupported { .. }), "{escaping:?}");
}

#[test]
fn a_body_without_a_visitor_or_events_is_kept_raw() {
    let long = "x".repeat(201);
    for body in [
        json!({}),
        json!({ "visitor": { "id": "" }, "events": [] }),
        json!({ "visitor": { "id": long }, "events": [] }),
        json!({ "visitor": { "id": "a\u{0}" }, "events": [] }),
        json!({ "visitor": { "id": "a" } }),
        json!({ "visitor": "a", "events": [] }),
        json!({ "visitor": { "id": "a" }, "events": {} }),
    ] {
        let events = events(&body);
        let kept = body.to_string();
        assert!(
            matches!(&events[..], [Event::Unsupported { raw, .. }] if *raw == kept),
            "{events:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_are_too_strange(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        read(body);
    }

    #[test]
    fn no_event_is_too_strange(text in ".*", id in ".*", kind in "message|form|read|delivered|x", file in proptest::option::of(".*")) {
        let event = json!({ "type": kind, "id": id, "text": text, "message_id": id, "answers": [{ "label": text, "value": id }],
            "file": file.map(|url| json!({ "url": url, "mime_type": text })) });
        let events = events(&json!({ "visitor": { "id": "anon:1", "name": text }, "events": [event] }));
        proptest::prop_assert_eq!(events.len(), 1);
    }
}
