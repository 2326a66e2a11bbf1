//! What goes out, and what each outcome of it means.

use std::time::Duration;

use serde_json::json;
use switchboard_connectors::{
    Outgoing, REQUEST_TIMEOUT, Receipt, SendDecision, SendError,
    standard_webhooks::{self, Key},
};
use switchboard_domain::{ChannelAccount, Clock, Content, Media, MessageId, Secret};
use tokio::net::TcpListener;

use crate::{
    account::{SECRET, account, client, custom, set_secret},
    provider::{Provider, Reply, Request},
};

const MESSAGE_ID: &str = "0123456789abcdef0123456789abcdef";
const TOKEN: &str = "very-secret-token";

fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from(MESSAGE_ID),
        to: "customer-42".to_owned(),
        content,
        reply_to: Some("m_1".to_owned()),
        thread: None,
        files: Vec::new(),
    }
}

async fn send(account: &ChannelAccount, content: Content) -> Result<Receipt, SendError> {
    custom().send(&client(), account, &outgoing(content)).await
}

async fn outcome(status: u16, headers: &str, body: &str) -> Result<Receipt, SendError> {
    let provider = Provider::answering(status, headers, body).await;
    let mut account = account(&provider.url());
    set_secret(&mut account, "access_token", TOKEN);
    send(&account, Content::text("hello")).await
}

/// What the receiver finds with a library of its own.
fn is_signed(request: &Request, key: &str) -> bool {
    let mut headers = http::HeaderMap::new();
    for line in request.head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        headers.insert(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let keys = [Key::parse(&Secret::new(key)).unwrap()];
    let id = standard_webhooks::verify(
        &keys,
        &headers,
        request.body.to_string().as_bytes(),
        Clock::system().now(),
    );
    id.is_ok_and(|id| id == MESSAGE_ID)
}

#[tokio::test]
async fn a_message_is_posted_signed_under_its_own_id() {
    let mut provider = Provider::answering(200, "", "").await;
    let mut target = account(&format!("{}/in?team=7", provider.url()));
    let receipt = send(&target, Content::text("hello")).await.unwrap();
    assert_eq!(receipt.provider_message_id, MESSAGE_ID);
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request.head.starts_with("POST /in?team=7 HTTP/1.1"),
        "{}",
        request.head
    );
    assert!(request.head.contains("content-type: application/json"));
    assert!(!request.head.contains("authorization"));
    assert!(is_signed(&request, SECRET));
    assert!(!is_signed(&request, "whsec_b3RoZXIgc2VjcmV0"));
    let expected = json!({ "type": "message.outbound", "data": {
        "message_id": MESSAGE_ID, "account_id": "custom-test", "to": "customer-42", "reply_to": "m_1",
        "content": { "type": "text", "text": "hello" },
    } });
    assert_eq!(request.body, expected);

    set_secret(&mut target, "access_token", TOKEN);
    set_secret(
        &mut target,
        "signing_secret",
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
    );
    let private =
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    set_secret(&mut target, "sending_secret", private);
    send(&target, Content::text("hello")).await.unwrap();
    let request = provider.requests.recv().await.unwrap();
    assert!(request.head.contains(&format!("authorization: Bearer {TOKEN}")));
    assert!(is_signed(
        &request,
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
    ));
}

