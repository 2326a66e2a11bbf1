//! Rarities and damage that no real payload among the fixtures shows.

use serde_json::{Value, json};
use switchboard_connectors::{Event, InboundMessage};
use switchboard_domain::{Content, Media};

use crate::account::{account, connector, normalise, received_at, verify};

fn events(list: &Value) -> Vec<Event> {
    let body = json!({ "destination": "U0", "events": list }).to_string();
    normalise(body.as_bytes())
        .into_iter()
        .map(|inbound| inbound.event)
        .collect()
}

fn event(fields: &Value) -> Value {
    let mut event = json!({ "type": "message", "mode": "active", "timestamp": 1_749_416_383_123_i64,
        "source": { "type": "user", "userId": "U1" }, "webhookEventId": "01H", "deliveryContext": { "isRedelivery": false },
        "replyToken": "r", "message": { "id": "1", "type": "text", "text": "hello" } });
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn only(events: Vec<Event>) -> InboundMessage {
    match <[Event; 1]>::try_from(events) {
        Ok([Event::Message(message)]) => message,
        other => panic!("not one message: {other:?}"),
    }
}

fn message(fields: &Value) -> InboundMessage {
    only(events(&json!([event(fields)])))
}

fn content(message_fields: &Value) -> Content {
    message(&json!({ "message": message_fields })).content
}

#[test]
fn a_damaged_event_leaves_its_neighbours_alone() {
    let damaged = [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        event(&json!({ "source": null })),
        event(&json!({ "source": { "type": "user" } })),
        event(&json!({ "message": null })),
        event(&json!({ "message": { "type": "text", "text": "no id" } })),
        event(&json!({ "type": 7 })),
        event(&json!({ "type": "postback" })),
        event(&json!({ "type": "postback", "postback": {} })),
        event(&json!({ "type": "unsend" })),
    ];
    let count = damaged.len();
    let mut list = vec![event(&json!({}))];
    for one in damaged {
        list.push(one);
        list.push(event(&json!({})));
    }
    let events = events(&json!(list));
    let messages = events
        .iter()
        .filter(|event| matches!(event, Event::Message(_)))
        .count();
    let kept = events
        .iter()
        .filter(|event| matches!(event, Event::Unsupported { .. }))
        .count();
    assert_eq!((messages, kept), (count + 1, count));
}

#[test]
fn a_damaged_body_is_a_message_that_cannot_be_shown() {
    for (fields, kind) in [
        (json!({ "id": "1", "type": "text", "text": 7 }), "text"),
        (
            json!({ "id": "1", "type": "location", "latitude": "x", "longitude": 1 }),
            "location",
        ),
        (
            json!({ "id": "1", "type": "sticker", "packageId": "1" }),
            "sticker",
        ),
        (json!({ "id": "1", "type": "hologram" }), "hologram"),
        (json!({ "id": "1" }), "unknown"),
    ] {
        assert_eq!(
            content(&fields),
            Content::Unsupported {
                kind: kind.to_owned()
            },
            "{fields}"
        );
    }
}

#[test]
fn files_are_lines_or_somebody_elses() {
    let image =
        |provider: Value| content(&json!({ "id": "42", "type": "image", "contentProvider": provider }));
    let by_line = Content::Image(Media {
        id: Some("42".to_owned()),
        ..Media::default()
    });
    assert_eq!(image(json!({ "type": "line" })), by_line);
    assert_eq!(image(json!(null)), by_line);
    assert_eq!(
        image(json!({ "type": "external" })),
        by_line,
        "no address: LINE may still know"
    );
    let elsewhere = json!({ "type": "external", "originalContentUrl": "https://example.com/o.jpg" });
    let url = Some("https://example.com/o.jpg".to_owned());
    assert_eq!(
        image(elsewhere),
        Content::Image(Media {
            url,
            ..Media::default()
        })
    );
}

#[test]
fn a_reply_names_what_it_quotes() {
    let quoting = json!({ "message": { "id": "2", "type": "text", "text": "x", "quotedMessageId": "1", "quoteToken": "q" } });
    assert_eq!(message(&quoting).reply_to.as_deref(), Some("1"));
}

#[test]
fn a_group_is_one_contact_whether_or_not_it_says_who_wrote() {
    for source in [
        json!({ "type": "group", "groupId": "C1", "userId": "U1" }),
        json!({ "type": "group", "groupId": "C1" }),
    ] {
        let message = message(&json!({ "source": source }));
        assert_eq!(message.sender.external_id, "C1");
        assert_eq!(message.group_id.as_deref(), Some("C1"));
    }
    assert_eq!(
        message(&json!({ "source": { "type": "room", "roomId": "R1", "userId": "U1" } }))
            .sender
            .external_id,
        "R1"
    );
    assert_eq!(
        message(&json!({ "source": { "type": "user", "userId": "U1" } })).group_id,
        None
    );
}

#[test]
fn a_redelivered_event_is_the_same_one() {
    let first = events(&json!([
        event(&json!({})),
        event(&json!({ "type": "postback", "postback": { "data": "a=1" } }))
    ]));
    let again = json!({ "deliveryContext": { "isRedelivery": true } });
    let second = events(&json!([
        event(&again),
        event(
            &json!({ "type": "postback", "postback": { "data": "a=1" }, "deliveryContext": { "isRedelivery": true } })
        )
    ]));
    assert_eq!(first, second);
}

#[test]
fn a_pressed_button_is_named_by_its_event() {
    let pressed = message(&json!({ "type": "postback", "postback": { "data": "a=1" } }));
    assert_eq!(pressed.provider_message_id, "01H");
    assert_eq!(
        pressed.content,
        Content::Choice {
            text: "a=1".to_owned(),
            payload: Some("a=1".to_owned())
        }
    );
    let menu = message(
        &json!({ "type": "postback", "postback": { "data": "m", "params": { "newRichMenuAliasId": "menu-b", "status": "SUCCESS" } } }),
    );
    assert_eq!(
        menu.content,
        Content::Choice {
            text: "menu-b".to_owned(),
            payload: Some("m".to_owned())
        }
    );
}

#[test]
fn times_are_milliseconds() {
    assert_eq!(message(&json!({})).provider_at.as_millis(), 1_749_416_383_123);
    assert_eq!(
        message(&json!({ "timestamp": "1749416383123" }))
            .provider_at
            .as_millis(),
        1_749_416_383_123
    );
    for odd in [
        json!(null),
        json!(0),
        json!(12_345_678_901_234_i64),
        json!(1.5),
        json!({}),
    ] {
        assert_eq!(
            message(&json!({ "timestamp": odd })).provider_at,
            received_at(),
            "{odd}"
        );
    }
}

/// Of the console's button: events of nobody, or none at all.
#[test]
fn a_webhook_that_only_asks_makes_no_customer() {
    let nobody = json!({ "type": "user", "userId": "Udeadbeefdeadbeefdeadbeefdeadbeef" });
    let asked = events(&json!([event(
        &json!({ "replyToken": "00000000000000000000000000000000", "source": nobody })
    )]));
    assert!(matches!(&asked[..], [Event::Unsupported { kind, .. }] if kind == "message"));
    let keep = |body: &str| {
        connector()
            .acknowledge(&account(None), &verify(body.as_bytes()).unwrap())
            .keep
    };
    assert!(!keep(r#"{"destination":"U0","events":[]}"#));
    assert!(!keep("\u{feff}{\"events\":[]}"));
    assert_eq!(normalise(br#"{"destination":"U0","events":[]}"#), []);
    for body in [
        r#"{"events":[{}]}"#,
        r#"{"events":{}}"#,
        r#"{"events":null}"#,
        "{}",
    ] {
        assert!(keep(body), "{body}");
        assert_eq!(normalise(body.as_bytes()).len(), 1, "{body}");
    }
}

#[test]
fn half_an_emoji_costs_no_message() {
    let body = br#"{"events":[{"type":"message","source":{"userId":"U1"},"message":{"id":"1","type":"text","text":"hi \ud83d"}}]}"#;
    let inbound = normalise(body);
    assert!(
        matches!(&inbound[0].event, Event::Message(message) if message.content.preview(9).starts_with("hi \u{fffd}"))
    );
}
