//! What goes to Viber for each kind of content, and what its answers mean.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_connectors::SendDecision;
use switchboard_domain::{Content, Media, Secret};

use crate::{
    account::{ACCEPTED, CONTACT, TOKEN, account, connector},
    outcomes::{failure, outcome, outgoing, refused, send, sent},
    provider::Provider,
};

fn link(text: Option<&str>) -> Media {
    Media {
        url: Some("https://example.com/file".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

/// The body without what is the same in all.
async fn message(content: Content) -> Value {
    let mut body = sent(&outgoing(content)).await.body;
    let members = body.as_object_mut().unwrap();
    assert_eq!(members.remove("receiver"), Some(json!(CONTACT)));
    assert_eq!(members.remove("sender"), Some(json!({ "name": "Test" })));
    assert_eq!(members.remove("min_api_version"), Some(json!(1)));
    body
}

#[tokio::test]
async fn a_text_goes_with_our_token_and_a_name() {
    let request = sent(&outgoing(Content::text("hello"))).await;
    assert_eq!(request.line(), "POST /pa/send_message HTTP/1.1");
    assert_eq!(request.header("x-viber-auth-token"), Some(TOKEN));
    assert_eq!(
        request.body,
        json!({ "receiver": CONTACT, "sender": { "name": "Test" }, "type": "text", "text": "hello", "min_api_version": 1 })
    );
}

#[tokio::test]
async fn settings_choose_who_is_seen_to_write() {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let mut account = account(Some(provider.url()));
    account.name = "A name of more than twenty-eight characters".to_owned();
    send(&account, &outgoing(Content::text("x"))).await.unwrap();
    assert_eq!(
        provider.asked().await.body["sender"]["name"],
        "A name of more than twenty-e"
    );
    account
        .settings
        .other
        .insert("sender_name".to_owned(), "Shop".into());
    account
        .settings
        .other
        .insert("sender_avatar".to_owned(), "https://example.com/a.png".into());
    account
        .secrets
        .0
        .insert("access_token".to_owned(), Secret::new("another"));
    send(&account, &outgoing(Content::text("x"))).await.unwrap();
    let request = provider.asked().await;
    assert_eq!(
        request.body["sender"],
        json!({ "name": "Shop", "avatar": "https://example.com/a.png" })
    );
    assert_eq!(request.header("x-viber-auth-token"), Some("another"));
    assert_eq!(
        connector().check_account(&account.settings, &account.secrets),
        Ok(())
    );
    account
        .settings
        .other
        .insert("sender_name".to_owned(), "x".repeat(29).into());
    account
        .settings
        .other
        .insert("sender_avatar".to_owned(), "ftp://example.com".into());
    let errors = connector()
        .check_account(&account.settings, &account.secrets)
        .unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["settings.sender_name", "settings.sender_avatar"]);
}

#[tokio::test]
async fn each_kind_has_its_form() {
    let url = "https://example.com/file";
    let sticker = Media {
        id: Some("46105".to_owned()),
        ..Media::default()
    };
    let place = Content::Location {
        latitude: 50.5,
        longitude: 6.25,
        name: Some("Shop".to_owned()),
        address: None,
    };
    let card = json!({ "name": "Ann", "phone_number": "+123", "avatar": "x" });
    for (content, expected) in [
        (
            Content::Image(link(None)),
            json!({ "type": "picture", "text": "", "media": url }),
        ),
        (
            Content::Image(link(Some("look"))),
            json!({ "type": "picture", "text": "look", "media": url }),
        ),
        (Content::Video(link(None)), json!({ "type": "url", "media": url })),
        (Content::Audio(link(None)), json!({ "type": "url", "media": url })),
        (
            Content::Document(link(Some("Terms"))),
            json!({ "type": "text", "text": format!("Terms\n{url}") }),
        ),
        (
            Content::Sticker(sticker),
            json!({ "type": "sticker", "sticker_id": 46105 }),
        ),
        (
            place,
            json!({ "type": "location", "location": { "lat": 50.5, "lon": 6.25 } }),
        ),
        (
            Content::Contacts {
                text: "Ann".to_owned(),
                contacts: vec![card],
            },
            json!({ "type": "contact", "contact": { "name": "Ann", "phone_number": "+123" } }),
        ),
    ] {
        assert_eq!(message(content).await, expected);
    }
}

#[tokio::test]
async fn keyboards_and_rich_media_are_passed_on() {
    let interactive = |body: Value| {
        outgoing(Content::Interactive {
            text: "Choose".to_owned(),
            body,
        })
    };
    let buttons = json!([{ "ActionType": "reply", "ActionBody": "yes", "Text": "Yes" }]);
    let keyboard = json!({ "Type": "keyboard", "Buttons": buttons });
    for form in [keyboard.clone(), json!({ "keyboard": { "Buttons": buttons } })] {
        let body = sent(&interactive(form)).await.body;
        assert_eq!(
            (&body["type"], &body["text"], &body["keyboard"]),
            (&json!("text"), &json!("Choose"), &keyboard)
        );
    }
    let rich = json!({ "Type": "rich_media", "ButtonsGroupColumns": 6, "Buttons": buttons });
    let body = sent(&interactive(
        json!({ "rich_media": rich, "keyboard": keyboard, "min_api_version": 8 }),
    ))
    .await
    .body;
    assert_eq!(
        (&body["type"], &body["alt_text"], &body["rich_media"]),
        (&json!("rich_media"), &json!("Choose"), &rich)
    );
    assert_eq!(
        (&body["keyboard"], &body["min_api_version"]),
        (&keyboard, &json!(8))
    );
    assert_eq!(sent(&interactive(rich.clone())).await.body["min_api_version"], 7);
    for form in [
        json!({ "Type": "keyboard", "Buttons": [] }),
        json!({ "Type": "keyboard" }),
        json!({ "Type": "keyboard", "Buttons": [{ "Text": "dead" }] }),
        json!({ "Type": "rich_media", "Buttons": vec![buttons[0].clone(); 145] }),
        json!({ "Type": "hologram", "Buttons": buttons }),
    ] {
        refused(&interactive(form)).await;
    }
}

#[tokio::test]
async fn what_viber_would_refuse_is_refused_here() {
    sent(&outgoing(Content::text("ä".repeat(7000)))).await;
    sent(&outgoing(Content::Image(link(Some(&"ä".repeat(768)))))).await;
    let card = |name: &str| Content::Contacts {
        text: String::new(),
        contacts: vec![json!({ "name": name, "phone_number": "1" })],
    };
    for content in [
        Content::text("ä".repeat(7001)),
        Content::Image(link(Some(&"ä".repeat(769)))),
        Content::Image(Media {
            id: Some("1".to_owned()),
            ..Media::default()
        }),
        Content::Document(Media {
            url: Some("file:///etc/passwd".to_owned()),
            ..Media::default()
        }),
        Content::Sticker(Media {
            id: Some("smile".to_owned()),
            ..Media::default()
        }),
        Content::Reaction {
            provider_message_id: "1".to_owned(),
            emoji: None,
        },
        card(&"n".repeat(29)),
    ] {
        refused(&outgoing(content)).await;
    }
    // 7,000 characters of four bytes each are more than the whole message may be with its form.
    let buttons = json!([{ "ActionBody": "x".repeat(3000), "Text": "x" }]);
    let body = json!({ "Type": "keyboard", "Buttons": buttons });
    refused(&outgoing(Content::Interactive {
        text: "😀".repeat(7000),
        body,
    }))
    .await;
}

#[tokio::test]
async fn a_message_token_keeps_every_digit() {
    assert_eq!(
        outcome(200, "", ACCEPTED).await.unwrap().provider_message_id,
        "5741311803571721087"
    );
    let largest = r#"{"status":0,"message_token":18446744073709551615}"#;
    assert_eq!(
        outcome(200, "", largest).await.unwrap().provider_message_id,
        "18446744073709551615"
    );
    for body in [
        r#"{"status":0}"#,
        r#"{"status":0,"message_token":5.7e18}"#,
        "{}",
        r#"{"status":"ok"}"#,
    ] {
        assert_eq!(
            failure(200, "", body).await.decision,
            SendDecision::Uncertain,
            "{body}"
        );
    }
}

fn status(status: i64, words: &str) -> String {
    json!({ "status": status, "status_message": words }).to_string()
}

/// All of them come with 200.
#[tokio::test]
async fn the_status_in_the_body_decides() {
    for code in (1..=24).filter(|code| *code != 12) {
        let error = failure(200, "", &status(code, "words")).await;
        assert_eq!(error.decision, SendDecision::GiveUp, "{code}");
        assert_eq!(error.code, code.to_string());
        assert_eq!(error.token_rejected, code == 2, "{code}");
    }
    for code in [12, 25, 99, -1] {
        assert_eq!(
            failure(200, "", &status(code, "generalError")).await.decision,
            SendDecision::Retry,
            "{code}"
        );
    }
    let wait = failure(200, "retry-after: 4\r\n", &status(12, "tooManyRequests")).await;
    assert_eq!(wait.decision, SendDecision::RetryAfter(Duration::from_secs(4)));
    let unsubscribed = failure(200, "", &status(6, "receiverNotSubscribed")).await;
    assert!(unsubscribed.message.contains("unsubscribed"), "{unsubscribed}");
    let bad = failure(200, "", &status(3, "text is missing")).await;
    assert!(bad.message.contains("text is missing"), "{bad}");
    let echoed = failure(200, "", &status(3, &format!("bad {TOKEN}"))).await;
    assert!(echoed.message.contains('…'), "{echoed}");
    let with_error_status = failure(500, "", &status(6, "receiverNotSubscribed")).await;
    assert_eq!(with_error_status.decision, SendDecision::GiveUp);
}
