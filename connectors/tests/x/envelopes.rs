//! Damage and rarities of both envelopes.

use serde_json::{Value, json};
use switchboard_connectors::Event;
use switchboard_domain::{Content, MessageStatus};

use crate::account::{events, normalise, only};

const US: &str = "4337869213";

fn message(id: &str, sender: &str, data: &Value) -> Value {
    json!({ "type": "message_create", "id": id, "created_timestamp": "1516403560557",
        "message_create": { "target": { "recipient_id": US }, "sender_id": sender, "message_data": data } })
}

fn content_of(data: &Value) -> Content {
    only(events(
        &json!({ "for_user_id": US, "direct_message_events": [message("1", "2", data)] }),
    ))
    .content
}

#[test]
fn a_damaged_event_leaves_its_neighbours_alone() {
    let good = |id: &str| message(id, "2", &json!({ "text": id }));
    for damaged in [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        json!({ "type": "other", "id": "9" }),
        message("", "2", &json!({})),
    ] {
        let found =
            events(&json!({ "for_user_id": US, "direct_message_events": [good("1"), damaged, good("3")] }));
        assert!(
            matches!(
                &found[..],
                [Event::Message(_), Event::Unsupported { .. }, Event::Message(_)]
            ),
            "{damaged}: {found:?}"
        );
    }
    let found = events(
        &json!({ "for_user_id": US, "tweet_create_events": [{}], "direct_message_events": {}, "users": {} }),
    );
    let kinds: Vec<&str> = found
        .iter()
        .map(|event| match event {
            Event::Unsupported { kind, .. } => kind.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&"tweet_create_events") && kinds.contains(&"direct_message_events"));
}

#[test]
fn ids_may_be_numbers_and_names_are_found_in_either_form() {
    let numbers = json!({ "for_user_id": 4_337_869_213_u64, "direct_message_events": [{ "type": "message_create", "id": 1_582_838_499_983_564_806_u64,
        "created_timestamp": 1_516_403_560_557_u64, "message_create": { "target": { "recipient_id": 4_337_869_213_u64 }, "sender_id": 2,
        "message_data": { "text": "x" } } }], "users": { "2": { "name": "", "screen_name": "ann" } } });
    let inbound = normalise(numbers.to_string().as_bytes());
    assert_eq!(inbound[0].provider_account_id.as_deref(), Some(US));
    let found = only(inbound.into_iter().map(|inbound| inbound.event).collect());
    assert_eq!(
        (
            found.provider_message_id.as_str(),
            found.sender.external_id.as_str()
        ),
        ("1582838499983564806", "2")
    );
    assert_eq!(
        (found.sender.name.as_deref(), found.provider_at.as_millis()),
        (Some("ann"), 1_516_403_560_557)
    );
}

#[test]
fn without_knowing_who_we_are_nothing_is_an_echo() {
    let found = events(&json!({ "direct_message_events": [message("1", US, &json!({ "text": "x" }))] }));
    assert!(matches!(&found[..], [Event::Message(_)]));
    let ours = events(
        &json!({ "for_user_id": US, "direct_message_events": [message("1", US, &json!({ "text": "x" }))] }),
    );
    assert!(matches!(&ours[..], [Event::Echo(_)]));
}

#[test]
fn reading_is_the_customers_and_ours_is_no_news() {
    let read = |sender: &str| {
        events(
            &json!({ "for_user_id": US, "direct_message_mark_read_events": [{ "created_timestamp": "1518452444662",
            "sender_id": sender, "target": { "recipient_id": US }, "last_read_event_id": "963085315333238788" }] }),
        )
    };
    let theirs = read("2");
    let [Event::Status(status)] = &theirs[..] else {
        panic!("{theirs:?}")
    };
    assert_eq!(
        (status.status, status.provider_message_id.as_str()),
        (MessageStatus::Read, "963085315333238788")
    );
    assert_eq!(status.provider_at.as_millis(), 1_518_452_444_662);
    assert!(matches!(&read(US)[..], [Event::Unsupported { .. }]));
}

