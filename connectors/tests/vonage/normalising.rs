//! Webhooks as Vonage sends them, and the events they become.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};
use switchboard_connectors::Event;
use switchboard_domain::{Content, Media, MessageStatus};

use crate::{
    support::{
        assert_snapshots, assert_survives, content_of, events,
        fuzzing::assert_any_wrong_field_leaves_a_trace, mutate, normalise, received_at,
    },
    vonage,
};

#[test]
fn every_payload_becomes_its_events() {
    assert_snapshots(vonage(), 21);
}

#[test]
fn any_field_of_the_wrong_type_leaves_a_trace() {
    assert_any_wrong_field_leaves_a_trace(vonage());
}

fn webhook(fields: &Value) -> String {
    let mut all = json!({ "channel": "whatsapp", "message_uuid": "uuid-1", "to": "447700900000", "from": "447700900001",
        "timestamp": "2025-02-03T12:14:25Z", "profile": { "name": "Jane Smith" } });
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.to_string()
}

#[test]
fn each_kind_says_what_it_is() {
    let file = |url: &str, text: Option<&str>, name: Option<&str>| Media {
        url: Some(url.to_owned()),
        text: text.map(str::to_owned),
        file_name: name.map(str::to_owned),
        ..Media::default()
    };
    let url = "https://api-eu.nexmo.com/v3/media/1";
    for (fields, content) in [
        (
            json!({ "message_type": "text", "text": "Nexmo \u{1f44b}" }),
            Content::text("Nexmo \u{1f44b}"),
        ),
        (
            json!({ "message_type": "image", "image": { "url": url, "caption": "c" } }),
            Content::Image(file(url, Some("c"), None)),
        ),
        (
            json!({ "message_type": "audio", "audio": { "url": url } }),
            Content::Audio(file(url, None, None)),
        ),
        (
            json!({ "message_type": "video", "video": { "url": url } }),
            Content::Video(file(url, None, None)),
        ),
        (
            json!({ "message_type": "file", "file": { "url": url, "name": "a.pdf" } }),
            Content::Document(file(url, None, Some("a.pdf"))),
        ),
        (
            json!({ "message_type": "sticker", "sticker": { "url": url } }),
            Content::Sticker(file(url, None, None)),
        ),
        (
            json!({ "message_type": "vcard", "vcard": { "url": url } }),
            Content::Document(file(url, None, None)),
        ),
        (
            json!({ "message_type": "image", "image": {} }),
            Content::Unsupported {
                kind: "image".to_owned(),
            },
        ),
        (
            json!({ "message_type": "text" }),
            Content::Unsupported {
                kind: "text".to_owned(),
            },
        ),
    ] {
        assert_eq!(content_of(vonage(), &webhook(&fields)), content, "{fields}");
    }
}

#[test]
fn whatsapps_own_kinds_say_what_they_are() {
    let choice = |text: &str, payload: &str| Content::Choice {
        text: text.to_owned(),
        payload: Some(payload.to_owned()),
    };
    for (fields, content) in [
        (
            json!({ "message_type": "reply", "reply": { "id": "row1", "title": "9am", "description": "d" } }),
            choice("9am", "row1"),
        ),
        (
            json!({ "message_type": "button", "button": { "text": "Yes", "payload": "yes-1" } }),
            choice("Yes", "yes-1"),
        ),
        (
            json!({ "message_type": "location", "location": { "lat": 40.5, "long": "-74.25", "name": "HQ", "address": "1 St" } }),
            Content::Location {
                latitude: 40.5,
                longitude: -74.25,
                name: Some("HQ".to_owned()),
                address: Some("1 St".to_owned()),
            },
        ),
        (
            json!({ "message_type": "reaction", "reaction": { "action": "react", "emoji": "👍" }, "context": { "message_uuid": "u0" } }),
            Content::Reaction {
                provider_message_id: "u0".to_owned(),
                emoji: Some("👍".to_owned()),
            },
        ),
        (
            json!({ "message_type": "reaction", "reaction": { "action": "unreact" }, "context": { "message_uuid": "u0" } }),
            Content::Reaction {
                provider_message_id: "u0".to_owned(),
                emoji: None,
            },
        ),
        (
            json!({ "message_type": "unsupported" }),
            Content::Unsupported {
                kind: "unsupported".to_owned(),
            },
        ),
    ] {
        assert_eq!(content_of(vonage(), &webhook(&fields)), content, "{fields}");
    }
    let order = json!({ "message_type": "order", "order": { "catalog_id": "1", "product_items": [
        { "product_retailer_id": "sku", "quantity": "2", "item_price": "9.99", "currency": "USD" }] } });
    let Content::Order { products, .. } = content_of(vonage(), &webhook(&order)) else {
        panic!("an order");
    };
    assert_eq!((products[0].quantity, products[0].price), (2, Some(9.99)));
}

