//! Damage and rarities that no real payload among the fixtures shows.

use serde_json::{Value, json};
use switchboard_connectors::{Event, Inbound, InboundMessage};
use switchboard_domain::{Content, MessageStatus};

use crate::account::{normalise, received_at};

fn events(body: &Value) -> Vec<Event> {
    let inbound = normalise(body.to_string().as_bytes());
    inbound.into_iter().map(|Inbound { event, .. }| event).collect()
}

fn in_value(value: &Value) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }] })
}

/// The events of a value with one contact and these messages.
fn messages(messages: &Value) -> Vec<Event> {
    events(&in_value(&json!({
        "metadata": { "phone_number_id": 106_540_352_242_922_u64 },
        "contacts": [{ "wa_id": "16505551234", "profile": { "name": "Ann" } }],
        "messages": messages,
    })))
}

fn message(fields: &Value) -> Value {
    let mut message =
        json!({ "id": "wamid.1", "from": "16505551234", "timestamp": "1749416383", "type": "text" });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

fn only(events: Vec<Event>) -> InboundMessage {
    match <[Event; 1]>::try_from(events) {
        Ok([Event::Message(message)]) => message,
        other => panic!("not one message: {other:?}"),
    }
}

fn content_of(fields: &Value) -> Content {
    only(messages(&json!([message(fields)]))).content
}

#[test]
fn a_damaged_message_leaves_its_neighbours_alone() {
    let good = |id: &str| message(&json!({ "id": id, "text": { "body": id } }));
    let damaged = [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        json!({ "id": {}, "from": "1", "type": "text", "text": { "body": "x" } }),
        json!({ "id": "", "from": "1", "type": "text", "text": { "body": "x" } }),
        json!({ "id": "wamid.x", "from": ["1"], "type": "text", "text": { "body": "x" } }),
    ];
    let mut list = vec![good("first")];
    for one in damaged {
        list.push(one);
        list.push(good("next"));
    }
    let events = messages(&json!(list));
    let count = |wanted: fn(&Event) -> bool| events.iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Message(_))), 8);
    assert_eq!(
        count(|event| matches!(event, Event::Unsupported { kind, .. } if kind == "message")),
        7
    );
}

/// Whoever wrote it and when is known, so the agent sees that there was something.
#[test]
fn a_damaged_body_is_a_message_that_cannot_be_shown() {
    let cases = [
        (json!({ "text": { "body": 7 } }), "text"),
        (json!({ "text": null }), "text"),
        (json!({}), "text"),
        (
            json!({ "type": "image", "image": { "caption": "no id" } }),
            "image",
        ),
        (
            json!({ "type": "location", "location": { "latitude": "x", "longitude": 1 } }),
            "location",
        ),
        (
            json!({ "type": "order", "order": { "product_items": [{ "quantity": -1 }] } }),
            "order",
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "hologram" } }),
            "interactive.hologram",
        ),
        (
            json!({ "type": "unsupported", "unsupported": { "type": "poll" } }),
            "poll",
        ),
        (json!({ "type": "hologram", "hologram": {} }), "hologram"),
        (json!({ "type": 7 }), "unknown"),
    ];
    for (fields, kind) in cases {
        let kind = kind.to_owned();
        assert_eq!(content_of(&fields), Content::Unsupported { kind }, "{fields}");
    }
}

#[test]
fn what_is_not_a_list_or_not_an_object_is_kept() {
    for (body, kind) in [
        (json!({}), "body"),
        (json!({ "entry": null }), "body"),
        (json!({ "entry": "x" }), "entry"),
        (json!({ "entry": [1] }), "entry"),
        (json!({ "entry": [[[]]] }), "entry"),
        (json!({ "entry": [{ "changes": {} }] }), "changes"),
        (json!({ "entry": [{ "changes": [{ "value": {} }] }] }), "change"),
        (
            json!({ "entry": [{ "changes": [{ "field": "messages", "value": 1 }] }] }),
            "messages",
        ),
        (in_value(&json!({ "messages": null })), "messages"),
        (in_value(&json!({ "messages": {} })), "message"),
        (in_value(&json!({ "statuses": "x" })), "status"),
        (
            in_value(&json!({ "statuses": [{ "id": "1", "status": "warped" }] })),
            "status",
        ),
        (in_value(&json!({ "errors": [{ "code": 131_000 }] })), "errors"),
    ] {
        let events = events(&body);
        assert!(
            matches!(&events[..], [Event::Unsupported { kind: found, .. }] if found == kind),
            "{body}: {events:?}"
        );
    }
    assert_eq!(events(&json!({ "entry": [] })), []);
    assert_eq!(events(&in_value(&json!({ "messages": [] }))), []);
}

#[test]
fn damage_around_a_message_does_not_reach_it() {
    for (metadata, contacts) in [
        (json!(null), json!(null)),
        (json!(7), json!("x")),
        (
            json!({ "phone_number_id": {} }),
            json!([null, 7, { "wa_id": [], "profile": [] }]),
        ),
    ] {
        let value = json!({ "metadata": metadata, "contacts": contacts, "statuses": 1,
            "messages": [message(&json!({ "text": { "body": "hello" }, "context": 7, "timestamp": {} }))] });
        let [Event::Message(message), Event::Unsupported { .. }] = &events(&in_value(&value))[..] else {
            panic!("a message and what is left of the statuses");
        };
        assert_eq!(message.content, Content::text("hello"));
        assert_eq!(message.sender.external_id, "16505551234");
        assert_eq!(message.provider_at, received_at());
    }
}

