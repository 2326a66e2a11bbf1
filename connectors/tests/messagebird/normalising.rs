//! Webhooks as MessageBird sends them, and the events they become.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};
use switchboard_connectors::Event;
use switchboard_domain::{Content, Media, MessageStatus};

use crate::{
    messagebird,
    support::{
        assert_snapshots, assert_survives, content_of, events,
        fuzzing::assert_any_wrong_field_leaves_a_trace, mutate, normalise,
    },
};

#[test]
fn every_payload_becomes_its_events() {
    assert_snapshots(messagebird(), 18);
}

#[test]
fn any_field_of_the_wrong_type_leaves_a_trace() {
    assert_any_wrong_field_leaves_a_trace(messagebird());
}

fn webhook(kind: &str, message: &Value) -> String {
    let mut all = json!({ "id": "m1", "channelId": "ch1", "from": "+31611", "to": "+31622", "direction": "received",
        "createdDatetime": "2024-05-06T07:08:09.123456789Z", "updatedDatetime": "2024-05-06T08:00:00Z" });
    for (name, value) in message.as_object().unwrap() {
        all[name] = value.clone();
    }
    json!({ "type": kind, "contact": { "id": "c1", "msisdn": 31611, "displayName": "31611" }, "message": all }).to_string()
}

fn created(kind: &str, content: &Value) -> String {
    webhook("message.created", &json!({ "type": kind, "content": content }))
}

