//! Rarities and damage that no real payload among the fixtures shows.

use serde_json::{Value, json};
use switchboard_connectors::{Event, InboundMessage, Rejected};
use switchboard_domain::{Content, Media, MessageStatus};

use crate::account::{HEADER, SECRET, account, connector, normalise, received_at, request, verify};

fn event(callback: &Value) -> Event {
    let inbound = normalise(callback.to_string().as_bytes());
    assert_eq!(inbound.len(), 1);
    inbound.into_iter().next().unwrap().event
}

fn callback(fields: &Value) -> Value {
    let mut callback = json!({ "event": "message", "timestamp": 1_749_416_383_123_i64,
        "message_token": 5_136_431_130_449_316_903_u64, "chat_hostname": "SN-CALLBACK-03", "silent": false,
        "sender": { "id": "A=", "name": "Ann", "language": "en" },
        "message": { "type": "text", "text": "hello" } });
    for (name, value) in fields.as_object().unwrap() {
        callback[name] = value.clone();
    }
    callback
}

fn message(fields: &Value) -> InboundMessage {
    match event(&callback(fields)) {
        Event::Message(message) => message,
        other => panic!("no message: {other:?}"),
    }
}

fn content(body: &Value) -> Content {
    message(&json!({ "message": body })).content
}

#[test]
fn a_message_token_is_more_than_a_float_holds() {
    let message = message(&json!({}));
    assert_eq!(message.provider_message_id, "5136431130449316903");
    assert_eq!(message.provider_at.as_millis(), 1_749_416_383_123);
    let float = event(&callback(&json!({ "message_token": 5.1e18 })));
    assert!(matches!(float, Event::Unsupported { kind, .. } if kind == "message"));
}

#[test]
fn every_kind_says_what_it_is() {
    let file =
        json!({ "type": "file", "media": "https://dl-media.viber.com/1", "file_name": "a.pdf", "size": 9 });
    assert!(
        matches!(content(&file), Content::Document(Media { file_name: Some(name), .. }) if name == "a.pdf")
    );
    let sticker = json!({ "type": "sticker", "sticker_id": 46105, "media": "https://content.cdn.viber.com/s/46105.png" });
    assert!(
        matches!(content(&sticker), Content::Sticker(Media { id: Some(id), url: Some(_), .. }) if id == "46105")
    );
    let card = json!({ "name": "Bob", "phone_number": "+123" });
    assert_eq!(
        content(&json!({ "type": "contact", "contact": card })),
        Content::Contacts {
            text: "Bob".to_owned(),
            contacts: vec![card]
        }
    );
    let nameless = content(&json!({ "type": "contact", "contact": { "phone_number": 123 } }));
    assert!(matches!(nameless, Content::Contacts { text, .. } if text == "123"));
    let place = json!({ "type": "location", "location": { "lat": 1.5, "lon": 2.5, "address": "1 High St" } });
    assert!(
        matches!(content(&place), Content::Location { address: Some(address), .. } if address == "1 High St")
    );
    let url = "https://example.com/x";
    assert_eq!(
        content(&json!({ "type": "url", "media": url })),
        Content::text(url)
    );
    assert_eq!(
        content(&json!({ "type": "url", "media": url, "text": url })),
        Content::text(url)
    );
    let with_words = content(&json!({ "type": "url", "media": url, "text": "look" }));
    assert_eq!(with_words, Content::text(format!("look\n{url}")));
}

#[test]
fn a_damaged_body_is_a_message_that_cannot_be_shown() {
    for (body, kind) in [
        (json!({ "type": "text" }), "text"),
        (json!({ "type": "picture", "media": "" }), "picture"),
        (
            json!({ "type": "location", "location": { "lat": "x" } }),
            "location",
        ),
        (json!({ "type": "sticker" }), "sticker"),
        (json!({ "type": "contact" }), "contact"),
        (json!({ "type": "hologram" }), "hologram"),
        (json!({ "type": 7 }), "unknown"),
        (json!(null), "unknown"),
        (json!([]), "unknown"),
    ] {
        assert_eq!(
            content(&body),
            Content::Unsupported {
                kind: kind.to_owned()
            },
            "{body}"
        );
    }
}