#[test]
fn half_an_emoji_costs_no_message() {
    let body = br#"{"entry":[{"changes":[{"field":"messages","value":{"contacts":[{"wa_id":"1","profile":{"name":"Jo\ud83d"}}],
        "messages":[{"id":"a","from":"1","timestamp":"1749416383","type":"text","text":{"body":"hi \ud83d"}},
        {"id":"b","from":"1","timestamp":"1749416383","type":"text","text":{"body":"whole \ud83d\ude00"}}]}}]}]}"#;
    let inbound = normalise(body);
    let text = |nth: usize| match &inbound[nth].event {
        Event::Message(message) => (message.content.preview(20), message.sender.name.clone().unwrap()),
        other => panic!("{other:?}"),
    };
    assert!(text(0).0.starts_with("hi \u{fffd}"), "{:?}", text(0));
    assert!(text(0).1.starts_with("Jo\u{fffd}"));
    assert_eq!(text(1).0, "whole 😀");
}

#[test]
fn ids_may_be_numbers_and_never_lose_a_digit() {
    let inbound = normalise(
        in_value(&json!({
            "metadata": { "phone_number_id": 18_446_744_073_709_551_615_u64 },
            "messages": [message(&json!({ "from": 9_007_199_254_740_993_u64, "text": { "body": "x" } }))],
        }))
        .to_string()
        .as_bytes(),
    );
    assert_eq!(
        inbound[0].provider_account_id.as_deref(),
        Some("18446744073709551615")
    );
    assert!(
        matches!(&inbound[0].event, Event::Message(message) if message.sender.external_id == "9007199254740993")
    );
}

#[test]
fn the_user_id_is_the_identity_and_the_numbers_are_aliases() {
    let value = json!({
        "contacts": [{ "wa_id": "5511987654321", "user_id": "BR.1", "profile": { "username": "ann" } }],
        "messages": [message(&json!({ "from": "551187654321", "text": { "body": "x" } }))],
    });
    let sender = only(events(&in_value(&value))).sender;
    assert_eq!(sender.external_id, "BR.1");
    assert_eq!(sender.aliases, ["5511987654321", "551187654321"]);
    assert_eq!(sender.reply_address(), "5511987654321");
    assert_eq!(sender.name.as_deref(), Some("ann"));
}

/// With several messages, a contact that matches none of them is nobody's.
#[test]
fn a_contact_is_not_given_to_somebody_else() {
    let value = json!({
        "contacts": [{ "wa_id": "1", "user_id": "US.1", "profile": { "name": "Ann" } }],
        "messages": [
            message(&json!({ "id": "a", "from": "2", "text": { "body": "x" } })),
            message(&json!({ "id": "b", "from": "1", "text": { "body": "y" } })),
        ],
    });
    let events = events(&in_value(&value));
    let sender = |nth: usize| match &events[nth] {
        Event::Message(message) => message.sender.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((sender(0).external_id.as_str(), sender(0).name), ("2", None));
    assert_eq!(sender(1).external_id, "US.1");
}

#[test]
fn rarer_kinds_say_what_they_are() {
    let flow = json!({ "type": "interactive", "interactive": { "type": "nfm_reply",
        "nfm_reply": { "name": "flow", "body": "Sent", "response_json": "{\"a\":1}" } } });
    let payload = Some("{\"a\":1}".to_owned());
    assert_eq!(
        content_of(&flow),
        Content::Choice {
            text: "Sent".to_owned(),
            payload
        }
    );
    assert!(matches!(
        content_of(&json!({ "type": "request_welcome" })),
        Content::System { .. }
    ));
    let reaction = json!({ "type": "reaction", "reaction": { "message_id": "wamid.0", "emoji": "" } });
    assert_eq!(
        content_of(&reaction),
        Content::Reaction {
            provider_message_id: "wamid.0".to_owned(),
            emoji: None
        }
    );
    let voice = json!({ "type": "audio", "audio": { "id": "1", "voice": true, "mime_type": "audio/ogg; codecs=opus" } });
    assert!(matches!(content_of(&voice), Content::Audio(media) if media.voice == Some(true)));
}

#[test]
fn a_played_voice_note_was_read_and_our_id_comes_back() {
    let value = json!({ "statuses": [
        { "id": "wamid.1", "status": "played", "timestamp": "1749416383", "biz_opaque_callback_data": "0190" },
        { "id": "wamid.2", "status": "failed", "timestamp": "1749416383", "errors": [{ "code": 131_026, "title": "Undeliverable" }] },
        { "id": "wamid.3", "status": "failed", "timestamp": "1749416383", "errors": "x" },
    ] });
    let events = events(&in_value(&value));
    let status = |nth: usize| match &events[nth] {
        Event::Status(status) => status,
        other => panic!("{other:?}"),
    };
    assert_eq!(status(0).status, MessageStatus::Read);
    assert_eq!(
        status(0).message_id.as_ref().map(ToString::to_string).as_deref(),
        Some("0190")
    );
    assert_eq!(
        status(1).error.as_ref().map(|error| error.code.as_str()),
        Some("131026")
    );
    assert_eq!(
        (status(2).status, &status(2).error),
        (MessageStatus::Failed, &None)
    );
}

#[test]
fn what_our_account_wrote_elsewhere_is_an_echo() {
    let change = json!({ "field": "smb_message_echoes", "value": {
        "metadata": { "phone_number_id": "106540352242922" },
        "message_echoes": [{ "from": "15550783881", "to": "16505551234", "id": "wamid.E", "timestamp": "1749416383",
            "type": "text", "text": { "body": "from the phone" }, "context": { "id": "wamid.Q" } }] } });
    let events = events(&json!({ "entry": [{ "changes": [change] }] }));
    let [Event::Echo(echo)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(echo.recipient.external_id, "16505551234");
    assert_eq!(echo.content, Content::text("from the phone"));
    assert_eq!(echo.reply_to.as_deref(), Some("wamid.Q"));
}
