//! In what a send differs from Messenger's, whose tests hold for both: they share everything else.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError, http_client};
use switchboard_domain::{ChannelAccount, Content, Media, MessageId};

use crate::{
    account::{TOKEN, account, instagram},
    provider::Provider,
};

const ACCEPTED: &str = r#"{"recipient_id":"5614879045272581","message_id":"aWdf"}"#;

fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "5614879045272581".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    instagram().send(&client(), account, outgoing).await
}

async fn body_of(outgoing: &Outgoing) -> Value {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    send(&account(Some(provider.url())), outgoing).await.unwrap();
    provider.requests.recv().await.unwrap().body
}

async fn refused(content: Content) -> String {
    let nowhere = account(Some("http://127.0.0.1:1".to_owned()));
    let error = send(&nowhere, &outgoing(content)).await.unwrap_err();
    let found = (error.decision, error.code.as_str());
    assert_eq!(found, (SendDecision::GiveUp, "invalid_message"), "{error}");
    error.message
}

fn reaction(emoji: Option<&str>) -> Content {
    Content::Reaction {
        provider_message_id: "aWdf#1".to_owned(),
        emoji: emoji.map(str::to_owned),
    }
}

/// Neither `messaging_type` nor `metadata`: Instagram knows neither.
#[tokio::test]
async fn a_text_is_all_there_is_to_a_text() {
    let answer = Outgoing {
        reply_to: Some("aWdm".to_owned()),
        ..outgoing(Content::text("Hello"))
    };
    assert_eq!(
        body_of(&answer).await,
        json!({
            "recipient": { "id": "5614879045272581" },
            "message": { "text": "Hello" },
            "reply_to": { "mid": "aWdm" },
        })
    );
}

#[tokio::test]
async fn the_length_of_a_text_is_counted_in_bytes() {
    let longest = "é".repeat(500);
    let body = body_of(&outgoing(Content::text(longest.clone()))).await;
    assert_eq!(body["message"]["text"], longest);
    let message = refused(Content::text("é".repeat(500) + "x")).await;
    assert_eq!(message, "The text has 1001 bytes; Instagram takes 1000 at most.");
}

#[tokio::test]
async fn a_heart_is_given_and_taken_back() {
    let answer = r#"{"recipient_id":"5614879045272581"}"#;
    for (emoji, action, payload) in [
        (
            Some("❤️"),
            "react",
            json!({ "message_id": "aWdf", "reaction": "love" }),
        ),
        (
            Some("❤"),
            "react",
            json!({ "message_id": "aWdf", "reaction": "love" }),
        ),
        (None, "unreact", json!({ "message_id": "aWdf" })),
    ] {
        let mut provider = Provider::answering(200, "", answer).await;
        let receipt = send(&account(Some(provider.url())), &outgoing(reaction(emoji)))
            .await
            .unwrap();
        assert_eq!(
            receipt.provider_message_id,
            "reaction:0123456789abcdef0123456789abcdef"
        );
        let body = provider.requests.recv().await.unwrap().body;
        let recipient = json!({ "id": "5614879045272581" });
        assert_eq!(
            body,
            json!({ "recipient": recipient, "sender_action": action, "payload": payload })
        );
    }
    assert!(refused(reaction(Some("👍"))).await.contains("heart"));
}

#[tokio::test]
async fn what_only_messenger_knows_is_refused() {
    let template = Content::Template {
        name: "order_update".to_owned(),
        language: "en".to_owned(),
        components: Vec::new(),
    };
    let sticker = Content::Sticker(Media {
        url: Some("https://example.com/s.webp".to_owned()),
        ..Media::default()
    });
    for content in [template, sticker] {
        assert!(refused(content).await.contains("Instagram"));
    }
}

#[tokio::test]
async fn the_window_and_the_token_are_told_apart() {
    for (code, subcode, token_rejected) in [
        (10, 2_534_022, false),
        (10, 2_018_278, false),
        (100, 2_534_014, false),
        (190, 463, true),
        (10, 0, true),
    ] {
        let body =
            format!(r#"{{"error":{{"message":"refused {TOKEN}","code":{code},"error_subcode":{subcode}}}}}"#);
        let provider = Provider::answering(400, "", &body).await;
        let error = send(&account(Some(provider.url())), &outgoing(Content::text("x")))
            .await
            .unwrap_err();
        let found = (error.decision, error.token_rejected);
        assert_eq!(
            found,
            (SendDecision::GiveUp, token_rejected),
            "{code}/{subcode}: {error}"
        );
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn whoever_has_no_display_name_has_a_user_name() {
    let provider = Provider::answering(200, "", r#"{"id":"1784","name":"","username":"blue.shop"}"#).await;
    let account = account(Some(provider.url()));
    let name = instagram().check_credentials(&client(), &account).await.unwrap();
    assert_eq!(name.as_deref(), Some("blue.shop"));
}

#[tokio::test]
async fn reading_cannot_be_reported() {
    let error = instagram()
        .mark_read(&client(), &account(None), "aWdf")
        .await
        .unwrap_err();
    let found = (error.decision, error.code.as_str());
    assert_eq!(found, (SendDecision::GiveUp, "not_supported"));
}
