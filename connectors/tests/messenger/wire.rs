//! What goes over the wire for each kind of content, and what is refused before it does.

use serde_json::{Value, json};
use switchboard_connectors::{Outgoing, Receipt, SendDecision, SendError, http_client};
use switchboard_domain::{ChannelAccount, Content, Media, MessageId};

use crate::{
    account::{TOKEN, account, messenger},
    provider::{Provider, Request},
};

pub const ACCEPTED: &str = r#"{"recipient_id":"987654321432","message_id":"m_sent"}"#;

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: "987654321432".to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    messenger().send(&client(), account, outgoing).await
}

async fn sent(outgoing: &Outgoing) -> Request {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let receipt = send(&account(Some(provider.url())), outgoing).await.unwrap();
    assert_eq!(receipt.provider_message_id, "m_sent");
    provider.requests.recv().await.unwrap()
}

async fn message_of(content: Content) -> Value {
    let mut body = sent(&outgoing(content)).await.body;
    assert_eq!(body["recipient"], json!({ "id": "987654321432" }));
    let message = body["message"].as_object_mut().unwrap();
    let metadata = message.remove("metadata").unwrap();
    assert_eq!(metadata, "switchboard:0123456789abcdef0123456789abcdef");
    body["message"].take()
}

/// The refusal of something that must not even be tried: the account points nowhere.
async fn refused(content: Content) -> SendError {
    let error = send(
        &account(Some("http://127.0.0.1:1".to_owned())),
        &outgoing(content),
    )
    .await
    .unwrap_err();
    assert_eq!(error.decision, SendDecision::GiveUp, "{error}");
    assert_eq!(error.code, "invalid_message", "{error}");
    error
}