#[tokio::test]
async fn any_2xx_is_a_yes_and_may_name_the_message() {
    for (status, body, id) in [
        (200, r#"{"id":"r1"}"#, "r1"),
        (201, r#"{"message_id":"r2","id":"x"}"#, "r2"),
        (202, r#"{"data":{"id":"r3"}}"#, "r3"),
        (204, "", MESSAGE_ID),
        (200, "OK", MESSAGE_ID),
        (200, r#"{"id":""}"#, MESSAGE_ID),
        (200, r#"{"id":7}"#, MESSAGE_ID),
        (200, "[]", MESSAGE_ID),
    ] {
        assert_eq!(
            outcome(status, "", body).await.unwrap().provider_message_id,
            id,
            "{body}"
        );
    }
}

#[tokio::test]
async fn the_status_decides() {
    let wait = |secs| SendDecision::RetryAfter(Duration::from_secs(secs));
    for (status, headers, decision, token_rejected) in [
        (400, "", SendDecision::GiveUp, false),
        (401, "", SendDecision::GiveUp, true),
        (403, "", SendDecision::GiveUp, false),
        (404, "", SendDecision::GiveUp, false),
        (410, "", SendDecision::GiveUp, false),
        (302, "location: /elsewhere\r\n", SendDecision::GiveUp, false),
        (408, "", SendDecision::Retry, false),
        (429, "", SendDecision::Retry, false),
        (429, "retry-after: 17\r\n", wait(17), false),
        (500, "", SendDecision::Retry, false),
        (503, "retry-after: 2\r\n", wait(2), false),
    ] {
        let error = outcome(status, headers, &format!("<html>{TOKEN} {SECRET}"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token_rejected),
            "{status}"
        );
        assert_eq!(error.code, format!("http_{status}"));
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(TOKEN) && !shown.contains(SECRET));
    }
}

/// The receiver knows a repetition by its id.
#[tokio::test]
async fn what_nobody_knows_is_tried_again() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"messages\":[";
    for reply in [
        Reply::Cut,
        Reply::Bytes(half.to_owned()),
        Reply::Bytes("SMTP\r\n".to_owned()),
    ] {
        let mut provider = Provider::start(reply).await;
        let error = send(&account(&provider.url()), Content::text("x"))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::Retry, "{error}");
        assert!(provider.requests.recv().await.is_some());
        assert!(
            provider.requests.try_recv().is_err(),
            "that is the worker's business"
        );
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = send(&account(&format!("http://{address}")), Content::text("x"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Retry, "unreachable")
    );
    assert!(custom().capabilities().idempotent_send);
}

#[tokio::test]
async fn silence_is_tried_again_too() {
    let mut provider = Provider::start(Reply::Silence).await;
    let account = account(&provider.url());
    let sending = tokio::spawn(async move { send(&account, Content::text("x")).await });
    provider.requests.recv().await.unwrap();
    assert!(!sending.is_finished());
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Retry, "timeout")
    );
}

#[tokio::test]
async fn what_cannot_go_out_is_refused_before_anybody_is_asked() {
    let target = account("http://127.0.0.1:1");
    for content in [
        Content::text(""),
        Content::text("x".repeat(65_537)),
        Content::Note {
            text: "among us".to_owned(),
        },
        Content::System {
            text: "moved".to_owned(),
        },
        Content::Unsupported { kind: "x".to_owned() },
        Content::Deleted,
        Content::Image(Media::default()),
    ] {
        let error = send(&target, content.clone()).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "invalid_message"),
            "{content:?}"
        );
    }
    let nowhere = Outgoing {
        to: " ".to_owned(),
        ..outgoing(Content::text("x"))
    };
    let error = custom().send(&client(), &target, &nowhere).await.unwrap_err();
    assert_eq!(error.code, "invalid_message");
    let error = custom().mark_read(&client(), &target, "m_1").await.unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "not_supported")
    );
}

#[tokio::test]
async fn an_account_that_cannot_send_says_why() {
    let good = || account("http://127.0.0.1:1");
    let (mut no_url, mut bad_url, mut no_secret, mut public) = (good(), good(), good(), good());
    no_url.settings.api_base_url = None;
    bad_url.settings.api_base_url = Some("ftp://hub.example".to_owned());
    no_secret.secrets.0.clear();
    set_secret(
        &mut public,
        "signing_secret",
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
    );
    for account in [no_url, bad_url, no_secret, public] {
        let error = send(&account, Content::text("x")).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
    }
}

#[tokio::test]
async fn a_ping_shows_whether_the_receiver_is_there() {
    let mut provider = Provider::answering(204, "", "").await;
    let answer = custom()
        .check_credentials(&client(), &account(&provider.url()))
        .await;
    assert_eq!(answer, Ok(None));
    let request = provider.requests.recv().await.unwrap();
    assert_eq!(request.body, json!({ "type": "ping", "data": {} }));
    assert!(request.head.contains("webhook-signature: v1,"));
    let refusing = Provider::answering(401, "", "").await;
    let error = custom()
        .check_credentials(&client(), &account(&refusing.url()))
        .await
        .unwrap_err();
    assert!(error.token_rejected);
}