#[test]
fn each_kind_says_what_it_is() {
    let file = |text: Option<&str>| Media {
        url: Some("https://media.messagebird.com/1".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    };
    let url = json!({ "url": "https://media.messagebird.com/1", "caption": "c" });
    let choice = |text: &str, payload: &str| Content::Choice {
        text: text.to_owned(),
        payload: Some(payload.to_owned()),
    };
    for (kind, content, expected) in [
        ("text", json!({ "text": "hé" }), Content::text("hé")),
        ("image", json!({ "image": url }), Content::Image(file(Some("c")))),
        ("video", json!({ "video": url }), Content::Video(file(Some("c")))),
        (
            "audio",
            json!({ "audio": { "url": "https://media.messagebird.com/1" } }),
            Content::Audio(file(None)),
        ),
        ("file", json!({ "file": url }), Content::Document(file(Some("c")))),
        (
            "whatsappSticker",
            json!({ "whatsappSticker": { "link": "https://media.messagebird.com/1" } }),
            Content::Sticker(file(None)),
        ),
        (
            "location",
            json!({ "location": { "latitude": 52.5, "longitude": "4.75" } }),
            Content::Location {
                latitude: 52.5,
                longitude: 4.75,
                name: None,
                address: None,
            },
        ),
        (
            "interactive",
            json!({ "interactive": { "type": "button_reply", "reply": { "id": "b1", "text": "Yes" } } }),
            choice("Yes", "b1"),
        ),
        (
            "button",
            json!({ "button": { "text": "Yes", "payload": "p" } }),
            choice("Yes", "p"),
        ),
        (
            "hologram",
            json!({ "hologram": {} }),
            Content::Unsupported {
                kind: "hologram".to_owned(),
            },
        ),
        (
            "image",
            json!({ "image": {} }),
            Content::Unsupported {
                kind: "image".to_owned(),
            },
        ),
        (
            "text",
            json!(null),
            Content::Unsupported {
                kind: "text".to_owned(),
            },
        ),
    ] {
        assert_eq!(
            content_of(messagebird(), &created(kind, &content)),
            expected,
            "{kind} {content}"
        );
    }
}

#[test]
fn a_message_names_the_customer_by_their_address() {
    let inbound = normalise(messagebird(), created("text", &json!({ "text": "x" })).as_bytes());
    assert_eq!(inbound[0].provider_account_id.as_deref(), Some("ch1"));
    let Event::Message(message) = &inbound[0].event else {
        panic!("{inbound:?}");
    };
    assert_eq!(message.sender.external_id, "+31611");
    assert_eq!(message.sender.aliases, ["c1"]);
    assert_eq!(message.provider_at.to_string(), "2024-05-06T07:08:09.123Z");
    let nameless = webhook(
        "message.created",
        &json!({ "from": null, "type": "text", "content": { "text": "x" }, "replyTo": { "id": "m0" } }),
    );
    let [Event::Message(message)] = &events(messagebird(), &nameless)[..] else {
        panic!("a message");
    };
    assert_eq!(
        (message.sender.external_id.as_str(), message.reply_to.as_deref()),
        ("+31611", Some("m0"))
    );
}

#[test]
fn our_own_messages_are_echoes_and_have_statuses() {
    let echo = webhook(
        "message.created",
        &json!({ "direction": "sent", "type": "text", "content": { "text": "x" } }),
    );
    assert!(
        matches!(&events(messagebird(), &echo)[..], [Event::Echo(echo)] if echo.recipient.external_id == "+31622")
    );
    let status = |name: &str| webhook("message.updated", &json!({ "direction": "sent", "status": name }));
    for (name, known) in [
        ("accepted", MessageStatus::Queued),
        ("pending", MessageStatus::Queued),
        ("transmitted", MessageStatus::Sent),
        ("sent", MessageStatus::Sent),
        ("delivered", MessageStatus::Delivered),
        ("read", MessageStatus::Read),
        ("failed", MessageStatus::Failed),
        ("rejected", MessageStatus::Failed),
    ] {
        let events = events(messagebird(), &status(name));
        assert!(
            matches!(&events[..], [Event::Status(status)] if status.status == known
            && status.error.is_some() == (known == MessageStatus::Failed)
            && status.provider_at.to_string() == "2024-05-06T08:00:00.000Z"),
            "{name}: {events:?}"
        );
    }
    let deleted = webhook("message.updated", &json!({ "status": "deleted" }));
    assert!(
        matches!(&events(messagebird(), &deleted)[..], [Event::Deleted { provider_message_id, .. }] if provider_message_id == "m1")
    );
}

fn bird(event: &str, fields: &Value) -> String {
    let mut payload = json!({ "id": "b1", "channelId": "ch1", "createdAt": "2024-05-06T07:08:09Z",
        "sender": { "contact": { "id": "ct-1", "identifierKey": "phonenumber", "identifierValue": "+31611", "annotations": { "name": "Ann" } } } });
    for (name, value) in fields.as_object().unwrap() {
        payload[name] = value.clone();
    }
    json!({ "service": "channels", "event": event, "payload": payload }).to_string()
}

#[test]
fn birds_platform_speaks_differently() {
    let text = bird(
        "sms.inbound",
        &json!({ "body": { "type": "text", "text": { "text": "hi" } } }),
    );
    let [Event::Message(message)] = &events(messagebird(), &text)[..] else {
        panic!("a message");
    };
    assert_eq!(message.content, Content::text("hi"));
    assert_eq!(
        (
            message.sender.external_id.as_str(),
            message.sender.name.as_deref()
        ),
        ("+31611", Some("Ann"))
    );
    assert_eq!(message.sender.aliases, ["ct-1"]);
    let images = bird(
        "whatsapp.inbound",
        &json!({ "body": { "type": "image", "image": { "text": "two",
        "images": [{ "mediaUrl": "https://media.api.bird.com/1.jpg" }, { "mediaUrl": "https://media.api.bird.com/2", "contentType": "image/png" }] } } }),
    );
    let told: Vec<_> = events(messagebird(), &images)
        .into_iter()
        .map(|event| match event {
            Event::Message(message) => (
                message.provider_message_id,
                message.content.kind(),
                message.content.preview(9),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            ("b1".to_owned(), "image", "two".to_owned()),
            ("b1#1".to_owned(), "image", String::new())
        ]
    );
    let pressed = json!({ "body": { "type": "text", "text": { "text": "Yes", "actions": [{ "type": "postback", "postback": { "payload": "p" } }] } } });
    assert!(
        matches!(content_of(messagebird(), &bird("whatsapp.inbound", &pressed)), Content::Choice { payload: Some(p), .. } if p == "p")
    );
    let failed = bird(
        "sms.outbound",
        &json!({ "status": "delivery_failed", "reason": "gone", "reference": "0190" }),
    );
    let [Event::Status(status)] = &events(messagebird(), &failed)[..] else {
        panic!("a status");
    };
    assert_eq!(
        (status.status, status.error.as_ref().unwrap().message.as_str()),
        (MessageStatus::Failed, "gone")
    );
    assert!(status.message_id.is_some());
    for (event, body) in [
        ("sms.outbound", json!({ "status": "odd" })),
        ("email.opened", json!({})),
        ("sms.inbound", json!({ "id": null })),
    ] {
        assert!(
            matches!(&events(messagebird(), &bird(event, &body))[..], [Event::Unsupported { kind, .. }] if kind == event)
        );
    }
    let odd = bird("sms.inbound", &json!({ "body": { "type": "carousel" } }));
    assert_eq!(
        content_of(messagebird(), &odd),
        Content::Unsupported {
            kind: "carousel".to_owned()
        }
    );
}

#[test]
fn what_is_neither_is_kept() {
    for (body, kind) in [
        ("{}".to_owned(), "body"),
        ("a=b".to_owned(), "form"),
        ("originator=1&body=x".to_owned(), "form"),
        ("id=1&status=odd".to_owned(), "form"),
        (
            json!({ "type": "conversation.created", "conversation": {} }).to_string(),
            "conversation.created",
        ),
        (
            webhook(
                "message.updated",
                &json!({ "direction": "sent", "status": "odd" }),
            ),
            "message.updated",
        ),
        (
            webhook("message.created", &json!({ "id": null })),
            "message.created",
        ),
    ] {
        let events = events(messagebird(), &body);
        assert!(
            matches!(&events[..], [Event::Unsupported { kind: found, .. }] if found == kind),
            "{events:?}"
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512)) {
        assert_survives(messagebird(), &body);
    }

    #[test]
    fn arbitrary_forms(body in "((id|mid|originator|status|body|mediaUrls|receive_datetime)=[%+a-z0-9.&=-]{0,16}&){0,9}") {
        assert_survives(messagebird(), body.as_bytes());
    }

    #[test]
    fn mutated_fixtures(
        file in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        assert_survives(messagebird(), &mutate(messagebird(), file, &edits, cut.as_ref()));
    }
}
