//! What each outcome of an exchange means. Repeated with its nonce a message isn't doubled, so nothing stays uncertain.

use std::time::Duration;

use switchboard_connectors::{REQUEST_TIMEOUT, Receipt, SendDecision, SendError};
use switchboard_domain::{AccountSecrets, Content};

use crate::{
    account::{TOKEN, account, discord},
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

fn refusal(code: u32) -> String {
    format!(r#"{{"message":"refused {TOKEN}","code":{code}}}"#)
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_code() {
    for (status, code, decision) in [
        (403, 50_007, SendDecision::GiveUp),
        (403, 50_001, SendDecision::GiveUp),
        (403, 50_013, SendDecision::GiveUp),
        (404, 10_003, SendDecision::GiveUp),
        (400, 50_035, SendDecision::GiveUp),
        (413, 40_005, SendDecision::GiveUp),
        (400, 999_999, SendDecision::GiveUp),
        (503, 130_000, SendDecision::Retry),
        (429, 20_016, SendDecision::Retry),
        (500, 0, SendDecision::Retry),
    ] {
        let error = failure(status, "", &refusal(code)).await;
        assert_eq!(error.decision, decision, "{code}");
        assert!(!error.token_rejected && error.message.len() > 20, "{error}");
        assert_eq!(
            error.code,
            if code == 0 {
                "http_500".to_owned()
            } else {
                code.to_string()
            }
        );
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn a_limit_lasts_as_long_as_discord_says_to_the_millisecond() {
    for (headers, body, millis) in [
        (
            "retry-after: 1\r\n",
            r#"{"message":"You are being rate limited.","retry_after":0.65,"global":false}"#,
            650,
        ),
        (
            "retry-after: 2\r\n",
            r#"{"retry_after":64.57,"global":true,"code":20028}"#,
            64_570,
        ),
        ("retry-after: 0.5\r\n", "{}", 500),
        ("retry-after: 17\r\n", "<html>Cloudflare</html>", 17_000),
        ("", r#"{"retry_after":99999999}"#, 3_600_000),
    ] {
        let error = failure(429, headers, body).await;
        assert_eq!(
            error.decision,
            SendDecision::RetryAfter(Duration::from_millis(millis)),
            "{body}"
        );
        // The others are of one channel, and so of one customer.
        assert_eq!(error.whole_account, body.contains(r#""global":true"#), "{body}");
    }
    for body in ["", r#"{"retry_after":-1}"#, r#"{"retry_after":"soon"}"#] {
        assert_eq!(
            failure(429, "", body).await.decision,
            SendDecision::Retry,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_refused_token_is_said_to_be_one() {
    for (status, body) in [
        (401, r#"{"message":"401: Unauthorized","code":0}"#),
        (401, ""),
        (403, r#"{"code":40001}"#),
        (401, r#"{"code":999999}"#),
    ] {
        let error = failure(status, "", body).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (SendDecision::GiveUp, true),
            "{body}"
        );
    }
    assert!(!failure(403, "", "<html>").await.token_rejected);
}

#[tokio::test]
async fn without_a_code_the_status_decides() {
    for (status, decision) in [
        (302, SendDecision::GiveUp),
        (400, SendDecision::GiveUp),
        (403, SendDecision::GiveUp),
        (404, SendDecision::GiveUp),
        (500, SendDecision::Retry),
        (502, SendDecision::Retry),
    ] {
        assert_eq!(
            failure(status, "", "<html>a proxy's page</html>").await.decision,
            decision,
            "{status}"
        );
    }
}

#[tokio::test]
async fn whatever_broke_off_is_tried_again_with_the_same_nonce() {
    for body in ["<html>", "", "{}", "null", r#"{"id":""}"#] {
        assert_eq!(
            failure(200, "", body).await.decision,
            SendDecision::Retry,
            "{body}"
        );
    }
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"id\":";
    for reply in [Reply::Cut, Reply::Bytes(half.to_owned())] {
        let mut provider = Provider::start(reply).await;
        let error = send(&account(&provider.url()), &outgoing(Content::text("x")))
            .await
            .unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::Retry, "connection_lost")
        );
        assert!(provider.requests.recv().await.is_some());
        assert!(
            provider.requests.try_recv().is_err(),
            "one attempt is one request"
        );
    }
}

#[tokio::test]
async fn silence_is_tried_again() {
    let mut provider = Provider::start(Reply::Silence).await;
    let account = account(&provider.url());
    let sending = tokio::spawn(async move { send(&account, &outgoing(Content::text("x"))).await });
    provider.requests.recv().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Retry, "timeout")
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
            discord()
                .check_account(&account.settings, &account.secrets)
                .is_err()
        );
    }
    let mut good = account("http://127.0.0.1:1");
    assert_eq!(discord().check_account(&good.settings, &good.secrets), Ok(()));
    good.settings.provider_account_id = Some("../me".to_owned());
    assert!(discord().check_account(&good.settings, &good.secrets).is_err());
}

#[tokio::test]
async fn credentials_are_checked_by_asking_who_we_are() {
    let mut provider = Provider::answering(
        200,
        "",
        r#"{"id":"1","username":"support","global_name":null,"bot":true}"#,
    )
    .await;
    let name = discord()
        .check_credentials(&client(), &account(&provider.url()))
        .await
        .unwrap();
    assert_eq!(name.as_deref(), Some("support"));
    assert!(
        provider
            .requests
            .recv()
            .await
            .unwrap()
            .head
            .starts_with("GET /api/v10/users/@me HTTP/1.1")
    );
    let refused = Provider::answering(401, "", r#"{"message":"401: Unauthorized","code":0}"#).await;
    assert!(
        discord()
            .check_credentials(&client(), &account(&refused.url()))
            .await
            .unwrap_err()
            .token_rejected
    );
    let read = discord()
        .mark_read(&client(), &account("http://127.0.0.1:1"), "1")
        .await
        .unwrap_err();
    assert_eq!(
        (read.decision, read.code.as_str()),
        (SendDecision::GiveUp, "not_supported")
    );
}
