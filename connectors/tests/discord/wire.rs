//! What goes over the wire for each kind of content, and what is refused before it does.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError, http_client};
use switchboard_domain::{ChannelAccount, Content, Media, MessageId};

use crate::{
    account::{TOKEN, account, discord},
    provider::{Provider, Request},
};

pub const ACCEPTED: &str = r#"{"id":"1428340152870605010","channel_id":"7","content":"x"}"#;

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "7".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    discord().send(&client(), account, outgoing).await
}

async fn sent(outgoing: &Outgoing) -> Request {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    send(&account(&provider.url()), outgoing).await.unwrap();
    provider.requests.recv().await.unwrap()
}

async fn body_of(content: Content) -> Value {
    sent(&outgoing(content)).await.body
}

fn file(text: Option<&str>) -> Media {
    Media {
        url: Some("https://example.com/a".to_owned()),
        text: text.map(str::to_owned),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_text_goes_to_the_channel_as_our_bot_and_can_be_repeated() {
    let mut answer = outgoing(Content::text("@everyone <@1> hello"));
    answer.reply_to = Some("1428340152870604939#2".to_owned());
    let request = sent(&answer).await;
    assert!(
        request
            .head
            .starts_with("POST /api/v10/channels/7/messages HTTP/1.1\r\n"),
        "{}",
        request.head
    );
    assert!(request.head.contains(&format!("authorization: Bot {TOKEN}")));
    assert!(
        request.head.contains("user-agent: DiscordBot ("),
        "{}",
        request.head
    );
    assert_eq!(
        request.body,
        json!({ "content": "@everyone <@1> hello", "allowed_mentions": { "parse": [], "replied_user": true },
            "nonce": "sASNFZ4mrze8BI0VniavN7w", "enforce_nonce": true,
            "message_reference": { "message_id": "1428340152870604939", "fail_if_not_exists": false } })
    );
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let receipt = send(&account(&provider.url()), &answer).await.unwrap();
    assert_eq!(
        (receipt.provider_message_id.as_str(), receipt.contact_address),
        ("1428340152870605010", None)
    );
    assert_eq!(
        provider.requests.recv().await.unwrap().body["nonce"],
        request.body["nonce"]
    );
}

#[tokio::test]
async fn pictures_are_shown_and_other_files_linked() {
    let picture = body_of(Content::Image(file(Some("look")))).await;
    assert_eq!(
        (&picture["content"], &picture["embeds"]),
        (
            &json!("look"),
            &json!([{ "image": { "url": "https://example.com/a" } }])
        )
    );
    assert!(body_of(Content::Image(file(None))).await.get("content").is_none());
    let linked = body_of(Content::Document(file(Some("the invoice")))).await;
    assert_eq!(linked["content"], "the invoice\nhttps://example.com/a");
    let sticker = Media {
        id: Some("749054660769218631".to_owned()),
        ..Media::default()
    };
    assert_eq!(
        body_of(Content::Sticker(sticker)).await["sticker_ids"],
        json!(["749054660769218631"])
    );
}

#[tokio::test]
async fn components_go_as_they_are() {
    let rows = json!([{ "type": 1, "components": [] }]);
    for body in [rows.clone(), json!({ "components": rows })] {
        let sent = body_of(Content::Interactive {
            text: "Choose".to_owned(),
            body,
        })
        .await;
        assert_eq!((&sent["components"], &sent["content"]), (&rows, &json!("Choose")));
    }
}

#[tokio::test]
async fn a_reaction_is_put_on_its_message() {
    let reaction = |on: &str, emoji: Option<&str>| {
        outgoing(Content::Reaction {
            provider_message_id: on.to_owned(),
            emoji: emoji.map(str::to_owned),
        })
    };
    for (emoji, path) in [
        ("👍", "%F0%9F%91%8D"),
        (":sad:45:", "sad:45"),
        ("<:sad:45>", "sad:45"),
    ] {
        let mut provider = Provider::answering(204, "", "").await;
        let receipt = send(&account(&provider.url()), &reaction("3#1", Some(emoji)))
            .await
            .unwrap();
        assert!(!receipt.provider_message_id.is_empty());
        let head = provider.requests.recv().await.unwrap().head;
        let line = format!("PUT /api/v10/channels/7/messages/3/reactions/{path}/@me HTTP/1.1");
        assert!(head.starts_with(&line), "{head}");
    }
    for (on, emoji) in [
        ("3", None),
        ("3", Some("")),
        ("3", Some(":sad:")),
        ("3", Some("a/../b")),
        ("x", Some("👍")),
    ] {
        let wanted = reaction(on, emoji);
        let outcome = send(&account("http://127.0.0.1:1"), &wanted).await;
        let escaped = emoji == Some("a/../b");
        assert!(
            outcome.is_err_and(|error| escaped || error.code == "invalid_message"),
            "{emoji:?}"
        );
    }
}

#[tokio::test]
async fn what_discord_would_refuse_is_not_even_tried() {
    let mut nowhere = outgoing(Content::text("x"));
    nowhere.to = "../users".to_owned();
    for wanted in [
        nowhere,
        outgoing(Content::text(" ")),
        outgoing(Content::text("x".repeat(2001))),
        outgoing(Content::Document(file(Some(&"x".repeat(1990))))),
        outgoing(Content::Image(Media::default())),
        outgoing(Content::Image(Media {
            url: Some("file:///x".to_owned()),
            ..Media::default()
        })),
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
        let error = send(&account("http://127.0.0.1:1"), &wanted).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "invalid_message"),
            "{error}"
        );
    }
}
