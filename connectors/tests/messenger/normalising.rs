//! Damage and rarities that no real payload among the fixtures shows.

use serde_json::{Value, json};
use switchboard_connectors::{Event, Inbound, InboundMessage};
use switchboard_domain::{Content, Media, MessageStatus, Timestamp};

use crate::account::{normalise, received_at};

fn events_of(body: &Value) -> Vec<Event> {
    let inbound = normalise(body.to_string().as_bytes());
    inbound.into_iter().map(|Inbound { event, .. }| event).collect()
}

/// The events of one item with these members.
fn events(members: &Value) -> Vec<Event> {
    let mut item =
        json!({ "sender": { "id": "9" }, "recipient": { "id": "1" }, "timestamp": 1_749_416_383_123_i64 });
    for (name, value) in members.as_object().unwrap() {
        item[name] = value.clone();
    }
    events_of(
        &json!({ "object": "page", "entry": [{ "id": "1", "time": 1_749_416_383_999_i64, "messaging": [item] }] }),
    )
}

fn messages(message: &Value) -> Vec<(String, Content)> {
    let parts = events(&json!({ "message": message }))
        .into_iter()
        .map(|event| match event {
            Event::Message(message) => (message.provider_message_id, message.content),
            other => panic!("{other:?}"),
        });
    parts.collect()
}

fn only(events: Vec<Event>) -> InboundMessage {
    match <[Event; 1]>::try_from(events) {
        Ok([Event::Message(message)]) => message,
        other => panic!("not one message: {other:?}"),
    }
}

fn attachment(kind: &str) -> Value {
    json!({ "type": kind, "payload": { "url": format!("https://cdn.fbsbx.com/{kind}.bin?x=1") } })
}

