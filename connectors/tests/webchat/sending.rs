//! What lies in a visitor's mailbox, their widget can show.

use serde_json::json;
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError};
use switchboard_domain::{Content, Media, MessageId};

use crate::{account, connector};

async fn send(content: Content) -> Result<Receipt, SendError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let outgoing = Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "anon:1".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    };
    connector()
        .send(&http, &account(&[("signing_secret", "s")]), &outgoing)
        .await
}

fn buttons(body: serde_json::Value) -> Content {
    Content::Interactive {
        text: "Which?".to_owned(),
        body,
    }
}

fn image(url: &str) -> Content {
    Content::Image(Media {
        url: Some(url.to_owned()),
        ..Media::default()
    })
}

#[tokio::test]
async fn what_can_be_shown_is_taken_under_its_own_id() {
    for content in [
        Content::text("Hello"),
        buttons(json!({ "buttons": [{ "title": "Yes", "payload": "y" }, { "title": "No" }] })),
        image("https://files.example.com/a.png"),
        image("/files/a"),
        Content::Document(Media {
            id: Some("file-1".to_owned()),
            ..Media::default()
        }),
    ] {
        let receipt = send(content).await.unwrap();
        assert_eq!(receipt.provider_message_id, "0123456789abcdef0123456789abcdef");
    }
}

#[tokio::test]
async fn what_cannot_be_shown_fails_at_once_and_says_why() {
    for content in [
        Content::text(" "),
        Content::text("x".repeat(10_001)),
        buttons(json!({})),
        buttons(json!({ "buttons": [] })),
        buttons(json!({ "buttons": [{ "title": "" }] })),
        buttons(json!({ "buttons": vec![json!({ "title": "x" }); 21] })),
        image("javascript:alert(1)"),
        Content::Image(Media::default()),
        Content::Note {
            text: "among us".to_owned(),
        },
    ] {
        let error = send(content.clone()).await.unwrap_err();
        assert_eq!(error.decision, SendDecision::GiveUp, "{content:?}");
        assert!(!error.message.is_empty());
    }
}