fn file(url: &str) -> Media {
    Media {
        url: Some(url.to_owned()),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_text_goes_to_the_page_with_the_token_in_a_header() {
    let request = sent(&outgoing(Content::text("Hello 👋"))).await;
    let head = request.head.to_lowercase();
    assert!(
        head.starts_with("post /v23.0/12345654332/messages http/1.1"),
        "{head}"
    );
    assert!(head.contains(&format!("authorization: bearer {}", TOKEN.to_lowercase())));
    assert_eq!(
        request.body,
        json!({
            "recipient": { "id": "987654321432" },
            "messaging_type": "RESPONSE",
            "message": { "text": "Hello 👋", "metadata": "switchboard:0123456789abcdef0123456789abcdef" },
        })
    );
}

#[tokio::test]
async fn a_page_that_is_not_named_is_the_one_of_the_token() {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let mut account = account(Some(format!("{}/proxy/", provider.url())));
    account.settings.provider_account_id = None;
    account
        .settings
        .other
        .insert("graph_version".to_owned(), "v19.0".into());
    send(&account, &outgoing(Content::text("x"))).await.unwrap();
    let head = provider.requests.recv().await.unwrap().head;
    assert!(head.starts_with("POST /proxy/v19.0/me/messages"), "{head}");
}

#[tokio::test]
async fn an_answer_quotes_the_message_and_not_one_of_its_parts() {
    for (quoted, mid) in [
        ("m_1", json!({ "mid": "m_1" })),
        ("m_1#2", json!({ "mid": "m_1" })),
        ("m_1#x", json!({ "mid": "m_1#x" })),
        ("postback:987654321432:1458692752478", Value::Null),
        ("reaction:m_1:react:9:1", Value::Null),
    ] {
        let answer = Outgoing {
            reply_to: Some(quoted.to_owned()),
            ..outgoing(Content::text("x"))
        };
        assert_eq!(sent(&answer).await.body["reply_to"], mid, "{quoted}");
    }
}

#[tokio::test]
async fn whoever_has_no_id_is_written_to_by_reference() {
    let to_guest = Outgoing {
        to: "7f1c-guest".to_owned(),
        ..outgoing(Content::text("x"))
    };
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    let receipt = send(&account(Some(provider.url())), &to_guest).await.unwrap();
    assert_eq!(
        receipt.contact_address.as_deref(),
        Some("987654321432"),
        "now they have one"
    );
    let body = provider.requests.recv().await.unwrap().body;
    assert_eq!(body["recipient"], json!({ "user_ref": "7f1c-guest" }));
}

#[tokio::test]
async fn files_go_by_address_or_by_id() {
    let url = "https://hub.example.com/files/1";
    for (content, kind) in [
        (Content::Image(file(url)), "image"),
        (Content::Video(file(url)), "video"),
        (Content::Audio(file(url)), "audio"),
        (Content::Document(file(url)), "file"),
    ] {
        let expected = json!({ "attachment": { "type": kind, "payload": { "url": url } } });
        assert_eq!(message_of(content).await, expected);
    }
    let kept = Media {
        id: Some("1857777774821032".to_owned()),
        ..Media::default()
    };
    let expected =
        json!({ "attachment": { "type": "image", "payload": { "attachment_id": "1857777774821032" } } });
    assert_eq!(message_of(Content::Image(kept)).await, expected);
}

#[tokio::test]
async fn choices_go_in_metas_own_form() {
    let replies = json!([{ "content_type": "text", "title": "Red", "payload": "RED" }]);
    let content = Content::Interactive {
        text: "Which colour?".to_owned(),
        body: json!({ "quick_replies": replies }),
    };
    let expected = json!({ "text": "Which colour?", "quick_replies": replies });
    assert_eq!(message_of(content).await, expected);
    let template = json!({ "type": "template", "payload": { "template_type": "button", "text": "Which colour?",
        "buttons": [{ "type": "postback", "title": "Red", "payload": "RED" }] } });
    let content = Content::Interactive {
        text: String::new(),
        body: json!({ "attachment": template }),
    };
    assert_eq!(message_of(content).await, json!({ "attachment": template }));
}

#[tokio::test]
async fn a_template_is_sent_for_use_outside_the_window() {
    let content = Content::Template {
        name: "order_update".to_owned(),
        language: "en".to_owned(),
        components: vec![json!({ "type": "body", "parameters": [{ "type": "text", "text": "7" }] })],
    };
    let body = sent(&outgoing(content)).await.body;
    assert_eq!(body["messaging_type"], "UTILITY");
    assert_eq!(body["message"]["template"]["name"], "order_update");
    assert_eq!(body["message"]["template"]["language"], json!({ "code": "en" }));
    assert_eq!(body["message"]["template"]["components"][0]["type"], "body");
}

#[tokio::test]
async fn what_messenger_would_refuse_is_refused_before() {
    let interactive = |body: Value| Content::Interactive {
        text: "Choose".to_owned(),
        body,
    };
    let reply = |title: &str| json!({ "content_type": "text", "title": title, "payload": "P" });
    let many = vec![reply("a"); 14];
    let captioned = Media {
        text: Some("caption".to_owned()),
        ..file("https://example.com/x")
    };
    let impossible = [
        Content::text(" "),
        Content::text("é".repeat(2001)),
        Content::Image(captioned),
        Content::Image(file("ftp://example.com/x")),
        Content::Image(Media::default()),
        Content::Sticker(file("https://example.com/x")),
        Content::Location {
            latitude: 0.0,
            longitude: 0.0,
            name: None,
            address: None,
        },
        Content::Reaction {
            provider_message_id: "m_1".to_owned(),
            emoji: Some("❤️".to_owned()),
        },
        Content::Note { text: "x".to_owned() },
        Content::Deleted,
        interactive(json!("x")),
        interactive(json!({})),
        interactive(json!({ "quick_replies": [] })),
        interactive(json!({ "quick_replies": many })),
        interactive(json!({ "quick_replies": [reply("")] })),
        interactive(json!({ "quick_replies": [reply("more than twenty characters")] })),
        interactive(json!({ "attachment": { "payload": { "buttons": [1, 2, 3, 4] } } })),
        Content::Template {
            name: String::new(),
            language: "en".to_owned(),
            components: Vec::new(),
        },
    ];
    for content in impossible {
        let shown = format!("{content:?}");
        let error = refused(content).await;
        assert!(error.message.ends_with('.'), "{shown}: {error}");
    }
    assert_eq!(
        message_of(Content::text("é".repeat(2000))).await["text"],
        "é".repeat(2000)
    );
    let own_number = json!({ "quick_replies": [{ "content_type": "user_phone_number" }] });
    message_of(interactive(own_number)).await;
}