fn file(kind: &str, text: Option<&str>) -> Media {
    Media {
        url: Some(format!("https://cdn.fbsbx.com/{kind}.bin?x=1")),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

fn unsupported(kind: &str) -> Content {
    Content::Unsupported {
        kind: kind.to_owned(),
    }
}

#[test]
fn several_attachments_are_several_messages_and_the_text_goes_with_the_first() {
    let album = json!({ "mid": "m_1", "text": "Look", "attachments": [attachment("image"), attachment("video"), attachment("hologram")] });
    let expected = [
        ("m_1".to_owned(), Content::Image(file("image", Some("Look")))),
        ("m_1#1".to_owned(), Content::Video(file("video", None))),
        ("m_1#2".to_owned(), unsupported("hologram")),
    ];
    assert_eq!(messages(&album), expected);
    let place = json!({ "mid": "m_1", "text": "Here", "attachments": [
        { "type": "location", "title": "Ann's place", "payload": { "coordinates": { "lat": 52.5, "long": 13.4 } } }] });
    let found = messages(&place);
    assert_eq!(found[0], ("m_1".to_owned(), Content::text("Here")));
    assert!(
        matches!(&found[1], (id, Content::Location { name: Some(name), .. }) if id == "m_1#1" && name == "Ann's place")
    );
}

#[test]
fn each_attachment_has_its_content() {
    let one = |attachment: Value| {
        messages(&json!({ "mid": "m", "attachments": [attachment] }))
            .remove(0)
            .1
    };
    let document = Media {
        file_name: Some("file.bin".to_owned()),
        ..file("file", None)
    };
    for (kind, content) in [
        ("image", Content::Image(file("image", None))),
        ("audio", Content::Audio(file("audio", None))),
        ("video", Content::Video(file("video", None))),
        ("file", Content::Document(document)),
        ("sticker", Content::Sticker(file("sticker", None))),
        ("reel", Content::Video(file("reel", None))),
        ("ig_reel", Content::Video(file("ig_reel", None))),
        ("post", Content::Document(file("post", Some("Shared a post.")))),
    ] {
        assert_eq!(one(attachment(kind)), content);
    }
    let titled = json!({ "type": "ig_reel", "payload": { "url": "https://cdn.fbsbx.com/ig_reel.bin?x=1", "title": "A reel", "reel_video_id": 7 } });
    assert_eq!(one(titled), Content::Video(file("ig_reel", Some("A reel"))));
    let generic = json!({ "type": "template", "payload": { "template_type": "generic", "elements": [{ "title": "Shoe", "subtitle": "$40" }, { "title": "Boot" }] } });
    assert_eq!(one(generic), Content::text("Shoe ($40)\nBoot"));
    for (damaged, kind) in [
        (json!({ "type": "image" }), "image"),
        (json!({ "type": "image", "payload": [] }), "image"),
        (json!({ "type": "image", "payload": { "url": 7 } }), "image"),
        (
            json!({ "type": "location", "payload": { "coordinates": {} } }),
            "location",
        ),
        (json!({ "type": "fallback", "payload": null }), "fallback"),
        (
            json!({ "type": "template", "payload": { "template_type": "media" } }),
            "template.media",
        ),
        (
            json!({ "type": "appointment_booking", "payload": { "booking_id": "1" } }),
            "appointment_booking",
        ),
        (json!({ "type": 7 }), "attachment"),
        (json!(null), "attachment"),
    ] {
        assert_eq!(one(damaged), unsupported(kind));
    }
    assert_eq!(
        messages(&json!({ "mid": "m", "attachments": {} }))[0].1,
        unsupported("attachments")
    );
}

#[test]
fn a_sticker_that_comes_twice_is_shown_once() {
    let payload =
        json!({ "url": "https://scontent.xx.fbcdn.net/s.png", "sticker_id": 369_239_263_222_822_i64 });
    let both = json!({ "mid": "m", "attachments": [{ "type": "sticker", "payload": payload }, { "type": "image", "payload": payload }] });
    assert!(matches!(&messages(&both)[..], [(id, Content::Sticker(_))] if id == "m"));
}

#[test]
fn the_preview_of_a_link_adds_nothing_to_the_text_that_has_it() {
    let preview =
        json!({ "type": "fallback", "title": "Example", "url": "https://l.facebook.com/l.php?u=1" });
    let with = json!({ "mid": "m", "text": "see https://example.com", "attachments": [preview] });
    assert_eq!(
        messages(&with),
        [("m".to_owned(), Content::text("see https://example.com"))]
    );
    let without = json!({ "mid": "m", "attachments": [preview] });
    assert_eq!(
        messages(&without)[0].1,
        Content::text("Example\nhttps://l.facebook.com/l.php?u=1")
    );
}

#[test]
fn buttons_and_quick_replies_are_choices() {
    let button = only(events(
        &json!({ "postback": { "mid": "m_b", "title": "Get started", "payload": "START" } }),
    ));
    assert_eq!(button.provider_message_id, "m_b");
    let choice = |text: &str, payload: Option<&str>| Content::Choice {
        text: text.to_owned(),
        payload: payload.map(str::to_owned),
    };
    assert_eq!(button.content, choice("Get started", Some("START")));
    let in_standby = only(events(&json!({ "postback": { "title": "Get started" } })));
    assert_eq!(in_standby.content, choice("Get started", None));
    assert_eq!(in_standby.provider_message_id, "postback:9:1749416383123");
    let reply = json!({ "mid": "m", "text": "Red", "quick_reply": { "payload": "RED" } });
    assert_eq!(messages(&reply)[0].1, choice("Red", Some("RED")));
    assert!(
        matches!(&events(&json!({ "postback": {} }))[..], [Event::Unsupported { kind, .. }] if kind == "postback")
    );
}

#[test]
fn reactions_come_and_go_and_each_has_an_id_of_its_own() {
    let react = |reaction: Value| events(&json!({ "reaction": reaction }));
    let loved = only(react(
        json!({ "mid": "m", "action": "react", "reaction": "love", "emoji": "\u{2764}\u{fe0f}" }),
    ));
    assert_eq!(loved.provider_message_id, "reaction:m:react:9:1749416383123");
    let reaction = |emoji: Option<&str>| Content::Reaction {
        provider_message_id: "m".to_owned(),
        emoji: emoji.map(str::to_owned),
    };
    assert_eq!(loved.content, reaction(Some("❤️")));
    let named = only(react(json!({ "mid": "m", "action": "react", "reaction": "wow" })));
    assert_eq!(named.content, reaction(Some("😮")));
    let undone = only(react(
        json!({ "mid": "m", "action": "unreact", "reaction": "love" }),
    ));
    assert_eq!(undone.content, reaction(None));
    assert_ne!(undone.provider_message_id, loved.provider_message_id);
    for damaged in [
        json!({ "mid": "m", "action": "react" }),
        json!({ "mid": "m", "action": "x" }),
        json!({}),
        json!(1),
    ] {
        assert!(matches!(&react(damaged)[..], [Event::Unsupported { kind, .. }] if kind == "reaction"));
    }
}

#[test]
fn edits_and_deletions_name_the_message() {
    let edits = events(&json!({ "message_edit": { "mid": "m", "text": "better", "num_edit": 2 } }));
    let [
        Event::Edited {
            provider_message_id,
            content,
            event_id,
            ..
        },
    ] = &edits[..]
    else {
        panic!("{edits:?}");
    };
    assert_eq!(
        (provider_message_id.as_str(), event_id.as_str()),
        ("m", "m:edit:2")
    );
    assert_eq!(content, &Content::text("better"));
    for deletion in [
        json!({ "mid": "m", "is_deleted": true }),
        json!({ "mid": "m", "is_deleted": true, "is_echo": true, "text": "x" }),
    ] {
        let deleted = events(&json!({ "message": deletion }));
        assert!(
            matches!(&deleted[..], [Event::Deleted { provider_message_id, .. }] if provider_message_id == "m")
        );
    }
}

/// What the hub sent itself comes back with our id, which also settles a send whose answer was lost.
#[test]
fn an_echo_is_ours_or_somebody_elses() {
    let echo = |metadata: Value| {
        events(&json!({ "sender": { "id": "1" }, "recipient": { "id": "9" },
            "message": { "mid": "m", "is_echo": true, "app_id": 1, "metadata": metadata, "text": "hi" } }))
    };
    let ours = echo(json!("switchboard:0123456789abcdef0123456789abcdef"));
    let [Event::Status(status)] = &ours[..] else {
        panic!("{ours:?}");
    };
    assert_eq!(
        (status.provider_message_id.as_str(), status.status),
        ("m", MessageStatus::Sent)
    );
    assert_eq!(
        status.message_id.as_ref().unwrap().as_str(),
        "0123456789abcdef0123456789abcdef"
    );
    for foreign in [json!("anything"), json!("switchboard:"), json!(null), json!(7)] {
        let echoes = echo(foreign);
        let [Event::Echo(echo)] = &echoes[..] else {
            panic!("{echoes:?}");
        };
        assert_eq!(
            (echo.recipient.external_id.as_str(), &echo.content),
            ("9", &Content::text("hi"))
        );
    }
}

#[test]
fn deliveries_are_told_for_each_message() {
    let delivered = events(
        &json!({ "timestamp": null, "delivery": { "mids": ["a", 7, null, "b"], "watermark": 1_458_668_856_253_i64 } }),
    );
    let ids: Vec<&str> = delivered
        .iter()
        .map(|event| match event {
            Event::Status(status) => {
                assert_eq!(status.status, MessageStatus::Delivered);
                assert_eq!(status.provider_at, Timestamp::from_millis(1_458_668_856_253));
                status.provider_message_id.as_str()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["a", "7", "b"]);
    for (members, kind) in [
        (
            json!({ "delivery": { "watermark": 1_458_668_856_253_i64 } }),
            "delivery",
        ),
        (json!({ "delivery": { "mids": [] } }), "delivery"),
        (json!({ "read": { "watermark": "soon" } }), "read"),
        (json!({ "read": {} }), "read"),
    ] {
        assert!(matches!(&events(&members)[..], [Event::Unsupported { kind: found, .. }] if found == kind));
    }
}

#[test]
fn reading_is_told_up_to_a_time() {
    for watermark in [json!(1_458_668_856_253_i64), json!("1458668856253")] {
        let read = events(&json!({ "read": { "watermark": watermark, "seq": 38 } }));
        let [Event::ReadUpTo { contact, until }] = &read[..] else {
            panic!("{read:?}");
        };
        assert_eq!(contact, "9");
        assert_eq!(*until, Timestamp::from_millis(1_458_668_856_253));
    }
}

#[test]
fn an_advertisement_is_kept_with_what_it_led_to() {
    let referral =
        json!({ "ref": "spring", "source": "ADS", "type": "OPEN_THREAD", "ad_id": "6045246247433" });
    let written = only(events(
        &json!({ "message": { "mid": "m", "text": "hi", "referral": referral } }),
    ));
    assert_eq!(written.referral.as_ref(), Some(&referral));
    let opened = only(events(&json!({ "referral": referral })));
    assert_eq!(opened.provider_message_id, "referral:9:1749416383123");
    assert_eq!(
        (opened.content.kind(), opened.referral.as_ref()),
        ("system", Some(&referral))
    );
    let pressed = only(events(
        &json!({ "postback": { "title": "Start", "payload": "S", "referral": referral } }),
    ));
    assert_eq!(pressed.referral.as_ref(), Some(&referral));
}

#[test]
fn a_time_is_in_milliseconds_or_in_seconds_or_ours() {
    let at = |timestamp: Value| {
        only(events(
            &json!({ "timestamp": timestamp, "message": { "mid": "m", "text": "x" } }),
        ))
        .provider_at
    };
    assert_eq!(
        at(json!(1_749_416_383_123_i64)),
        Timestamp::from_millis(1_749_416_383_123)
    );
    assert_eq!(
        at(json!("1749416383123")),
        Timestamp::from_millis(1_749_416_383_123)
    );
    assert_eq!(at(json!("1527459824")), Timestamp::from_secs(1_527_459_824));
    assert_eq!(
        at(json!(null)),
        Timestamp::from_millis(1_749_416_383_999),
        "the entry's"
    );
    for bad in [
        json!({}),
        json!("soon"),
        json!(0),
        json!(9_999_999_999_999_999_i64),
    ] {
        assert_eq!(at(bad), received_at());
    }
}

/// The test button gives all its messages one id; each of them should be seen.
#[test]
fn tests_from_the_dashboard_are_told_apart_by_their_time() {
    let test = |time: i64| {
        let item = json!({ "sender": { "id": "12334" }, "recipient": { "id": "23245" }, "timestamp": "1527459824",
            "message": { "mid": "random_mid", "text": "random_text" } });
        let in_changes = json!({ "object": "page", "entry": [{ "id": "0", "time": time, "changes": [{ "field": "messages", "value": item }] }] });
        only(events_of(&in_changes)).provider_message_id
    };
    assert_eq!(test(1_661_141_837), "random_mid:1661141837");
    assert_ne!(test(1_661_141_838), test(1_661_141_837));
}

#[test]
fn a_damaged_event_leaves_its_neighbours_alone() {
    let good = json!({ "sender": { "id": 9 }, "message": { "mid": "m", "text": "x", "reply_to": 7, "referral": 7, "is_echo": "no" }, "prior_message": 7 });
    let damaged = [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        json!({ "message": 7 }),
        json!({ "message": {} }),
        json!({ "message": { "mid": "m", "text": "nobody wrote it" } }),
        json!({ "sender": { "id": "" }, "message": { "mid": "m", "text": "x" } }),
        json!({ "sender": { "id": "9" }, "message": { "mid": "", "text": "x" } }),
        json!({ "message": { "mid": "m", "is_echo": true, "text": "to nobody" } }),
    ];
    let mut list = vec![good.clone()];
    for one in damaged {
        list.extend([one, good.clone()]);
    }
    let events = events_of(
        &json!({ "object": "page", "entry": [7, { "id": 1, "messaging": list }, { "messaging": 7, "standby": [good] }] }),
    );
    let count = |wanted: fn(&Event) -> bool| events.iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Message(_))), 12);
    assert_eq!(count(|event| matches!(event, Event::Unsupported { .. })), 12);
}

#[test]
fn what_is_not_a_list_or_not_an_object_is_kept() {
    for (body, kind) in [
        (json!({}), "body"),
        (json!({ "entry": null }), "body"),
        (json!({ "entry": "x" }), "body"),
        (json!({ "entry": [] }), "body"),
        (json!({ "entry": [1] }), "entry"),
        (json!({ "entry": [{}] }), "entry"),
        (json!({ "entry": [{ "messaging": {} }] }), "entry"),
        (json!({ "entry": [{ "messaging": [] }] }), "entry"),
        (json!({ "entry": [{ "changes": [{ "value": {} }] }] }), "change"),
        (
            json!({ "entry": [{ "changes": [{ "field": "feed", "value": { "message": "x" } }] }] }),
            "feed",
        ),
        (
            json!({ "entry": [{ "messaging": [{ "sender": {}, "pass_thread_control": {} }] }] }),
            "pass_thread_control",
        ),
    ] {
        let events = events_of(&body);
        assert!(
            matches!(&events[..], [Event::Unsupported { kind: found, .. }] if found == kind),
            "{body}: {events:?}"
        );
    }
}

#[test]
fn the_page_an_event_belongs_to_is_named() {
    let body = json!({ "object": "page", "entry": [
        { "id": "1", "messaging": [{ "sender": { "id": "9" }, "message": { "mid": "a", "text": "x" } }] },
        { "id": 2, "messaging": [{ "sender": { "id": "9" }, "message": { "mid": "b", "text": "x" } }] },
    ] });
    let inbound = normalise(body.to_string().as_bytes());
    let pages: Vec<Option<&str>> = inbound
        .iter()
        .map(|event| event.provider_account_id.as_deref())
        .collect();
    assert_eq!(pages, [Some("1"), Some("2")]);
}

/// Half an emoji, as cutting a text to length leaves behind, costs no more than itself.
#[test]
fn half_an_emoji_is_not_a_whole_message_less() {
    let body = br#"{"entry":[{"id":"1","messaging":[{"sender":{"id":"9"},"message":{"mid":"m","text":"hi \ud83d"}}]}]}"#;
    let message = only(normalise(body).into_iter().map(|inbound| inbound.event).collect());
    let said = message.content.preview(9);
    assert!(said.starts_with("hi \u{fffd}"), "{said}");
}
