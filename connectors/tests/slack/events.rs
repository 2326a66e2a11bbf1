//! Rarities of the Events API that no payload among the fixtures shows.

use serde_json::json;
use switchboard_connectors::Event;
use switchboard_domain::{Content, MessageStatus};

use crate::account::{events, kinds, only};

#[test]
fn a_direct_message_is_answered_where_it_was_written_and_in_a_channel_below_it() {
    let direct = only(events(
        &json!({ "type": "message", "channel": "D1", "channel_type": "im", "user": "U1",
        "text": "hi", "ts": "1700000000.000100", "user_profile": { "display_name": "", "real_name": "Ann" } }),
    ));
    assert_eq!(direct.provider_message_id, "D1:1700000000.000100");
    assert_eq!(direct.sender.reply_address(), "D1");
    assert_eq!(
        (direct.sender.external_id.as_str(), direct.sender.name.as_deref()),
        ("U1", Some("Ann"))
    );
    assert_eq!(
        (direct.sender.aliases, direct.group_id),
        (vec!["D1".to_owned()], None)
    );

    let open = only(events(
        &json!({ "type": "message", "channel": "C1", "channel_type": "channel", "user": "U1",
        "text": "hi", "ts": "1700000000.000100" }),
    ));
    assert_eq!(open.sender.reply_address(), "C1:1700000000.000100");
    assert_eq!((open.group_id.as_deref(), open.reply_to), (Some("C1"), None));

    let answer = only(events(
        &json!({ "type": "message", "channel": "C1", "channel_type": "channel", "user": "U1",
        "text": "more", "ts": "1700000009.000100", "thread_ts": "1700000000.000100" }),
    ));
    assert_eq!(answer.sender.reply_address(), "C1:1700000000.000100");
    assert_eq!(answer.reply_to.as_deref(), Some("C1:1700000000.000100"));
}

#[test]
fn our_bot_is_an_echo_and_what_the_hub_sent_settles_its_send() {
    let bot = |more: serde_json::Value| {
        let mut event = json!({ "type": "message", "channel": "D1", "channel_type": "im", "bot_id": "B1",
            "user": "UBOT", "text": "from us", "ts": "1700000000.000100" });
        for (name, value) in more.as_object().unwrap() {
            event[name] = value.clone();
        }
        events(&event)
    };
    for ours in [
        json!({}),
        json!({ "user": "UX", "app_id": "A1" }),
        json!({ "user": null, "bot_profile": { "app_id": "A1" } }),
    ] {
        let found = bot(ours);
        let [Event::Echo(echo)] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(echo.content, Content::text("from us"));
        assert_eq!(
            (
                echo.provider_message_id.as_str(),
                echo.recipient.external_id.as_str()
            ),
            ("D1:1700000000.000100", "D1")
        );
    }
    let sent = bot(
        json!({ "metadata": { "event_type": "switchboard_message", "event_payload": { "message_id": "m1" } } }),
    );
    let [Event::Status(status)] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(
        (status.status, status.provider_message_id.as_str()),
        (MessageStatus::Sent, "D1:1700000000.000100")
    );
    assert_eq!(
        status.message_id.as_ref().map(ToString::to_string).as_deref(),
        Some("m1")
    );
    // Another app's metadata is none of ours, and another bot is no customer.
    let other = bot(json!({ "metadata": { "event_type": "task", "event_payload": { "message_id": "m1" } } }));
    assert_eq!(kinds(&other), ["echo"]);
    assert_eq!(kinds(&bot(json!({ "user": "UX", "app_id": "A9" }))), ["message"]);
    let stranger = bot(json!({ "user": "UX", "app_id": "A9" }));
    assert!(matches!(&stranger[..], [Event::Unsupported { .. }]));
}

#[test]
fn an_edit_is_what_the_author_changed() {
    let changed = |message: serde_json::Value, before: serde_json::Value| {
        events(
            &json!({ "type": "message", "subtype": "message_changed", "channel": "C1", "hidden": true,
            "ts": "1700000010.000100", "event_ts": "1700000010.000100", "message": message, "previous_message": before }),
        )
    };
    let before = json!({ "user": "U1", "text": "a", "ts": "1700000000.000100" });
    let edited = changed(
        json!({ "user": "U1", "text": "b &amp; c", "ts": "1700000000.000100", "edited": { "user": "U1", "ts": "1700000005.000000" } }),
        before.clone(),
    );
    let [
        Event::Edited {
            provider_message_id,
            content,
            event_id,
            provider_at,
        },
    ] = &edited[..]
    else {
        panic!("{edited:?}")
    };
    assert_eq!(
        (provider_message_id.as_str(), event_id.as_str()),
        ("C1:1700000000.000100", "Ev1")
    );
    assert_eq!(
        (content, provider_at.as_millis()),
        (&Content::text("b & c"), 1_700_000_005_000)
    );
    // A link got its preview: nobody wrote anything.
    let unfurled = changed(
        json!({ "user": "U1", "text": "a", "ts": "1700000000.000100", "attachments": [{}] }),
        before.clone(),
    );
    assert_eq!(kinds(&unfurled), ["message.message_changed"]);
    let same = json!({ "user": "U1", "text": "a", "ts": "1.0", "edited": { "ts": "2.0" } });
    assert_eq!(kinds(&changed(same.clone(), same)), ["message.message_changed"]);
    let bot = json!({ "bot_id": "B1", "text": "a", "ts": "1.0", "edited": { "ts": "2.0" } });
    assert_eq!(kinds(&changed(bot, json!(null))), ["message.message_changed"]);
    let grave = json!({ "user": "USLACKBOT", "subtype": "tombstone", "ts": "1700000000.000100", "text": "This message was deleted." });
    assert_eq!(kinds(&changed(grave, before)), ["deleted"]);
}