#[test]
fn what_became_of_a_message_is_told_with_its_reason() {
    let status = |name: &str, fields: Value| {
        let mut callback =
            json!({ "event": name, "timestamp": 1_749_416_383_123_i64, "message_token": 7, "user_id": "A=" });
        callback
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        match event(&callback) {
            Event::Status(status) => status,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(status("delivered", json!({})).status, MessageStatus::Delivered);
    assert_eq!(status("seen", json!({})).status, MessageStatus::Read);
    let failed = status("failed", json!({ "desc": "no such user" }));
    assert_eq!(
        (failed.status, failed.provider_message_id.as_str()),
        (MessageStatus::Failed, "7")
    );
    assert!(failed.error.unwrap().message.contains("no such user"));
    assert!(status("failed", json!({ "desc": 7 })).error.is_some());
    assert!(status("delivered", json!({ "desc": "x" })).error.is_none());
}

#[test]
fn what_is_no_message_is_kept() {
    for (body, kind) in [
        (json!({}), "body"),
        (json!({ "event": 7 }), "body"),
        (json!({ "event": "client_status", "user": {} }), "client_status"),
        (json!({ "event": "delivered" }), "delivered"),
        (callback(&json!({ "sender": null })), "message"),
        (callback(&json!({ "sender": { "name": "nobody" } })), "message"),
        (callback(&json!({ "message_token": {} })), "message"),
    ] {
        let event = event(&body);
        assert!(
            matches!(&event, Event::Unsupported { kind: found, .. } if found == kind),
            "{body}: {event:?}"
        );
    }
}

#[test]
fn an_impossible_time_gives_way_to_ours() {
    let odd = callback(&json!({ "timestamp": 4_977_069_964_384_421_269_i64 }));
    assert!(matches!(event(&odd), Event::Message(message) if message.provider_at == received_at()));
}

/// `set_webhook` waits for this 200, and there is nothing in it to keep.
#[test]
fn a_webhook_that_only_asks_is_not_kept() {
    let keep = |body: &str| {
        connector()
            .acknowledge(&account(None), &verify(body.as_bytes()).unwrap())
            .keep
    };
    assert!(!keep(
        r#"{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}"#
    ));
    for body in [
        r#"{"event":"conversation_started"}"#,
        r#"{"event":7}"#,
        "{}",
        r#"{"event":"message","message":{"text":"webhook"}}"#,
    ] {
        assert!(keep(body), "{body}");
    }
}

/// For servers that lose headers, Viber puts the same signature into the query; a bad header isn't saved by it.
#[test]
fn the_signature_may_be_in_the_query() {
    let good = request(SECRET, b"{}");
    let signature = good.headers[HEADER].to_str().unwrap().to_owned();
    let verify = |header: Option<&str>, query: String| {
        let mut request = good.clone();
        request.headers.remove(HEADER);
        if let Some(value) = header {
            request.headers.insert(HEADER, value.parse().unwrap());
        }
        request.query = query;
        connector().verify(&account(None), request, received_at())
    };
    assert!(verify(None, format!("sig={signature}")).is_ok());
    assert!(verify(None, format!("a=b&sig={signature}")).is_ok());
    for query in [
        String::new(),
        "sig=".to_owned(),
        "sig=00".to_owned(),
        format!("x={signature}"),
        format!("sig={}", signature.to_uppercase()),
    ] {
        assert!(matches!(verify(None, query), Err(Rejected::Unauthenticated(_))));
    }
    assert!(matches!(
        verify(Some("00"), format!("sig={signature}")),
        Err(Rejected::Unauthenticated(_))
    ));
}

#[test]
fn half_an_emoji_costs_no_message() {
    let body = br#"{"event":"message","message_token":1,"sender":{"id":"A="},"message":{"type":"text","text":"hi \ud83d"}}"#;
    let inbound = normalise(body);
    assert!(
        matches!(&inbound[0].event, Event::Message(message) if message.content.preview(9).starts_with("hi \u{fffd}"))
    );
}
