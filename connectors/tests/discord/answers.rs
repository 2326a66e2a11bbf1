//! What an interaction is answered with, within its three seconds.

use serde_json::{Value, json};
use switchboard_connectors::{Acknowledgement, Handshake};

use crate::account::{account, discord, verify};

fn answer(body: &Value) -> Acknowledgement {
    discord().acknowledge(
        &account("http://127.0.0.1:1"),
        &verify(body.to_string().as_bytes()).unwrap(),
    )
}

fn answered(body: &Value) -> (Value, bool) {
    let answer = answer(body);
    assert_eq!(answer.content_type, "application/json");
    (serde_json::from_str(&answer.body).unwrap(), answer.keep)
}

#[test]
fn a_ping_is_answered_by_a_pong_and_not_kept() {
    assert_eq!(
        answered(&json!({ "id": "1", "token": "t", "type": 1 })),
        (json!({ "type": 1 }), false)
    );
    let of_webhook = answer(&json!({ "version": 1, "application_id": "1", "type": 0 }));
    assert_eq!(
        (
            of_webhook.status.as_u16(),
            of_webhook.body.as_str(),
            of_webhook.keep
        ),
        (204, "", false)
    );
}

#[test]
fn each_kind_is_deferred_as_it_may_be() {
    let interaction =
        |kind: u64, message: Value| json!({ "id": "1", "token": "t", "type": kind, "message": message });
    let thinking = json!({ "type": 5, "data": { "flags": 64 } });
    for (body, expected) in [
        (interaction(2, Value::Null), (thinking.clone(), true)),
        (interaction(3, json!({ "id": "2" })), (json!({ "type": 6 }), true)),
        (
            interaction(4, Value::Null),
            (json!({ "type": 8, "data": { "choices": [] } }), false),
        ),
        (interaction(5, json!({ "id": "2" })), (json!({ "type": 6 }), true)),
        (
            json!({ "id": "1", "token": "t", "type": 5 }),
            (thinking.clone(), true),
        ),
        (json!({ "id": "1", "token": "t", "type": 99 }), (thinking, true)),
    ] {
        assert_eq!(answered(&body), expected, "{body}");
    }
}

#[test]
fn an_account_may_have_words_for_it() {
    let mut account = account("http://127.0.0.1:1");
    account
        .settings
        .other
        .insert("command_answer".to_owned(), "Thanks, we are on it.".into());
    assert_eq!(
        discord().check_account(&account.settings, &account.secrets),
        Ok(())
    );
    let verified = verify(br#"{"id":"1","token":"t","type":2}"#).unwrap();
    let answer: Value = serde_json::from_str(&discord().acknowledge(&account, &verified).body).unwrap();
    assert_eq!(
        (&answer["type"], &answer["data"]["content"]),
        (&json!(4), &json!("Thanks, we are on it."))
    );
    account
        .settings
        .other
        .insert("command_answer".to_owned(), 7.into());
    assert!(
        discord()
            .check_account(&account.settings, &account.secrets)
            .is_err()
    );
}

#[test]
fn events_get_a_bare_204_and_there_is_no_handshake() {
    let event = json!({ "version": 1, "type": 1, "event": { "type": "APPLICATION_AUTHORIZED" } });
    let taken = answer(&event);
    assert_eq!(
        (taken.status.as_u16(), taken.body.as_str(), taken.keep),
        (204, "", true)
    );
    assert_eq!(answer(&json!({})), Acknowledgement::empty());
    assert_eq!(
        discord().handshake(&account("http://127.0.0.1:1"), "x=y"),
        Handshake::NotSupported
    );
}
