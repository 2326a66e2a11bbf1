//! What each outcome of an exchange means: taken, not taken, or nobody knows.

use std::time::Duration;

use switchboard_connectors::{REQUEST_TIMEOUT, Receipt, SendDecision, SendError};
use switchboard_domain::{AccountSecrets, Content};

use crate::{
    account::{TOKEN, account, slack},
    provider::{Provider, Reply},
    wire::{client, outgoing, send},
};

async fn outcome(status: u16, headers: &str, body: &str) -> Result<Receipt, SendError> {
    let provider = Provider::answering(status, headers, body).await;
    send(&account(&provider.url()), &outgoing(Content::text("hello"))).await
}

async fn failure(status: u16, headers: &str, body: &str) -> SendError {
    outcome(status, headers, body).await.unwrap_err()
}

fn refusal(code: &str) -> String {
    format!(r#"{{"ok":false,"error":"{code}"}}"#)
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_code_whatever_the_status() {
    for (code, decision) in [
        ("internal_error", SendDecision::Retry),
        ("fatal_error", SendDecision::Retry),
        ("service_unavailable", SendDecision::Retry),
        ("request_timeout", SendDecision::Retry),
        ("ratelimited", SendDecision::Retry),
        ("channel_not_found", SendDecision::GiveUp),
        ("not_in_channel", SendDecision::GiveUp),
        ("is_archived", SendDecision::GiveUp),
        ("msg_too_long", SendDecision::GiveUp),
        ("missing_scope", SendDecision::GiveUp),
        ("something_new", SendDecision::GiveUp),
    ] {
        let error = failure(200, "", &refusal(code)).await;
        assert_eq!((error.decision, error.code.as_str()), (decision, code));
        assert!(!error.token_rejected && error.message.len() > 20, "{error}");
    }
    assert!(
        failure(200, "", &refusal("not_in_channel"))
            .await
            .message
            .contains("Invite")
    );
}

#[tokio::test]
async fn a_refused_token_is_said_to_be_one_and_never_shown() {
    for code in [
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
    ] {
        let error = failure(200, "", &refusal(code)).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (SendDecision::GiveUp, true),
            "{code}"
        );
    }
    for status in [200, 400, 401, 500] {
        let error = failure(status, "", &refusal(&format!("bad {TOKEN}"))).await;
        assert!(!format!("{error} {error:?}").contains(TOKEN));
        assert_eq!(error.token_rejected, status == 401);
    }
}

#[tokio::test]
async fn slack_says_how_long_to_wait() {
    let wait = SendDecision::RetryAfter(Duration::from_secs(30));
    for body in [refusal("ratelimited"), "{}".to_owned(), String::new()] {
        let error = failure(429, "retry-after: 30\r\n", &body).await;
        assert_eq!(error.decision, wait, "{body}");
    }
}

#[tokio::test]
async fn without_a_code_the_status_decides() {
    for (status, decision, token) in [
        (400, SendDecision::GiveUp, false),
        (401, SendDecision::GiveUp, true),
        (403, SendDecision::GiveUp, false),
        (302, SendDecision::GiveUp, false),
        (429, SendDecision::Retry, false),
        (500, SendDecision::Retry, false),
        (503, SendDecision::Retry, false),
    ] {
        let error = failure(status, "", "<html>a proxy's page</html>").await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_yes_that_cannot_be_read_is_uncertain() {
    for body in [
        "<html>",
        "",
        "{}",
        "null",
        r#"{"ok":true}"#,
        r#"{"ok":true,"channel":"C1","ts":""}"#,
        r#"{"ok":false}"#,
    ] {
        assert_eq!(
            failure(200, "", body).await.decision,
            SendDecision::Uncertain,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_uncertain_and_not_tried_twice() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"ok\":true";
    for reply in [Reply::Cut, Reply::Bytes(half.to_owned())] {
        let mut provider = Provider::start(reply).await;
        let error = send(&account(&provider.url()), &outgoing(Content::text("x")))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::Uncertain, "{error}");
        assert!(provider.requests.recv().await.is_some());
        assert!(provider.requests.try_recv().is_err());
    }
}

#[tokio::test]
async fn silence_is_uncertain_once_the_request_is_out() {
    let mut provider = Provider::start(Reply::Silence).await;
    let account = account(&provider.url());
    let sending = tokio::spawn(async move { send(&account, &outgoing(Content::text("x"))).await });
    provider.requests.recv().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Uncertain, "timeout")
    );
}

#[tokio::test]
async fn an_account_that_cannot_send_says_why() {
    let mut no_token = account("http://127.0.0.1:1");
    no_token.secrets = AccountSecrets::default();
    let no_url = account("ftp://example.com");
    for account in [&no_token, &no_url] {
        let error = send(account, &outgoing(Content::text("x"))).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
        assert!(
            slack()
                .check_account(&account.settings, &account.secrets)
                .is_err()
        );
    }
    let good = account("http://127.0.0.1:1");
    assert_eq!(slack().check_account(&good.settings, &good.secrets), Ok(()));
}

#[tokio::test]
async fn credentials_are_checked_by_asking_who_we_are() {
    let mut provider = Provider::answering(
        200,
        "",
        r#"{"ok":true,"team":"Shop","user":"helper","bot_id":"B1"}"#,
    )
    .await;
    let name = slack()
        .check_credentials(&client(), &account(&provider.url()))
        .await
        .unwrap();
    assert_eq!(name.as_deref(), Some("Shop / helper"));
    assert!(
        provider
            .requests
            .recv()
            .await
            .unwrap()
            .head
            .starts_with("POST /api/auth.test ")
    );
    let refused = Provider::answering(200, "", &refusal("invalid_auth")).await;
    let error = slack()
        .check_credentials(&client(), &account(&refused.url()))
        .await
        .unwrap_err();
    assert!(error.token_rejected);
    let read = slack()
        .mark_read(&client(), &account("http://127.0.0.1:1"), "C1:1.0")
        .await
        .unwrap_err();
    assert_eq!(
        (read.decision, read.code.as_str()),
        (SendDecision::GiveUp, "not_supported")
    );
}