#[test]
fn an_mms_with_several_attachments_is_several_messages() {
    let body = webhook(&json!({ "channel": "mms", "message_type": "content", "content": [
        { "type": "image", "url": "https://example.com/1.jpg", "caption": "one" },
        { "type": "vcard", "url": "https://example.com/2.vcf" },
        7,
    ] }));
    let ids: Vec<_> = events(vonage(), &body)
        .into_iter()
        .map(|event| match event {
            Event::Message(message) => (message.provider_message_id, message.content.kind()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("uuid-1", "image"),
        ("uuid-1#1", "document"),
        ("uuid-1#2", "unsupported"),
    ];
    assert_eq!(ids, expected.map(|(id, kind)| (id.to_owned(), kind)));
}

#[test]
fn a_message_names_the_customer_and_what_it_answers() {
    let body = webhook(
        &json!({ "message_type": "text", "text": "x", "context": { "message_uuid": "u0", "message_from": "1" },
        "whatsapp": { "referral": { "source_url": "https://fb.me/x" } } }),
    );
    let inbound = normalise(vonage(), body.as_bytes());
    assert_eq!(inbound[0].provider_account_id.as_deref(), Some("447700900000"));
    let Event::Message(message) = &inbound[0].event else {
        panic!("{inbound:?}");
    };
    assert_eq!(
        (
            message.sender.external_id.as_str(),
            message.sender.name.as_deref()
        ),
        ("447700900001", Some("Jane Smith"))
    );
    assert_eq!(message.provider_at.to_string(), "2025-02-03T12:14:25.000Z");
    assert_eq!(message.reply_to.as_deref(), Some("u0"));
    assert!(message.referral.is_some());
    for odd in ["yesterday", "", "3025-02-03T12:14:25Z"] {
        let body = webhook(&json!({ "message_type": "text", "text": "x", "timestamp": odd }));
        assert!(
            matches!(&events(vonage(), &body)[..], [Event::Message(message)] if message.provider_at == received_at())
        );
    }
}

#[test]
fn statuses_of_both_versions() {
    let status = |fields: Value| match &events(vonage(), &webhook(&fields))[..] {
        [Event::Status(status)] => status.clone(),
        other => panic!("{other:?}"),
    };
    for (name, known) in [
        ("submitted", MessageStatus::Sent),
        ("delivered", MessageStatus::Delivered),
        ("read", MessageStatus::Read),
        ("rejected", MessageStatus::Failed),
        ("undeliverable", MessageStatus::Failed),
    ] {
        let told = status(json!({ "status": name, "client_ref": "0190" }));
        assert_eq!(
            (told.status, told.provider_message_id.as_str()),
            (known, "uuid-1")
        );
        assert_eq!(told.message_id.map(|id| id.to_string()).as_deref(), Some("0190"));
    }
    let v1 = status(
        json!({ "status": "rejected", "error": { "type": "https://developer.nexmo.com/api-errors/messages-olympus#1300",
        "title": "Not part of the provider network", "detail": "x", "instance": "y" } }),
    );
    assert_eq!(v1.error.as_ref().unwrap().code, "1300");
    let titled = status(
        json!({ "status": "rejected", "error": { "type": "https://x", "title": 1340, "detail": "outside" } }),
    );
    assert!(titled.error.unwrap().message.contains("template"));
    let v0 = status(
        json!({ "from": { "type": "sms", "number": "1" }, "to": { "type": "sms", "number": "2" },
        "status": "undeliverable", "error": { "code": 99, "reason": "odd" } }),
    );
    let error = v0.error.unwrap();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("99", "odd"));
    let throttled =
        status(json!({ "status": "rejected", "error": { "title": "1000", "detail": "Throttled" } }));
    assert_eq!(
        throttled.error.unwrap().message,
        "Throttled",
        "no promise of another attempt"
    );
}

#[test]
fn receipts_and_messages_of_the_sms_api() {
    let receipt = |rest: &str| match &events(
        vonage(),
        &format!("msisdn=447700900001&to=Acme&messageId=0A&client-ref=0190&{rest}"),
    )[..]
    {
        [Event::Status(status)] => status.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(receipt("status=accepted&err-code=0").status, MessageStatus::Sent);
    assert_eq!(receipt("status=delivered&err-code=0").error, None);
    let failed = receipt("status=failed&err-code=4");
    assert!(failed.error.unwrap().message.contains("barred"));
    assert_eq!(receipt("status=expired").error.unwrap().code, "expired");
    let binary = "msisdn=1&to=2&messageId=0A&type=binary&data=00FF&udh=05";
    assert_eq!(
        content_of(vonage(), binary),
        Content::Unsupported {
            kind: "binary".to_owned()
        }
    );
    let json = r#"{"msisdn":447700900001,"to":"2","messageId":"0A","text":"hi \ud83d","type":"unicode","message-timestamp":"2020-01-01 12:00:00"}"#;
    let [Event::Message(message)] = &events(vonage(), json)[..] else {
        panic!("a message");
    };
    assert_eq!(message.sender.external_id, "447700900001");
    assert!(matches!(&message.content, Content::Text { text } if text.starts_with("hi \u{fffd}")));
    assert_eq!(message.provider_at.to_string(), "2020-01-01T12:00:00.000Z");
}

#[test]
fn what_is_neither_is_kept() {
    for body in [
        "{}".to_owned(),
        "a=b".to_owned(),
        webhook(&json!({ "status": "teleported" })),
        webhook(&json!({ "from": null, "message_type": "text" })),
        "msisdn=1&messageId=2&status=odd".to_owned(),
        "msisdn=1&text=x".to_owned(),
    ] {
        let events = events(vonage(), &body);
        assert!(
            matches!(&events[..], [Event::Unsupported { raw, .. }] if *raw == body),
            "{events:?}"
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512)) {
        assert_survives(vonage(), &body);
    }

    #[test]
    fn mutated_fixtures(
        file in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        assert_survives(vonage(), &mutate(vonage(), file, &edits, cut.as_ref()));
    }
}
