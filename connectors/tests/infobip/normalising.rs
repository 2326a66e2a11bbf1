//! Webhooks as Infobip sends them, and the events they become.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};
use switchboard_connectors::Event;
use switchboard_domain::{Content, Media, MessageStatus};

use crate::{
    infobip,
    support::{
        assert_snapshots, assert_survives, content_of, events,
        fuzzing::assert_any_wrong_field_leaves_a_trace, mutate,
    },
};

#[test]
fn every_payload_becomes_its_events() {
    assert_snapshots(infobip(), 6);
}

#[test]
fn any_field_of_the_wrong_type_leaves_a_trace() {
    assert_any_wrong_field_leaves_a_trace(infobip());
}

fn results(list: &[Value]) -> String {
    json!({ "results": list, "messageCount": list.len(), "pendingMessageCount": 0 }).to_string()
}

fn whatsapp(message: &Value) -> String {
    results(&[
        json!({ "from": "38591", "to": "1234", "integrationType": "WHATSAPP", "messageId": "m1",
        "receivedAt": "2019-07-19T11:23:26.998+0200", "message": message, "contact": { "name": "Frank" } }),
    ])
}

#[test]
fn each_kind_says_what_it_is() {
    let file = |text: Option<&str>| Media {
        url: Some("https://api.infobip.com/whatsapp/1/senders/1234/media/1".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    };
    let url = "https://api.infobip.com/whatsapp/1/senders/1234/media/1";
    let choice = |text: &str, payload: &str| Content::Choice {
        text: text.to_owned(),
        payload: Some(payload.to_owned()),
    };
    for (message, content) in [
        (json!({ "type": "TEXT", "text": "hé" }), Content::text("hé")),
        (
            json!({ "type": "IMAGE", "url": url, "caption": "c" }),
            Content::Image(file(Some("c"))),
        ),
        (json!({ "type": "VIDEO", "url": url }), Content::Video(file(None))),
        (
            json!({ "type": "DOCUMENT", "url": url, "caption": "a.pdf" }),
            Content::Document(file(Some("a.pdf"))),
        ),
        (
            json!({ "type": "STICKER", "url": url }),
            Content::Sticker(file(None)),
        ),
        (json!({ "type": "AUDIO", "url": url }), Content::Audio(file(None))),
        (
            json!({ "type": "VOICE", "url": url }),
            Content::Audio(Media {
                voice: Some(true),
                ..file(None)
            }),
        ),
        (
            json!({ "type": "LOCATION", "latitude": 52.5, "longitude": 13.25, "name": "HQ" }),
            Content::Location {
                latitude: 52.5,
                longitude: 13.25,
                name: Some("HQ".to_owned()),
                address: None,
            },
        ),
        (
            json!({ "type": "BUTTON", "text": "Yes", "payload": "p" }),
            choice("Yes", "p"),
        ),
        (
            json!({ "type": "INTERACTIVE_BUTTON_REPLY", "id": "1", "title": "Yes" }),
            choice("Yes", "1"),
        ),
        (
            json!({ "type": "INTERACTIVE_LIST_REPLY", "id": "r1", "title": "Row", "description": "d" }),
            choice("Row", "r1"),
        ),
        (
            json!({ "type": "REACTION", "emoji": "👍", "context": { "id": "m0", "from": "1234" } }),
            Content::Reaction {
                provider_message_id: "m0".to_owned(),
                emoji: Some("👍".to_owned()),
            },
        ),
        (
            json!({ "type": "UNSUPPORTED" }),
            Content::Unsupported {
                kind: "UNSUPPORTED".to_owned(),
            },
        ),
        (
            json!({ "type": "IMAGE" }),
            Content::Unsupported {
                kind: "IMAGE".to_owned(),
            },
        ),
    ] {
        assert_eq!(content_of(infobip(), &whatsapp(&message)), content, "{message}");
    }
}

#[test]
fn a_message_keeps_its_time_and_what_it_answers() {
    let body = whatsapp(
        &json!({ "type": "TEXT", "text": "x", "context": { "id": "m0" }, "referral": { "sourceUrl": "u" } }),
    );
    let [Event::Message(message)] = &events(infobip(), &body)[..] else {
        panic!("a message");
    };
    assert_eq!(message.provider_at.to_string(), "2019-07-19T09:23:26.998Z");
    assert_eq!(
        (message.sender.name.as_deref(), message.reply_to.as_deref()),
        (Some("Frank"), Some("m0"))
    );
    assert!(message.referral.is_some());
}

/// The Messages API tells the messages of all networks in one form.
#[test]
fn a_message_may_be_a_list() {
    let message = json!({ "event": "MO", "channel": "WHATSAPP", "messageId": "m1", "sender": "385919998888",
        "destination": "1234", "receivedAt": "2019-07-19T09:23:26.998+0000", "contact": { "name": "Frank" },
        "content": [{ "type": "TEXT", "text": "x" }, { "type": "FILE", "url": "https://api.infobip.com/1" },
            { "type": "LIST_REPLY", "id": "r1", "title": "Row" }, 7] });
    let events = events(infobip(), &results(&[message]));
    let told: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Message(message) => (
                message.provider_message_id.as_str(),
                message.sender.external_id.as_str(),
                message.content.kind(),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    let customer = "385919998888";
    assert_eq!(
        told,
        [
            ("m1", customer, "text"),
            ("m1#1", customer, "document"),
            ("m1#2", customer, "choice"),
            ("m1#3", customer, "unsupported"),
        ]
    );
    let empty = json!({ "messageId": "m1", "from": "1", "content": [] });
    let events = crate::support::events(infobip(), &results(&[empty]));
    assert!(matches!(&events[..], [Event::Unsupported { .. }]));
}

#[test]
fn reports_of_every_group_in_their_order() {
    use MessageStatus::{Delivered, Failed, Queued, Read, Sent};
    let groups = [
        "ACCEPTED",
        "PENDING",
        "DELIVERED",
        "SEEN",
        "UNDELIVERABLE",
        "EXPIRED",
        "REJECTED",
    ];
    let report = |group: &&str| json!({ "messageId": "m1", "to": "1", "callbackData": "0190", "status": { "groupName": group, "name": "N", "description": "why" } });
    let list: Vec<Value> = groups.iter().map(report).collect();
    let told: Vec<_> = events(infobip(), &results(&list))
        .into_iter()
        .map(|event| match event {
            Event::Status(status) => {
                assert!(status.message_id.is_some());
                assert_eq!(status.error.is_some(), status.status == MessageStatus::Failed);
                status.status
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [Queued, Sent, Delivered, Read, Failed, Failed, Failed]);
}

#[test]
fn one_damaged_result_takes_no_neighbour_along() {
    let good = |id: &str| json!({ "messageId": id, "from": "1", "to": "2", "text": "x" });
    let list = [
        good("a"),
        json!(7),
        json!({ "messageId": "b", "from": "1" }),
        json!({ "from": "1", "text": "x" }),
        good("c"),
    ];
    let kinds: Vec<_> = events(infobip(), &results(&list))
        .into_iter()
        .map(|event| matches!(event, Event::Message(_)))
        .collect();
    assert_eq!(kinds, [true, false, false, false, true]);
    for body in ["{}", r#"{"results":7}"#, r#"{"results":null}"#] {
        assert!(
            matches!(&events(infobip(), body)[..], [Event::Unsupported { kind, .. }] if kind == "body"),
            "{body}"
        );
    }
    assert_eq!(events(infobip(), r#"{"results":[]}"#), []);
    let number = results(&[
        json!({ "messageId": 817_790_313_235_066_447_u64, "from": 385_916_242_493_u64, "text": "x" }),
    ]);
    assert!(
        matches!(&events(infobip(), &number)[..], [Event::Message(message)] if message.provider_message_id == "817790313235066447")
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512)) {
        assert_survives(infobip(), &body);
    }

    #[test]
    fn mutated_fixtures(
        file in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        assert_survives(infobip(), &mutate(infobip(), file, &edits, cut.as_ref()));
    }
}