#[test]
fn a_deletion_takes_every_file_along() {
    let deleted = events(
        &json!({ "type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1700000000.000100",
        "event_ts": "1700000010.000100", "previous_message": { "user": "U1", "ts": "1700000000.000100", "files": [{ "id": "F1" }, { "id": "F2" }] } }),
    );
    let ids: Vec<&str> = deleted
        .iter()
        .map(|event| match event {
            Event::Deleted {
                provider_message_id, ..
            } => provider_message_id.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["C1:1700000000.000100", "C1:1700000000.000100#1"]);
    let bots = events(
        &json!({ "type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1.0",
        "previous_message": { "bot_id": "B1", "ts": "1.0" } }),
    );
    assert_eq!(kinds(&bots), ["message.message_deleted"]);
}

#[test]
fn reactions_come_and_go_and_ours_are_none() {
    let reaction = |kind: &str, user: &str| {
        events(
            &json!({ "type": kind, "user": user, "reaction": "+1", "item_user": "UBOT", "event_ts": "1700000010.000100",
            "item": { "type": "message", "channel": "D1", "ts": "1700000000.000100" } }),
        )
    };
    let on = |emoji: Option<&str>| Content::Reaction {
        provider_message_id: "D1:1700000000.000100".to_owned(),
        emoji: emoji.map(str::to_owned),
    };
    let added = only(reaction("reaction_added", "U1"));
    assert_eq!(
        (added.content, added.provider_message_id.as_str()),
        (on(Some("👍")), "Ev1")
    );
    assert_eq!(only(reaction("reaction_removed", "U1")).content, on(None));
    assert_eq!(kinds(&reaction("reaction_added", "UBOT")), ["reaction_added"]);
    let on_file = events(
        &json!({ "type": "reaction_added", "user": "U1", "reaction": "x", "item": { "type": "file", "file": "F1" } }),
    );
    assert_eq!(kinds(&on_file), ["reaction_added"]);
}

#[test]
fn whatever_happens_to_a_channel_is_nobodys_message() {
    for subtype in [
        "channel_join",
        "channel_topic",
        "message_replied",
        "huddle_thread",
        "assistant_app_thread",
        "pinned_item",
    ] {
        let found = events(
            &json!({ "type": "message", "subtype": subtype, "channel": "C1", "user": "U1", "text": "x", "ts": "1.0" }),
        );
        assert_eq!(kinds(&found), [format!("message.{subtype}")]);
    }
    let slackbot =
        events(&json!({ "type": "message", "channel": "D1", "user": "USLACKBOT", "text": "x", "ts": "1.0" }));
    assert_eq!(kinds(&slackbot).len(), 1);
    assert!(matches!(&slackbot[..], [Event::Unsupported { .. }]));
}

#[test]
fn emoting_broadcasting_and_sharing_are_writing() {
    for subtype in ["me_message", "thread_broadcast"] {
        let found = only(events(
            &json!({ "type": "message", "subtype": subtype, "channel": "C1", "user": "U1", "text": "x", "ts": "1.0" }),
        ));
        assert_eq!(found.content, Content::text("x"));
    }
    let shared = only(events(
        &json!({ "type": "message", "channel": "D1", "user": "U1", "text": "", "ts": "1.0",
        "attachments": [{ "is_share": true, "text": "the <https://example.com|original>", "fallback": "x" }] }),
    ));
    assert_eq!(
        shared.content,
        Content::text("the original (https://example.com)")
    );
    assert!(shared.forwarded);
    let nothing = only(events(
        &json!({ "type": "message", "channel": "D1", "user": "U1", "ts": "1.0", "blocks": [] }),
    ));
    assert!(matches!(nothing.content, Content::Unsupported { .. }));
}

#[test]
fn half_an_emoji_is_no_reason_to_lose_a_message() {
    let body = br#"{"type":"event_callback","event":{"type":"message","channel":"D1","user":"U1","ts":"1.0","text":"hi \ud83d"}}"#;
    let found = crate::account::normalise(body)
        .into_iter()
        .map(|inbound| inbound.event)
        .collect();
    let Content::Text { text } = only(found).content else {
        panic!("not a text")
    };
    assert!(text.starts_with("hi \u{fffd}"), "{text}");
}
