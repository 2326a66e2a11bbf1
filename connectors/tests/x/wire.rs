//! What goes over the wire for each kind of content, and what is refused before it does.

use serde_json::json;
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError, http_client};
use switchboard_domain::{ChannelAccount, Content, Media, MessageId};

use crate::{
    account::{TOKEN, account, x},
    provider::{Provider, Request},
};

pub const ACCEPTED: &str = r#"{"data":{"dm_conversation_id":"2-1","dm_event_id":"1582103724607971332"}}"#;

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "3001969357".to_owned(),
        content,
        reply_to: Some("1".to_owned()),
        thread: None,
        files: Vec::new(),
    }
}

pub async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    x().send(&client(), account, outgoing).await
}

async fn sent(outgoing: &Outgoing) -> Request {
    let mut provider = Provider::answering(201, "", ACCEPTED).await;
    let receipt = send(&account(&provider.url()), outgoing).await.unwrap();
    assert_eq!(
        (receipt.provider_message_id.as_str(), receipt.contact_address),
        ("1582103724607971332", None)
    );
    provider.requests.recv().await.unwrap()
}

#[tokio::test]
async fn a_text_goes_to_the_person_or_the_group() {
    let request = sent(&outgoing(Content::text("a < b & c"))).await;
    assert!(
        request
            .head
            .starts_with("POST /2/dm_conversations/with/3001969357/messages HTTP/1.1\r\n"),
        "{}",
        request.head
    );
    assert!(request.head.contains(&format!("authorization: Bearer {TOKEN}")));
    assert_eq!(request.body, json!({ "text": "a < b & c" }));
    let mut group = outgoing(Content::text("x"));
    group.to = "group:1578398451921985538".to_owned();
    assert!(
        sent(&group)
            .await
            .head
            .starts_with("POST /2/dm_conversations/1578398451921985538/messages ")
    );
}

#[tokio::test]
async fn an_upload_goes_by_its_id() {
    let media = Media {
        id: Some("1455952740635586573".to_owned()),
        text: Some("look".to_owned()),
        ..Media::default()
    };
    let body = sent(&outgoing(Content::Image(media))).await.body;
    assert_eq!(
        body,
        json!({ "attachments": [{ "media_id": "1455952740635586573" }], "text": "look" })
    );
}

#[tokio::test]
async fn what_x_would_refuse_is_not_even_tried() {
    let to = |to: &str| Outgoing {
        to: to.to_owned(),
        ..outgoing(Content::text("x"))
    };
    let linked = Media {
        url: Some("https://example.com/a.jpg".to_owned()),
        ..Media::default()
    };
    for wanted in [
        to(""),
        to("@ann"),
        to("1/../me"),
        to("group:"),
        outgoing(Content::text("\n")),
        outgoing(Content::text("x".repeat(10_001))),
        outgoing(Content::Image(linked)),
        outgoing(Content::Document(Media::default())),
        outgoing(Content::Interactive {
            text: "x".to_owned(),
            body: json!({}),
        }),
        outgoing(Content::Note {
            text: "secret".to_owned(),
        }),
    ] {
        let error = send(&account("http://127.0.0.1:1"), &wanted).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "invalid_message"),
            "{error}"
        );
    }
}
