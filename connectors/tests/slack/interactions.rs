//! Buttons, menus, forms, shortcuts and commands.

use serde_json::{Value, json};
use switchboard_connectors::{Event, InboundMessage};
use switchboard_domain::Content;

use crate::account::{normalise, only};

fn posted(payload: &Value) -> Vec<Event> {
    let mut url = reqwest::Url::parse("http://localhost/").unwrap();
    url.query_pairs_mut().append_pair("payload", &payload.to_string());
    let found = normalise(url.query().unwrap().as_bytes());
    found.into_iter().map(|inbound| inbound.event).collect()
}

fn pressed(action: &Value) -> InboundMessage {
    only(posted(
        &json!({ "type": "block_actions", "user": { "id": "U1", "username": "ann" }, "team": { "id": "T1" },
        "channel": { "id": "D1" }, "container": { "type": "message", "message_ts": "1700000000.000100", "channel_id": "D1" },
        "trigger_id": "1.2.x", "actions": [action] }),
    ))
}

fn choice(text: &str, payload: Option<&str>) -> Content {
    Content::Choice {
        text: text.to_owned(),
        payload: payload.map(str::to_owned),
    }
}

#[test]
fn a_button_is_a_choice_on_its_message() {
    let pressed = pressed(
        &json!({ "type": "button", "action_id": "pay", "text": { "type": "plain_text", "text": "Pay" },
        "value": "order-7", "action_ts": "1700000005.123456" }),
    );
    assert_eq!(pressed.content, choice("Pay", Some("order-7")));
    assert_eq!(pressed.provider_message_id, "D1:1700000005.123456:pay");
    assert_eq!(pressed.reply_to.as_deref(), Some("D1:1700000000.000100"));
    assert_eq!(pressed.provider_at.as_millis(), 1_700_000_005_123);
    assert_eq!(
        (
            pressed.sender.external_id.as_str(),
            pressed.sender.reply_address()
        ),
        ("U1", "U1")
    );
    assert_eq!(pressed.sender.name.as_deref(), Some("ann"));
}

#[test]
fn every_element_says_what_was_chosen() {
    let option =
        |label: &str, value: &str| json!({ "text": { "type": "plain_text", "text": label }, "value": value });
    for (action, expected) in [
        (
            json!({ "type": "button", "text": { "text": "Go" } }),
            choice("Go", Some("a")),
        ),
        (
            json!({ "type": "static_select", "selected_option": option("Two", "2") }),
            choice("Two", Some("2")),
        ),
        (
            json!({ "type": "checkboxes", "selected_options": [option("A", "1"), option("B", "2")] }),
            choice("A, B", Some("1,2")),
        ),
        (
            json!({ "type": "datepicker", "selected_date": "2026-01-31" }),
            choice("2026-01-31", Some("2026-01-31")),
        ),
        (
            json!({ "type": "datetimepicker", "selected_date_time": 1_700_000_000 }),
            choice("1700000000", Some("1700000000")),
        ),
        (
            json!({ "type": "multi_users_select", "selected_users": ["U1", "U2"] }),
            choice("U1, U2", Some("U1,U2")),
        ),
        (
            json!({ "type": "plain_text_input", "value": "typed" }),
            choice("typed", Some("a")),
        ),
        (json!({ "type": "overflow" }), choice("", Some("a"))),
    ] {
        let mut action = action;
        action["action_id"] = "a".into();
        action["action_ts"] = "1.0".into();
        assert_eq!(pressed(&action).content, expected, "{action}");
    }
}

#[test]
fn two_actions_are_two_choices_and_a_damaged_one_is_kept() {
    let found = posted(
        &json!({ "type": "block_actions", "user": { "id": "U1" }, "actions": [
        { "type": "button", "action_id": "a", "text": { "text": "A" }, "action_ts": "1.0" }, 7,
        { "type": "button", "action_id": "b", "text": { "text": "B" }, "action_ts": "1.0" } ] }),
    );
    assert!(
        matches!(
            &found[..],
            [Event::Message(_), Event::Unsupported { .. }, Event::Message(_)]
        ),
        "{found:?}"
    );
}

#[test]
fn in_a_channel_the_answer_goes_below_the_message_that_had_the_button() {
    let found = only(posted(
        &json!({ "type": "block_actions", "user": { "id": "U1" }, "channel": { "id": "C1" },
        "message": { "ts": "5.0", "thread_ts": "4.0" }, "actions": [{ "type": "button", "action_id": "a", "text": { "text": "A" }, "action_ts": "6.0" }] }),
    ));
    assert_eq!(
        (found.sender.reply_address(), found.group_id.as_deref()),
        ("C1:4.0", Some("C1"))
    );
}

#[test]
fn a_form_is_its_answers_and_a_command_its_words() {
    let form = only(posted(
        &json!({ "type": "view_submission", "user": { "id": "U1" }, "team": { "id": "T1" }, "trigger_id": "1.2.x",
        "view": { "id": "V1", "callback_id": "order", "title": { "text": "Order" }, "blocks": [{ "block_id": "b3" }, { "block_id": "b2" }, { "block_id": "b1" }], "state": { "values": {
            "b1": { "name": { "type": "plain_text_input", "value": "Ann" } },
            "b2": { "size": { "type": "static_select", "selected_option": { "text": { "text": "Large" }, "value": "l" } } },
            "b3": { "note": { "type": "plain_text_input", "value": null } } } } } }),
    ));
    assert_eq!(form.content, choice("Large\nAnn", Some("order")));
    assert_eq!(
        (form.provider_message_id.as_str(), form.sender.reply_address()),
        ("1.2.x", "U1")
    );

    let body = b"command=%2Fhelp&text=my+order+%26amp%3B+more&user_id=U1&user_name=ann&channel_id=D1&team_id=T1&trigger_id=3.4.y";
    let inbound = normalise(body);
    assert_eq!(inbound[0].provider_account_id.as_deref(), Some("T1"));
    let command = only(inbound.into_iter().map(|inbound| inbound.event).collect());
    assert_eq!(command.content, Content::text("/help my order & more"));
    assert_eq!(
        (
            command.provider_message_id.as_str(),
            command.sender.reply_address()
        ),
        ("3.4.y", "U1")
    );
}
