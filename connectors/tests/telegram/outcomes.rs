//! Sending, and what holds of every outcome whatever the channel: taken, not taken, or nobody knows.

use std::time::Duration;

use switchboard_connectors::{Outgoing, REQUEST_TIMEOUT, Receipt, SendDecision, SendError, http_client};
use switchboard_domain::{ChannelAccount, Content, MessageId};
use tokio::net::TcpListener;

use crate::{
    account::{ACCEPTED, CONTACT, TOKEN, WHEN_LOST, account, connector},
    provider::{Provider, Reply, Request},
};

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        message_id: MessageId::from("0123456789abcdef0123456789abcdef"),
        to: CONTACT.to_owned(),
        content,
        reply_to: None,
        thread: None,
        files: Vec::new(),
    }
}

pub async fn send(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Receipt, SendError> {
    connector().send(&client(), account, outgoing).await
}

/// What went out, for a provider that takes everything.
pub async fn sent(outgoing: &Outgoing) -> Request {
    let mut provider = Provider::answering(200, "", ACCEPTED).await;
    send(&account(Some(provider.url())), outgoing).await.unwrap();
    let request = provider.asked().await;
    assert!(provider.is_quiet());
    request
}

pub async fn outcome(status: u16, headers: &str, body: &str) -> Result<Receipt, SendError> {
    let provider = Provider::answering(status, headers, body).await;
    send(&account(Some(provider.url())), &outgoing(Content::text("hello"))).await
}

pub async fn failure(status: u16, headers: &str, body: &str) -> SendError {
    let error = outcome(status, headers, body).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    error
}

/// The refusal of something that must not even be tried: the account points nowhere.
pub async fn refused(outgoing: &Outgoing) -> SendError {
    let error = send(&account(Some("http://127.0.0.1:1".to_owned())), outgoing)
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::GiveUp, "{error}");
    assert_eq!(error.code, "invalid_message", "{error}");
    error
}

#[tokio::test]
async fn without_a_reason_the_status_decides() {
    for (status, headers, decision) in [
        (400, "", SendDecision::GiveUp),
        (403, "", SendDecision::GiveUp),
        (302, "location: /elsewhere\r\n", SendDecision::GiveUp),
        (429, "", SendDecision::Retry),
        (
            429,
            "retry-after: 17\r\n",
            SendDecision::RetryAfter(Duration::from_secs(17)),
        ),
        (500, "", SendDecision::Retry),
        (
            503,
            "retry-after: 2\r\n",
            SendDecision::RetryAfter(Duration::from_secs(2)),
        ),
    ] {
        let error = failure(status, headers, "<html>a proxy's page</html>").await;
        assert_eq!(error.decision, decision, "{status}");
        assert_eq!(error.code, format!("http_{status}"));
        assert!(!error.token_rejected);
    }
    let refused = failure(401, "", "nonsense").await;
    assert_eq!(
        (refused.decision, refused.token_rejected),
        (SendDecision::GiveUp, true)
    );
}

#[tokio::test]
async fn a_yes_that_cannot_be_read_may_have_been_one() {
    for body in ["<html>", "", "null", "[]", "\"ok\""] {
        assert_eq!(failure(200, "", body).await.decision, WHEN_LOST, "{body}");
    }
    let endless = "x".repeat(300_000);
    assert_eq!(failure(200, "", &endless).await.decision, WHEN_LOST);
}

#[tokio::test]
async fn a_connection_that_breaks_off_may_have_been_too_late() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"";
    for reply in [
        Reply::Cut,
        Reply::Bytes(half.to_owned()),
        Reply::Bytes("SMTP\r\n".to_owned()),
    ] {
        let mut provider = Provider::start(reply).await;
        let account = account(Some(provider.url()));
        let error = send(&account, &outgoing(Content::text("x"))).await.unwrap_err();
        assert_eq!(error.decision, WHEN_LOST, "{error}");
        provider.asked().await;
        assert!(provider.is_quiet(), "it must not be sent a second time");
    }
    // An error status is a clear no, however little of its body comes.
    let cut_error = "HTTP/1.1 503 X\r\ncontent-length: 500\r\n\r\n{";
    let provider = Provider::start(Reply::Bytes(cut_error.to_owned())).await;
    let account = account(Some(provider.url()));
    let error = send(&account, &outgoing(Content::text("x"))).await.unwrap_err();
    assert_eq!(error.decision, SendDecision::Retry);
}

#[tokio::test]
async fn silence_may_be_anything_once_the_request_is_out() {
    let mut provider = Provider::start(Reply::Silence).await;
    let account = account(Some(provider.url()));
    let sending = tokio::spawn(async move { send(&account, &outgoing(Content::text("x"))).await });
    provider.asked().await;
    assert!(!sending.is_finished());
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!((error.decision, error.code.as_str()), (WHEN_LOST, "timeout"));
}

#[tokio::test]
async fn a_provider_that_was_never_reached_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let account = account(Some(format!("http://{address}")));
    let error = send(&account, &outgoing(Content::text("x"))).await.unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Retry, "unreachable")
    );
}

#[tokio::test]
async fn an_account_that_cannot_send_says_why() {
    let mut no_token = account(Some("http://127.0.0.1:1".to_owned()));
    no_token.secrets.0.clear();
    let mut no_url = account(Some("ftp://example.com".to_owned()));
    no_url.settings.provider_account_id = None;
    for account in [&no_token, &no_url] {
        let error = send(account, &outgoing(Content::text("x"))).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
        assert!(
            connector()
                .check_account(&account.settings, &account.secrets)
                .is_err()
        );
    }
    let good = account(None);
    assert_eq!(connector().check_account(&good.settings, &good.secrets), Ok(()));
}

#[tokio::test]
async fn nothing_empty_or_internal_goes_out() {
    for content in [
        Content::text(" \n"),
        Content::Note {
            text: "internal".to_owned(),
        },
        Content::System {
            text: "said by nobody".to_owned(),
        },
        Content::Choice {
            text: "x".to_owned(),
            payload: None,
        },
        Content::Order {
            text: String::new(),
            products: Vec::new(),
        },
        Content::Unsupported { kind: "x".to_owned() },
        Content::Deleted,
        Content::Template {
            name: "x".to_owned(),
            language: "en".to_owned(),
            components: Vec::new(),
        },
        Content::Contacts {
            text: String::new(),
            contacts: Vec::new(),
        },
        Content::Image(switchboard_domain::Media::default()),
        Content::Location {
            latitude: f64::NAN,
            longitude: 0.0,
            name: None,
            address: None,
        },
        Content::Interactive {
            text: "Choose".to_owned(),
            body: serde_json::json!({}),
        },
    ] {
        refused(&outgoing(content)).await;
    }
    let mut nowhere = outgoing(Content::text("x"));
    nowhere.to = " ".to_owned();
    refused(&nowhere).await;
}

#[tokio::test]
async fn reading_is_not_told() {
    let error = connector()
        .mark_read(&client(), &account(None), "1")
        .await
        .unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "not_supported")
    );
    assert!(!connector().capabilities().read_receipts);
}
