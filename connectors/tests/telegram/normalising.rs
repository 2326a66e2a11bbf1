//! Rarities and damage that no real payload among the fixtures shows.

use serde_json::{Value, json};
use switchboard_connectors::{Event, InboundMessage};
use switchboard_domain::{Content, Media};

use crate::account::{account, connector, normalise, received_at, verify};

fn events(update: &Value) -> Vec<Event> {
    normalise(update.to_string().as_bytes())
        .into_iter()
        .map(|inbound| inbound.event)
        .collect()
}

fn messages(kind: &str, fields: &Value) -> Vec<Event> {
    let mut message = json!({
        "message_id": 7,
        "from": { "id": 42, "is_bot": false, "first_name": "Ann" },
        "chat": { "id": 42, "type": "private", "first_name": "Ann" },
        "date": 1_749_416_383,
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    events(&json!({ "update_id": 1, kind: message }))
}

fn only(events: Vec<Event>) -> InboundMessage {
    match <[Event; 1]>::try_from(events) {
        Ok([Event::Message(message)]) => message,
        other => panic!("not one message: {other:?}"),
    }
}

fn message(fields: &Value) -> InboundMessage {
    only(messages("message", fields))
}

fn content(fields: &Value) -> Content {
    message(fields).content
}

#[test]
fn rarer_kinds_say_what_they_are() {
    let file = |extra: Value| {
        let mut file = json!({ "file_id": "F", "file_unique_id": "u" });
        file.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        file
    };
    let animation = content(
        &json!({ "animation": file(json!({ "mime_type": "video/mp4" })), "document": file(json!({})) }),
    );
    assert!(matches!(animation, Content::Video(Media { id: Some(id), .. }) if id == "F"));
    assert!(matches!(
        content(&json!({ "video_note": file(json!({ "length": 240 })) })),
        Content::Video(_)
    ));
    let venue = json!({ "location": { "latitude": 1.5, "longitude": 2.5 },
        "venue": { "location": { "latitude": 1.5, "longitude": 2.5 }, "title": "Shop", "address": "1 High St" } });
    assert!(matches!(content(&venue), Content::Location { name: Some(name), .. } if name == "Shop"));
    assert_eq!(
        content(&json!({ "dice": { "emoji": "🎲", "value": 4 } })),
        Content::text("🎲 4")
    );
    let poll = json!({ "poll": { "id": "1", "question": "Tea?", "options": [{ "text": "Yes" }, 7, { "text": "No" }] } });
    assert_eq!(content(&poll), Content::text("Tea?\n• Yes\n• No"));
    let checklist = json!({ "checklist": { "title": "Buy", "tasks": [{ "id": 1, "text": "Milk" }] } });
    assert_eq!(content(&checklist), Content::text("Buy\n• Milk"));
    let form = json!({ "web_app_data": { "data": "{\"a\":1}", "button_text": "Order" } });
    assert_eq!(
        content(&form),
        Content::Choice {
            text: "Order".to_owned(),
            payload: Some("{\"a\":1}".to_owned())
        }
    );
    let animated = file(json!({ "is_animated": true, "is_video": false, "emoji": "😀" }));
    let Content::Sticker(sticker) = content(&json!({ "sticker": animated })) else {
        panic!("a sticker");
    };
    assert_eq!(
        (sticker.mime_type.as_deref(), sticker.text.as_deref()),
        (Some("application/x-tgsticker"), Some("😀"))
    );
    let joined =
        json!({ "new_chat_members": [{ "id": 1, "first_name": "Bob" }, {}, { "id": 2, "username": "eve" }] });
    assert_eq!(
        content(&joined),
        Content::System {
            text: "Bob, eve joined the group.".to_owned()
        }
    );
}

#[test]
fn a_damaged_body_is_a_message_that_cannot_be_shown() {
    for (fields, kind) in [
        (json!({ "text": 7 }), "text"),
        (json!({ "photo": [] }), "photo"),
        (json!({ "photo": [{}, 7] }), "photo"),
        (json!({ "voice": { "duration": 3 } }), "voice"),
        (
            json!({ "location": { "latitude": "x", "longitude": 1 } }),
            "location",
        ),
        (json!({ "paid_media": { "star_count": 1 } }), "paid_media"),
        (json!({ "hologram": {} }), "hologram"),
        (json!({ "media_group_id": "1", "hologram": {} }), "hologram"),
        (json!({}), "message"),
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
fn several_files_in_a_message_are_several_messages() {
    let photo = |id: &str| json!({ "type": "photo", "photo": [{ "file_id": id, "width": 1, "height": 1 }] });
    let preview = json!({ "type": "preview", "width": 9 });
    let paid = json!({ "paid_media": { "star_count": 5, "paid_media": [photo("a"), preview, photo("b")] }, "caption": "look" });
    let events = messages("message", &paid);
    let parts: Vec<(&str, &Content)> = events
        .iter()
        .map(|event| match event {
            Event::Message(message) => (message.provider_message_id.as_str(), &message.content),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(parts[0], ("42:7", Content::Image(media)) if media.text.as_deref() == Some("look")));
    assert!(matches!(parts[1], ("42:7#1", Content::Unsupported { .. })));
    assert!(matches!(parts[2], ("42:7#2", Content::Image(media)) if media.text.is_none()));
}

#[test]
fn a_group_is_one_contact_and_says_who_wrote() {
    let chat = json!({ "id": -1005, "type": "supergroup", "title": "Club" });
    let ann = message(&json!({ "chat": chat, "text": "x" }));
    let bob = message(&json!({ "chat": chat, "text": "x", "from": { "id": 43, "first_name": "Bob" } }));
    assert_eq!(ann.sender.external_id, "-1005");
    assert_eq!(bob.sender.external_id, ann.sender.external_id);
    assert_eq!(bob.sender.reply_address(), "-1005");
    assert_eq!(
        (ann.sender.name.as_deref(), bob.sender.name.as_deref()),
        (Some("Ann (Club)"), Some("Bob (Club)"))
    );
    assert_eq!(bob.group_id.as_deref(), Some("-1005"));
    let private = message(&json!({ "text": "x" }));
    assert_eq!(
        (private.sender.external_id.as_str(), private.group_id),
        ("42", None)
    );
}

#[test]
fn a_pressed_button_is_a_choice_in_its_own_words() {
    let keyboard = json!([[{ "text": "No", "callback_data": "n" }], [7, { "text": "Yes, please", "callback_data": "y" }]]);
    let query = json!({ "id": "4382bfdwdsb323b2d9", "from": { "id": 42, "first_name": "Ann" }, "chat_instance": "1", "data": "y",
        "message": { "message_id": 9, "chat": { "id": 42, "type": "private" }, "date": 1_749_416_383, "reply_markup": { "inline_keyboard": keyboard } } });
    let update = json!({ "update_id": 1, "callback_query": query });
    let pressed = only(events(&update));
    assert_eq!(pressed.provider_message_id, "4382bfdwdsb323b2d9");
    assert_eq!(
        pressed.content,
        Content::Choice {
            text: "Yes, please".to_owned(),
            payload: Some("y".to_owned())
        }
    );
    assert_eq!(pressed.reply_to.as_deref(), Some("42:9"));
    assert_eq!(
        pressed.provider_at,
        received_at(),
        "the message's date isn't the pressing's"
    );
    // Old messages come as inaccessible, those sent inline not at all.
    let inline = json!({ "update_id": 1, "callback_query": { "id": "5", "from": { "id": 42, "first_name": "Ann" }, "inline_message_id": "x", "data": "y" } });
    let inline = only(events(&inline));
    assert_eq!(
        (inline.sender.external_id.as_str(), inline.reply_to),
        ("42", None)
    );
}

#[test]
fn a_pressed_button_stops_spinning() {
    let account = account(None);
    let acknowledge = |body: &str| connector().acknowledge(&account, &verify(body.as_bytes()).unwrap());
    let answer = acknowledge(r#"{"update_id":1,"callback_query":{"id":"43\"8","from":{"id":1}}}"#);
    assert!(answer.keep);
    assert_eq!(answer.content_type, "application/json");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        body,
        json!({ "method": "answerCallbackQuery", "callback_query_id": "43\"8" })
    );
    for other in [
        r#"{"update_id":1,"message":{"text":"\"callback_query\""}}"#,
        r#"{"update_id":1,"callback_query":7}"#,
        r#"{"update_id":1,"callback_query":{}}"#,
        "{}",
    ] {
        let answer = acknowledge(other);
        assert!(answer.keep && answer.body.is_empty(), "{other}");
    }
}

#[test]
fn a_business_chat_is_kept_apart_and_its_owner_is_ours() {
    let connected = json!({ "business_connection_id": "C1", "text": "hi" });
    let customer = only(messages("business_message", &connected));
    assert_eq!(customer.provider_message_id, "C1:42:7");
    assert_eq!(
        (
            customer.sender.external_id.as_str(),
            customer.sender.reply_address()
        ),
        ("42", "42@C1")
    );
    let by_owner = json!({ "business_connection_id": "C1", "text": "hello", "from": { "id": 99, "first_name": "Owner" } });
    let events_of_owner = messages("business_message", &by_owner);
    let [Event::Echo(echo)] = &events_of_owner[..] else {
        panic!("{events_of_owner:?}");
    };
    assert_eq!(
        (
            echo.recipient.external_id.as_str(),
            echo.recipient.name.as_deref()
        ),
        ("42", Some("Ann"))
    );
    let deleted = json!({ "update_id": 5, "deleted_business_messages": {
        "business_connection_id": "C1", "chat": { "id": 42, "type": "private" }, "message_ids": [7, 8, {}] } });
    let ids: Vec<String> = events(&deleted)
        .into_iter()
        .map(|event| match event {
            Event::Deleted {
                provider_message_id, ..
            } => provider_message_id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["C1:42:7", "C1:42:8"]);
}

#[test]
fn reactions_come_change_and_go() {
    let reaction = |old: Value, new: Value| {
        let update = json!({ "update_id": 3, "message_reaction": { "chat": { "id": 42, "type": "private" }, "message_id": 9,
            "user": { "id": 42, "first_name": "Ann" }, "date": 1_749_416_383, "old_reaction": old, "new_reaction": new } });
        match only(events(&update)).content {
            Content::Reaction {
                provider_message_id,
                emoji,
            } => {
                assert_eq!(provider_message_id, "42:9");
                emoji
            }
            other => panic!("{other:?}"),
        }
    };
    let of = |emoji: &str| json!({ "type": "emoji", "emoji": emoji });
    assert_eq!(reaction(json!([]), json!([of("👍")])).as_deref(), Some("👍"));
    assert_eq!(
        reaction(json!([of("👍")]), json!([of("👍"), of("❤")])).as_deref(),
        Some("❤")
    );
    assert_eq!(
        reaction(json!([of("👍"), of("❤")]), json!([of("👍")])).as_deref(),
        Some("👍")
    );
    assert_eq!(reaction(json!([of("👍")]), json!([])), None);
    let custom = json!([{ "type": "custom_emoji", "custom_emoji_id": "536" }]);
    assert_eq!(reaction(json!([]), custom).as_deref(), Some(":536:"));
    assert_eq!(
        reaction(json!([]), json!([{ "type": "paid" }])).as_deref(),
        Some("⭐")
    );
    // Taken for "taken back", a damaged list would be a lie.
    let damaged = json!({ "update_id": 3, "message_reaction": { "chat": { "id": 42 }, "message_id": 9, "new_reaction": "x" } });
    assert!(matches!(&events(&damaged)[..], [Event::Unsupported { kind, .. }] if kind == "message_reaction"));
}

#[test]
fn a_link_to_the_bot_says_where_it_was() {
    assert_eq!(
        message(&json!({ "text": "/start summer_sale" })).referral,
        Some(json!({ "start": "summer_sale" }))
    );
    for text in ["/start", "/start ", "/started x", "hello"] {
        assert_eq!(message(&json!({ "text": text })).referral, None, "{text}");
    }
}

#[test]
fn a_forwarded_message_is_told_in_both_of_its_forms() {
    assert!(message(&json!({ "text": "x", "forward_origin": { "type": "hidden_user" } })).forwarded);
    assert!(message(&json!({ "text": "x", "forward_date": 1 })).forwarded);
    assert!(!message(&json!({ "text": "x" })).forwarded);
}

#[test]
fn a_moving_location_is_an_edit_of_its_message() {
    let moved = messages(
        "edited_message",
        &json!({ "location": { "latitude": 1.0, "longitude": 2.0 }, "edit_date": 1_749_416_400 }),
    );
    let [
        Event::Edited {
            provider_message_id,
            content,
            provider_at,
            event_id,
        },
    ] = &moved[..]
    else {
        panic!("{moved:?}");
    };
    assert_eq!((provider_message_id.as_str(), event_id.as_str()), ("42:7", "1"));
    assert_eq!(provider_at.as_millis(), 1_749_416_400_000);
    assert!(matches!(content, Content::Location { .. }));
}

#[test]
fn what_is_no_update_is_kept() {
    for (body, kind) in [
        (json!({}), "update"),
        (json!({ "update_id": 1 }), "update"),
        (json!({ "message": { "message_id": 1 } }), "message"),
        (json!({ "update_id": {}, "message": {} }), "message"),
        (
            json!({ "update_id": {}, "edited_message": { "message_id": 1, "chat": { "id": 1 } } }),
            "edited_message",
        ),
        (json!({ "update_id": 1, "message": 7 }), "message"),
        (json!({ "update_id": 1, "message": [] }), "message"),
        (json!({ "update_id": 1, "message": { "text": "x" } }), "message"),
        (
            json!({ "update_id": 1, "message": { "chat": { "id": 1 }, "text": "no id" } }),
            "message",
        ),
        (
            json!({ "update_id": 1, "deleted_business_messages": { "chat": { "id": 1 }, "message_ids": [] } }),
            "deleted_business_messages",
        ),
        (json!({ "update_id": 1, "warp_query": {} }), "warp_query"),
    ] {
        let events = events(&body);
        assert!(
            matches!(&events[..], [Event::Unsupported { kind: found, .. }] if found == kind),
            "{body}: {events:?}"
        );
    }
}

#[test]
fn something_new_beside_the_message_does_not_hide_it() {
    let update = json!({ "update_id": 1, "attestation": {}, "message": { "message_id": 1, "chat": { "id": 42 }, "text": "x" }, "zone": 1 });
    assert_eq!(only(events(&update)).content, Content::text("x"));
}

#[test]
fn half_an_emoji_costs_no_message() {
    let body = br#"{"update_id":1,"message":{"message_id":1,"chat":{"id":42,"first_name":"Jo\ud83d"},"date":1749416383,"text":"hi \ud83d"}}"#;
    let inbound = normalise(body);
    let Event::Message(message) = &inbound[0].event else {
        panic!("{inbound:?}");
    };
    assert!(message.content.preview(9).starts_with("hi \u{fffd}"));
    assert!(message.sender.name.as_deref().unwrap().starts_with("Jo\u{fffd}"));
}
