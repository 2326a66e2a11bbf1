//! Commands, buttons, menus and forms.

use serde_json::{Value, json};
use switchboard_connectors::{Event, InboundMessage};
use switchboard_domain::Content;

use crate::account::{only, posted};

fn interaction(kind: u64, data: &Value, message: &Value) -> Vec<Event> {
    posted(
        &json!({ "id": "175928847299117063", "application_id": "1", "type": kind, "token": "t", "version": 1,
        "channel_id": "7", "guild_id": "8", "member": { "nick": "", "user": { "id": "9", "username": "mason", "global_name": "Mason" } },
        "data": data, "message": message }),
    )
}

fn command(data: &Value) -> InboundMessage {
    only(interaction(2, data, &Value::Null))
}

fn choice(text: &str, payload: &str) -> Content {
    Content::Choice {
        text: text.to_owned(),
        payload: Some(payload.to_owned()),
    }
}

#[test]
fn a_command_is_what_was_typed() {
    for (data, text) in [
        (json!({ "name": "help", "type": 1 }), "/help"),
        (
            json!({ "name": "ask", "options": [{ "name": "text", "type": 3, "value": "where is it" }] }),
            "/ask where is it",
        ),
        (
            json!({ "name": "buy", "options": [{ "name": "item", "type": 3, "value": "tea" }, { "name": "count", "type": 4, "value": 2 }] }),
            "/buy item: tea count: 2",
        ),
        (
            json!({ "name": "order", "options": [{ "name": "show", "type": 1, "options": [{ "name": "number", "type": 3, "value": "B-1" }] }] }),
            "/order show B-1",
        ),
        (
            json!({ "name": "a", "options": [{ "name": "b", "type": 2, "options": [{ "name": "c", "type": 1 }] }] }),
            "/a b c",
        ),
        (
            json!({ "name": "Report to us", "type": 2, "target_id": "5" }),
            "Report to us",
        ),
    ] {
        assert_eq!(command(&data).content, Content::text(text));
    }
    let found = command(&json!({ "name": "help" }));
    assert_eq!(
        (found.provider_message_id.as_str(), found.provider_at.as_millis()),
        ("175928847299117063", 1_462_015_105_796)
    );
    assert_eq!(
        (
            found.sender.external_id.as_str(),
            found.sender.reply_address(),
            found.sender.name.as_deref()
        ),
        ("9", "7", Some("Mason"))
    );
    assert_eq!(found.group_id.as_deref(), Some("7"));
}

#[test]
fn a_command_on_a_message_quotes_it_and_files_come_along() {
    let on = command(&json!({ "name": "Ask about this", "type": 3, "target_id": "5" }));
    assert_eq!(on.reply_to.as_deref(), Some("5"));
    let found = interaction(
        2,
        &json!({ "name": "send", "options": [{ "name": "file", "type": 11, "value": "4" }],
        "resolved": { "attachments": { "4": { "id": "4", "filename": "a.png", "content_type": "image/png", "url": "https://cdn.discordapp.com/a.png" } } } }),
        &Value::Null,
    );
    let [Event::Message(text), Event::Message(file)] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(text.content, Content::text("/send"));
    assert!(matches!(&file.content, Content::Image(media) if media.id.as_deref() == Some("4")));
    assert_eq!(file.provider_message_id, "175928847299117063#1");
}

#[test]
fn a_component_is_a_choice_in_the_words_of_its_message() {
    let message = json!({ "id": "6", "components": [
        { "type": 17, "components": [{ "type": 9, "accessory": { "type": 2, "custom_id": "in", "label": "Inside" } }] },
        { "type": 1, "components": [{ "type": 2, "custom_id": "yes", "label": "Yes" }, { "type": 2, "custom_id": "star", "emoji": { "name": "⭐" } },
            { "type": 3, "custom_id": "menu", "options": [{ "label": "Tea", "value": "t" }, { "label": "Milk", "value": "m" }] }] }] });
    for (data, expected) in [
        (
            json!({ "custom_id": "yes", "component_type": 2 }),
            choice("Yes", "yes"),
        ),
        (
            json!({ "custom_id": "star", "component_type": 2 }),
            choice("⭐", "star"),
        ),
        (
            json!({ "custom_id": "in", "component_type": 2 }),
            choice("Inside", "in"),
        ),
        (
            json!({ "custom_id": "gone", "component_type": 2 }),
            choice("gone", "gone"),
        ),
        (
            json!({ "custom_id": "menu", "component_type": 3, "values": ["m", "t"] }),
            choice("Milk, Tea", "m,t"),
        ),
        (
            json!({ "custom_id": "who", "component_type": 5, "values": ["53"], "resolved": { "users": { "53": { "username": "ann" } } } }),
            choice("ann", "53"),
        ),
    ] {
        let found = only(interaction(3, &data, &message));
        assert_eq!(found.content, expected);
        assert_eq!(found.reply_to.as_deref(), Some("6"));
    }
}

#[test]
fn what_nobody_said_is_kept_as_it_came() {
    for (kind, data, name) in [
        (1, Value::Null, "interaction.ping"),
        (2, Value::Null, "interaction.command"),
        (3, json!({}), "interaction.component"),
        (4, json!({ "name": "x" }), "interaction.autocomplete"),
        (5, json!([]), "interaction.modal"),
        (77, json!({}), "interaction.unknown"),
    ] {
        let found = interaction(kind, &data, &Value::Null);
        assert!(
            matches!(&found[..], [Event::Unsupported { kind, .. }] if kind == name),
            "{found:?}"
        );
    }
    let nobody = posted(&json!({ "id": "1", "type": 2, "token": "t", "data": { "name": "x" } }));
    assert!(matches!(&nobody[..], [Event::Unsupported { .. }]));
}
