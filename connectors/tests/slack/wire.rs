//! What goes over the wire for each kind of content, and what is refused before it does.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError, http_client};
use switchboard_domain::{ChannelAccount, Content, Media, MessageId};

use crate::{
    account::{TOKEN, account, slack},
    provider::{Provider, Request},
};

pub const ACCEPTED: &str = r#"{"ok":true,"channel":"C1","ts":"1700000009.000100","message":{}}"#;

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "C1".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    slack().send(&client(), account, outgoing).await
}

async fn sent(outgoing: &Outgoing) -> (Request, Receipt) {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let receipt = send(&account(&provider.url()), outgoing).await.unwrap();
    (provider.requests.recv().await.unwrap(), receipt)
}

async fn body_of(content: Content) -> Value {
    sent(&outgoing(content)).await.0.body
}

async fn refused(outgoing: &Outgoing) {
    let error = send(&account("http://127.0.0.1:1"), outgoing).await.unwrap_err();
    let found = (error.decision, error.code.as_str());
    assert_eq!(found, (SendDecision::GiveUp, "invalid_message"), "{error}");
}

fn file(name: &str) -> Media {
    Media {
        url: Some("https://example.com/a?b=1&c=2".to_owned()),
        file_name: Some(name.to_owned()),
        text: Some("see <this>".to_owned()),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_text_is_escaped_and_carries_our_id_and_token() {
    let (request, receipt) = sent(&outgoing(Content::text("<!channel> 1 & 2"))).await;
    assert!(
        request
            .head
            .starts_with("POST /api/chat.postMessage HTTP/1.1\r\n")
    );
    assert!(request.head.contains(&format!("authorization: Bearer {TOKEN}")));
    assert_eq!(request.head.matches("content-type: ").count(), 1);
    assert_eq!(
        request.body,
        json!({ "channel": "C1", "text": "&lt;!channel&gt; 1 &amp; 2", "metadata": { "event_type": "switchboard_message",
            "event_payload": { "message_id": "0123456789abcdef0123456789abcdef" } } })
    );
    assert_eq!(receipt.provider_message_id, "C1:1700000009.000100");
    assert_eq!(receipt.contact_address, None);
}

#[tokio::test]
async fn a_person_is_written_to_in_the_channel_that_slack_opens() {
    let mut to_person = outgoing(Content::text("x"));
    to_person.to = "U7".to_owned();
    let (request, receipt) = sent(&to_person).await;
    assert_eq!(
        (
            request.body["channel"].as_str(),
            receipt.contact_address.as_deref()
        ),
        (Some("U7"), Some("C1"))
    );
}

#[tokio::test]
async fn answers_go_into_threads() {
    for (to, reply_to, channel, thread) in [
        ("C1:4.0", None, "C1", Some("4.0")),
        ("C1:4.0", Some("C1:5.0"), "C1", Some("4.0")),
        ("C1", Some("C1:5.0"), "C1", Some("5.0")),
        ("C1", Some("C1:5.0#2"), "C1", Some("5.0")),
        ("D1", Some("C1:5.0"), "C1", Some("5.0")),
        ("D1:4.0", Some("C1:5.0"), "C1", Some("5.0")),
        ("D1", None, "D1", None),
        ("D1", Some("odd"), "D1", None),
    ] {
        let mut answer = outgoing(Content::text("x"));
        answer.to = to.to_owned();
        answer.reply_to = reply_to.map(str::to_owned);
        let (request, receipt) = sent(&answer).await;
        let found = (
            request.body["channel"].as_str(),
            request.body["thread_ts"].as_str(),
        );
        assert_eq!(found, (Some(channel), thread), "{to} {reply_to:?}");
        assert!(receipt.contact_address.is_none() || !to.contains(':'));
    }
}

#[tokio::test]
async fn pictures_are_shown_and_other_files_linked() {
    let picture = body_of(Content::Image(file("a.png"))).await;
    assert_eq!(picture["text"], "see &lt;this&gt;");
    assert_eq!(picture["blocks"][0]["text"]["text"], "see &lt;this&gt;");
    assert_eq!(
        picture["blocks"][1],
        json!({ "type": "image", "image_url": "https://example.com/a?b=1&c=2", "alt_text": "a.png" })
    );
    let own = Media {
        id: Some("F1".to_owned()),
        ..Media::default()
    };
    let own = body_of(Content::Image(own)).await;
    assert_eq!(
        own["blocks"],
        json!([{ "type": "image", "slack_file": { "id": "F1" }, "alt_text": "Image" }])
    );
    let linked = body_of(Content::Document(file("a|b.pdf"))).await;
    assert_eq!(
        linked["text"],
        "see &lt;this&gt;\n<https://example.com/a?b=1&amp;c=2|a-b.pdf>"
    );
}

#[tokio::test]
async fn blocks_go_as_they_are() {
    let blocks = json!([{ "type": "actions", "elements": [] }]);
    for body in [blocks.clone(), json!({ "blocks": blocks })] {
        let sent = body_of(Content::Interactive {
            text: "Choose".to_owned(),
            body,
        })
        .await;
        assert_eq!((&sent["blocks"], &sent["text"]), (&blocks, &json!("Choose")));
    }
}

#[tokio::test]
async fn a_reaction_is_named_in_slacks_way() {
    let reaction = |on: &str, emoji: Option<&str>| {
        outgoing(Content::Reaction {
            provider_message_id: on.to_owned(),
            emoji: emoji.map(str::to_owned),
        })
    };
    let (request, receipt) = sent(&reaction("C1:5.0#1", Some("👍"))).await;
    assert!(request.head.starts_with("POST /api/reactions.add "));
    assert_eq!(
        request.body,
        json!({ "channel": "C1", "timestamp": "5.0", "name": "+1" })
    );
    assert!(!receipt.provider_message_id.is_empty());
    let again = Provider::answering(200, "", r#"{"ok":false,"error":"already_reacted"}"#).await;
    assert!(
        send(&account(&again.url()), &reaction("C1:5.0", Some(":tada:")))
            .await
            .is_ok()
    );
    for (on, emoji) in [("C1:5.0", None), ("C1:5.0", Some("🦖")), ("5.0", Some("👍"))] {
        refused(&reaction(on, emoji)).await;
    }
}

#[tokio::test]
async fn what_slack_would_refuse_is_not_even_tried() {
    let mut nowhere = outgoing(Content::text("x"));
    nowhere.to = " ".to_owned();
    let local = Media {
        url: Some("file:///etc/passwd".to_owned()),
        ..Media::default()
    };
    let many = json!(vec![json!({}); 51]);
    for refused_one in [
        nowhere,
        outgoing(Content::text(" ")),
        outgoing(Content::text("x".repeat(4001))),
        outgoing(Content::Image(local)),
        outgoing(Content::Document(Media::default())),
        outgoing(Content::Interactive {
            text: "x".to_owned(),
            body: many,
        }),
        outgoing(Content::Interactive {
            text: "x".to_owned(),
            body: json!({}),
        }),
        outgoing(Content::Location {
            latitude: 1.0,
            longitude: 1.0,
            name: None,
            address: None,
        }),
        outgoing(Content::Note {
            text: "secret".to_owned(),
        }),
    ] {
        refused(&refused_one).await;
    }
}