#[test]
fn the_words_are_what_the_customer_wrote() {
    for (data, text) in [
        (json!({ "text": "1 &lt; 2 &amp;amp; x" }), "1 < 2 &amp; x"),
        (
            json!({ "text": "see https://t.co/a", "entities": { "urls": [{ "url": "https://t.co/a", "expanded_url": "https://example.com/?a=1" }, 7] } }),
            "see https://example.com/?a=1",
        ),
        (
            json!({ "text": "see https://t.co/a", "entities": "x" }),
            "see https://t.co/a",
        ),
        (json!({ "text": "x", "attachment": { "type": "card" } }), "x"),
    ] {
        assert_eq!(content_of(&data), Content::text(text));
    }
    assert!(
        matches!(content_of(&json!({ "text": "", "attachment": { "type": "card" } })), Content::Unsupported { kind } if kind == "card")
    );
    assert!(matches!(content_of(&json!([])), Content::Unsupported { .. }));
}

#[test]
fn places_and_moving_pictures() {
    let place = content_of(
        &json!({ "attachment": { "type": "location", "location": { "type": "shared_place", "shared_place": { "place": {
        "full_name": "San Francisco, CA", "bounding_box": { "type": "Polygon", "coordinates": [[[-122.5, 37.7], [-122.3, 37.7]]] } } } } } }),
    );
    assert_eq!(
        place,
        Content::Location {
            latitude: 37.7,
            longitude: -122.5,
            name: Some("San Francisco, CA".to_owned()),
            address: None
        }
    );
    let gif = content_of(
        &json!({ "text": " https://t.co/g", "attachment": { "type": "media", "media": { "id": 12, "type": "animated_gif", "url": "https://t.co/g",
        "media_url": "http://pbs.twimg.com/x.jpg", "video_info": { "variants": [{ "bitrate": 0, "content_type": "video/mp4", "url": "https://video.twimg.com/dm_gif/x.mp4" }] } } } }),
    );
    let Content::Video(media) = gif else {
        panic!("{gif:?}")
    };
    assert_eq!(
        (media.url.as_deref(), media.id.as_deref(), media.text),
        (Some("https://video.twimg.com/dm_gif/x.mp4"), Some("12"), None)
    );
}

fn activity(kind: &str, payload: &Value) -> Vec<Event> {
    events(
        &json!({ "data": { "event_uuid": "u", "filter": { "user_id": US }, "event_type": kind, "payload": payload } }),
    )
}

#[test]
fn a_message_of_api_v2_is_one_too_and_a_group_is_answered_as_a_whole() {
    let flat = |conversation: &str, sender: &str| {
        json!({ "id": "1", "event_type": "MessageCreate", "text": "a &amp; b", "sender_id": sender,
        "dm_conversation_id": conversation, "created_at": "2022-10-19T20:58:00.000Z", "attachments": { "media_keys": ["3_1"] } })
    };
    let direct = activity("dm.received", &flat("2-4337869213", "2"));
    let [Event::Message(words), Event::Message(file)] = &direct[..] else {
        panic!("{direct:?}")
    };
    assert_eq!(
        (&words.content, words.sender.reply_address()),
        (&Content::text("a & b"), "2")
    );
    assert_eq!(
        (file.content.kind(), file.provider_message_id.as_str()),
        ("unsupported", "1#1")
    );
    let group = activity("dm.received", &flat("1578398451921985538", "2"));
    let [Event::Message(words), _] = &group[..] else {
        panic!("{group:?}")
    };
    assert_eq!(
        (words.sender.reply_address(), words.group_id.as_deref()),
        ("group:1578398451921985538", Some("1578398451921985538"))
    );
    let sent = activity("dm.sent", &flat("2-4337869213", US));
    assert!(matches!(&sent[..], [Event::Echo(echo), _] if echo.recipient.external_id == "2"));
}

#[test]
fn what_is_no_direct_message_is_kept() {
    for (kind, payload) in [
        ("post.create", json!({ "id": "1", "sender_id": "2", "text": "x" })),
        (
            "chat.received",
            json!({ "direct_message_events": [message("1", "2", &json!({ "text": "x" }))] }),
        ),
        (
            "dm.received",
            json!({ "id": "1", "sender_id": "2", "event_type": "ParticipantsJoin" }),
        ),
        ("dm.indicate_typing", json!({})),
        ("dm.received", json!(null)),
    ] {
        let found = activity(kind, &payload);
        assert!(
            matches!(&found[..], [Event::Unsupported { kind: named, .. }] if named == kind),
            "{kind}: {found:?}"
        );
    }
    let typing = activity(
        "dm.indicate_typing",
        &json!({ "direct_message_indicate_typing_events": [{}] }),
    );
    assert!(matches!(&typing[..], [Event::Unsupported { .. }]));
    assert!(matches!(&events(&json!({}))[..], [Event::Unsupported { kind, .. }] if kind == "body"));
}
