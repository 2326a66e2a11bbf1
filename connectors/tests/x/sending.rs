//! What each outcome of an exchange means: taken, not taken, or nobody knows.

use std::time::Duration;

use switchboard_connectors::{REQUEST_TIMEOUT, Receipt, SendDecision, SendError};
use switchboard_domain::{AccountSecrets, Content};

use crate::{
    account::{TOKEN, account, x},
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

#[tokio::test]
async fn a_refusal_says_why_in_our_words_or_in_xs() {
    let blocked = failure(
        403,
        "",
        r#"{"errors":[{"code":349,"message":"You cannot send messages to this user."}]}"#,
    )
    .await;
    assert_eq!(
        (blocked.decision, blocked.code.as_str()),
        (SendDecision::GiveUp, "349")
    );
    assert!(blocked.message.contains("takes no direct messages"), "{blocked}");
    let problem = format!(
        r#"{{"title":"Forbidden","type":"about:blank","status":403,"detail":"You are not permitted. {TOKEN}"}}"#
    );
    let error = failure(403, "", &problem).await;
    assert_eq!(
        (error.decision, error.code.as_str(), error.token_rejected),
        (SendDecision::GiveUp, "http_403", false)
    );
    assert!(
        error.message.contains("not permitted") && !format!("{error:?}").contains(TOKEN),
        "{error}"
    );
    let invalid = failure(
        400,
        "",
        r#"{"errors":[{"parameters":{},"message":"text is too long"}],"title":"Invalid Request"}"#,
    )
    .await;
    assert!(invalid.message.contains("text is too long"), "{invalid}");
    for (status, code, decision, token) in [
        (401, 89, SendDecision::GiveUp, true),
        (403, 64, SendDecision::GiveUp, true),
        (403, 130, SendDecision::Retry, false),
        (403, 226, SendDecision::GiveUp, false),
        (503, 349, SendDecision::Retry, false),
    ] {
        let error = failure(status, "", &format!(r#"{{"errors":[{{"code":{code}}}]}}"#)).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (decision, token),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_limit_lasts_until_the_time_x_gives() {
    let date = "date: Wed, 19 Oct 2022 20:58:00 GMT\r\n";
    let reset = |name: &str, after: i64| {
        format!(
            "{name}-reset: {}\r\n{name}-remaining: 0\r\n",
            1_666_213_080 + after
        )
    };
    for (headers, decision) in [
        (
            format!("{date}{}", reset("x-rate-limit", 90)),
            SendDecision::RetryAfter(Duration::from_secs(90)),
        ),
        (
            format!(
                "{date}{}{}",
                reset("x-rate-limit", 90),
                reset("x-user-limit-24hour", 1800)
            ),
            SendDecision::RetryAfter(Duration::from_mins(30)),
        ),
        (
            format!("{date}{}", reset("x-rate-limit", 99_999)),
            SendDecision::RetryAfter(Duration::from_hours(1)),
        ),
        (
            format!("{date}{}", reset("x-rate-limit", -5)),
            SendDecision::Retry,
        ),
        (reset("x-rate-limit", 90), SendDecision::Retry),
        ("x-rate-limit-reset: soon\r\n".to_owned(), SendDecision::Retry),
        (
            "retry-after: 17\r\n".to_owned(),
            SendDecision::RetryAfter(Duration::from_secs(17)),
        ),
    ] {
        let error = failure(
            429,
            &headers,
            r#"{"title":"Too Many Requests","detail":"Too Many Requests","status":429}"#,
        )
        .await;
        assert_eq!(error.decision, decision, "{headers}");
    }
}

#[tokio::test]
async fn without_words_the_status_decides() {
    for (status, decision, token) in [
        (302, SendDecision::GiveUp, false),
        (400, SendDecision::GiveUp, false),
        (401, SendDecision::GiveUp, true),
        (403, SendDecision::GiveUp, false),
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
async fn what_may_have_been_taken_is_uncertain() {
    for body in [
        "<html>",
        "",
        "{}",
        "null",
        r#"{"data":{}}"#,
        r#"{"data":{"dm_event_id":""}}"#,
    ] {
        assert_eq!(
            failure(201, "", body).await.decision,
            SendDecision::Uncertain,
            "{body}"
        );
    }
    let half = "HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"data\":";
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
        assert!(x().check_account(&account.settings, &account.secrets).is_err());
    }
    let mut good = account("http://127.0.0.1:1");
    assert_eq!(x().check_account(&good.settings, &good.secrets), Ok(()));
    good.settings.provider_account_id = Some("@shop".to_owned());
    assert!(x().check_account(&good.settings, &good.secrets).is_err());
}

#[tokio::test]
async fn credentials_are_checked_by_asking_who_we_are() {
    let mut provider =
        Provider::answering(200, "", r#"{"data":{"id":"1","name":"Shop","username":"shop"}}"#).await;
    let name = x()
        .check_credentials(&client(), &account(&provider.url()))
        .await
        .unwrap();
    assert_eq!(name.as_deref(), Some("@shop"));
    assert!(
        provider
            .requests
            .recv()
            .await
            .unwrap()
            .head
            .starts_with("GET /2/users/me HTTP/1.1")
    );
    let refused = Provider::answering(401, "", r#"{"title":"Unauthorized","status":401}"#).await;
    assert!(
        x().check_credentials(&client(), &account(&refused.url()))
            .await
            .unwrap_err()
            .token_rejected
    );
    let read = x()
        .mark_read(&client(), &account("http://127.0.0.1:1"), "1")
        .await
        .unwrap_err();
    assert_eq!(
        (read.decision, read.code.as_str()),
        (SendDecision::GiveUp, "not_supported")
    );
}
