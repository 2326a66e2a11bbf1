//! What a gateway's connection brings.

use serde_json::{Value, json};
use switchboard_connectors::Event;
use switchboard_domain::{Content, MessageStatus};

use crate::account::{dispatched, only};

const BOT: &str = "845027738276462632";

fn message(more: &Value) -> Value {
    let mut message = json!({ "id": "1428340152870604939", "channel_id": "7", "type": 0, "content": "hi",
        "timestamp": "2025-10-16T12:00:00.123000+00:00", "author": { "id": "9", "username": "mason" } });
    for (name, value) in more.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

fn created(more: &Value) -> Vec<Event> {
    dispatched("MESSAGE_CREATE", &message(more), Some(BOT))
}

fn unsupported(found: &[Event]) -> bool {
    matches!(found, [Event::Unsupported { .. }])
}

#[test]
fn people_write_and_notices_webhooks_and_other_bots_do_not() {
    let direct = only(created(&json!({})));
    assert_eq!(
        (direct.sender.aliases, direct.group_id),
        (vec!["7".to_owned()], None)
    );
    assert_eq!(direct.provider_at.as_millis(), 1_760_616_000_123);
    let open = only(created(
        &json!({ "guild_id": "8", "member": { "nick": "Captain" } }),
    ));
    assert_eq!(
        (open.sender.name.as_deref(), open.group_id.as_deref()),
        (Some("Captain"), Some("7"))
    );
    assert!(open.sender.aliases.is_empty());
    for other in [
        json!({ "type": 7 }),
        json!({ "type": 20 }),
        json!({ "webhook_id": "5" }),
        json!({ "author": { "id": "5", "bot": true } }),
        json!({ "author": null }),
        json!({ "channel_id": {} }),
    ] {
        assert!(unsupported(&created(&other)), "{other}");
    }
}

#[test]
fn our_own_messages_are_echoes_and_the_hubs_settle_its_sends() {
    let ours = json!({ "author": { "id": BOT, "bot": true } });
    let echo = created(&ours);
    assert!(
        matches!(&echo[..], [Event::Echo(echo)] if echo.recipient.external_id == "7" && echo.content == Content::text("hi"))
    );
    // The nonce of message 0123456789abcdef0123456789abcdef.
    let sent = json!({ "author": { "id": BOT, "bot": true }, "nonce": "sASNFZ4mrze8BI0VniavN7w" });
    for bot in [Some(BOT), None] {
        let found = dispatched("MESSAGE_CREATE", &message(&sent), bot);
        let [Event::Status(status)] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (status.status, status.provider_message_id.as_str()),
            (MessageStatus::Sent, "1428340152870604939")
        );
        let id = status.message_id.as_ref().map(ToString::to_string);
        assert_eq!(id.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    }
    // A nonce proves nothing of somebody else, and without one we can't tell whether a bot is us.
    assert!(unsupported(&dispatched(
        "MESSAGE_CREATE",
        &message(&sent),
        Some("5")
    )));
    assert!(unsupported(&dispatched("MESSAGE_CREATE", &message(&ours), None)));
    let human = created(&json!({ "nonce": "sASNFZ4mrze8BI0VniavN7w" }));
    assert!(matches!(&human[..], [Event::Message(_)]));
}

#[test]
fn an_edit_has_a_time_and_a_person() {
    let updated = |more: &Value| dispatched("MESSAGE_UPDATE", &message(more), Some(BOT));
    let edited =
        updated(&json!({ "content": "hello", "edited_timestamp": "2025-10-16T12:05:00.500000+00:00" }));
    let [
        Event::Edited {
            provider_message_id,
            content,
            provider_at,
            event_id,
        },
    ] = &edited[..]
    else {
        panic!("{edited:?}")
    };
    assert_eq!(
        (provider_message_id.as_str(), content),
        ("1428340152870604939", &Content::text("hello"))
    );
    assert_eq!(provider_at.as_millis(), 1_760_616_300_500);
    assert!(event_id.starts_with("1428340152870604939:"));
    for none in [
        json!({ "edited_timestamp": null, "embeds": [{}] }),
        json!({ "edited_timestamp": "2025-10-16T12:05:00Z", "author": { "id": BOT, "bot": true } }),
        json!({ "edited_timestamp": "2025-10-16T12:05:00Z", "author": null }),
    ] {
        assert!(unsupported(&updated(&none)), "{none}");
    }
}

#[test]
fn reactions_may_come_and_go_again_and_bots_have_none() {
    let reaction = |name: &str, more: &Value| {
        let mut data =
            json!({ "user_id": "9", "channel_id": "7", "message_id": "3", "emoji": { "name": "👍" } });
        for (name, value) in more.as_object().unwrap() {
            data[name] = value.clone();
        }
        dispatched(name, &data, Some(BOT))
    };
    let added = only(reaction("MESSAGE_REACTION_ADD", &json!({})));
    let removed = only(reaction("MESSAGE_REACTION_REMOVE", &json!({})));
    assert_eq!(
        (added.content, removed.content),
        (
            Content::Reaction {
                provider_message_id: "3".to_owned(),
                emoji: Some("👍".to_owned())
            },
            Content::Reaction {
                provider_message_id: "3".to_owned(),
                emoji: None
            },
        )
    );
    assert_ne!(added.provider_message_id, removed.provider_message_id);
    let custom = only(reaction(
        "MESSAGE_REACTION_ADD",
        &json!({ "emoji": { "id": "12", "name": "sad" } }),
    ));
    assert!(matches!(custom.content, Content::Reaction { emoji: Some(emoji), .. } if emoji == ":sad:"));
    for none in [
        json!({ "user_id": BOT }),
        json!({ "member": { "user": { "id": "9", "bot": true } } }),
        json!({ "emoji": null }),
    ] {
        assert!(unsupported(&reaction("MESSAGE_REACTION_ADD", &none)), "{none}");
    }
}

#[test]
fn words_and_files_are_one_message_each_and_a_damaged_one_leaves_the_others() {
    let found = created(&json!({ "content": "look", "attachments": [7,
        { "id": "1", "content_type": "video/mp4", "url": "https://cdn.discordapp.com/1", "description": "a fall" },
        { "id": "2", "filename": "x" }], "sticker_items": [{ "id": "3", "name": "Wave", "format_type": 4 }] }));
    let contents: Vec<&Content> = found
        .iter()
        .map(|event| match event {
            Event::Message(message) => &message.content,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(contents[0], Content::Unsupported { .. }));
    assert!(matches!(contents[1], Content::Video(media) if media.text.as_deref() == Some("look")));
    assert!(matches!(contents[2], Content::Document(media) if media.text.is_none()));
    assert!(
        matches!(contents[3], Content::Sticker(media) if media.url.as_deref() == Some("https://media.discordapp.net/stickers/3.gif"))
    );
    let hidden = only(created(&json!({ "content": "" })));
    assert!(
        matches!(hidden.content, Content::Unsupported { .. }),
        "without the intent Discord says nothing"
    );
}

#[test]
fn people_and_emoji_are_read_by_their_names() {
    let text = "<@9> <@!10> <@&5> <#6> <a:wow:123> <:sad:45> <t:1> a < b <3";
    let found = only(created(
        &json!({ "content": text, "mentions": [{ "id": "9", "username": "ann" }, { "id": "10", "global_name": "Bob", "username": "b" }] }),
    ));
    assert_eq!(
        found.content,
        Content::text("@ann @Bob <@&5> <#6> :wow: :sad: <t:1> a < b <3")
    );
}

#[test]
fn what_is_none_of_ours_is_kept() {
    for name in [
        "READY",
        "TYPING_START",
        "MESSAGE_REACTION_REMOVE_ALL",
        "GUILD_CREATE",
    ] {
        let found = dispatched(name, &json!({}), Some(BOT));
        assert!(matches!(&found[..], [Event::Unsupported { kind, .. }] if kind == name));
    }
    for name in [
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "MESSAGE_DELETE_BULK",
        "MESSAGE_REACTION_ADD",
    ] {
        for data in [json!(null), json!([]), json!({}), json!({ "ids": [] })] {
            assert!(unsupported(&dispatched(name, &data, Some(BOT))), "{name} {data}");
        }
    }
}

/// Only who holds the connection says who we are: the header of a webhook is not kept.
#[test]
fn a_webhook_cannot_say_who_we_are() {
    let account = crate::account::account("http://127.0.0.1:1");
    let mut request = crate::account::request(b"{}");
    crate::account::discord()
        .counterpart()
        .sign(&account, &mut request, crate::account::received_at());
    request.headers.insert("x-discord-bot", BOT.parse().unwrap());
    let verified = crate::account::discord()
        .verify(&account, request, crate::account::received_at())
        .unwrap();
    assert_eq!(verified.header("x-discord-bot"), None);
}
