//! What each outcome of an exchange means: taken, not taken, or nobody knows.

use std::time::Duration;

use switchboard_connectors::{Receipt, SendDecision, SendError, find};
use switchboard_domain::{Channel, Content};
use tokio::net::TcpListener;

use crate::{
    account::{CHANNELS, account},
    provider::{Provider, Reply},
    wire::{client, outgoing, send},
};

async fn at(channel: Channel, provider: &Provider) -> Result<Receipt, SendError> {
    send(
        &account(channel, &provider.url()),
        &outgoing(Content::text("hello")),
    )
    .await
}

async fn failure(channel: Channel, status: u16, headers: &str, body: &str) -> SendError {
    let provider = Provider::answering(status, headers, body).await;
    let error = at(channel, &provider).await.unwrap_err();
    let account = account(channel, "http://127.0.0.1:1");
    for secret in account.secrets.0.values() {
        assert!(!format!("{error:?}").contains(secret.expose()), "{error:?}");
    }
    error
}

/// How each provider refuses, in its own words: with our key repeated, which some do.
fn refusal(channel: Channel) -> String {
    let key = account(channel, "http://127.0.0.1:1")
        .secrets
        .access_token()
        .unwrap()
        .expose()
        .to_owned();
    match channel {
        Channel::Sendgrid => {
            format!(r#"{{"errors":[{{"message":"Nonsense {key}","field":"subject","help":null}}]}}"#)
        }
        Channel::Postmark => format!(r#"{{"ErrorCode":300,"Message":"Nonsense {key}"}}"#),
        _ => format!(r#"{{"message":"Nonsense {key}"}}"#),
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_says_why() {
    for channel in CHANNELS {
        for (status, body) in [
            (400, refusal(channel)),
            (403, refusal(channel)),
            (404, refusal(channel)),
            (422, refusal(channel)),
        ] {
            let error = failure(channel, status, "", &body).await;
            assert_eq!(error.decision, SendDecision::GiveUp, "{channel} {status}");
            assert!(error.message.contains("Nonsense …"), "{channel}: {error}");
            assert!(!error.token_rejected);
        }
        for body in ["", "<html>", "null", "[]", "{}"] {
            let error = failure(channel, 400, "", body).await;
            assert_eq!(
                (error.decision, error.code.as_str()),
                (SendDecision::GiveUp, "http_400"),
                "{channel}"
            );
        }
    }
}

#[tokio::test]
async fn a_refused_key_marks_the_account() {
    for channel in CHANNELS {
        for body in ["", "Forbidden", &refusal(channel)] {
            let error = failure(channel, 401, "", body).await;
            assert!(error.token_rejected, "{channel}: {body}");
            assert_eq!(error.decision, SendDecision::GiveUp);
        }
    }
    let body = r#"{"ErrorCode":10,"Message":"Bad or missing server API token."}"#;
    assert!(failure(Channel::Postmark, 401, "", body).await.token_rejected);
    let body = r#"{"errors":[{"message":"access forbidden","field":null}]}"#;
    assert!(failure(Channel::Sendgrid, 403, "", body).await.token_rejected);
}

#[tokio::test]
async fn faults_and_limits_pass() {
    for channel in CHANNELS {
        for status in [429, 500, 502, 503] {
            assert_eq!(
                failure(channel, status, "", "<html>").await.decision,
                SendDecision::Retry,
                "{channel} {status}"
            );
            let wait = SendDecision::RetryAfter(Duration::from_secs(17));
            assert_eq!(
                failure(channel, status, "retry-after: 17\r\n", "{}")
                    .await
                    .decision,
                wait,
                "{channel}"
            );
        }
    }
    let reset = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nx-ratelimit-reset: 784111782\r\n";
    assert_eq!(
        failure(Channel::Sendgrid, 429, reset, "").await.decision,
        SendDecision::RetryAfter(Duration::from_secs(5))
    );
    let maintenance = r#"{"ErrorCode":100,"Message":"Maintenance"}"#;
    assert_eq!(
        failure(Channel::Postmark, 422, "", maintenance).await.decision,
        SendDecision::Retry
    );
}

#[tokio::test]
async fn postmarks_codes_count_whatever_the_status() {
    for status in [200, 422] {
        let error = failure(
            Channel::Postmark,
            status,
            "",
            r#"{"ErrorCode":406,"Message":"x"}"#,
        )
        .await;
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "406")
        );
        assert!(error.message.contains("complained"), "{error}");
    }
}

#[tokio::test]
async fn a_yes_without_an_id_may_have_been_one() {
    for channel in [Channel::Mailgun, Channel::Postmark] {
        for (body, code) in [
            ("", "unreadable_answer"),
            ("<html>", "unreadable_answer"),
            ("{}", "no_message_id"),
        ] {
            let error = failure(channel, 200, "", body).await;
            assert_eq!(
                (error.decision, error.code.as_str()),
                (SendDecision::Uncertain, code),
                "{channel}"
            );
        }
    }
    // SendGrid says it with the status; our own id stands in, and comes back with the events.
    let provider = Provider::answering(202, "", "").await;
    let receipt = at(Channel::Sendgrid, &provider).await.unwrap();
    assert_eq!(receipt.provider_message_id, crate::wire::OWN_ID);
}

#[tokio::test]
async fn a_cut_line_may_have_taken_it_and_none_cannot() {
    for channel in CHANNELS {
        let provider = Provider::start(Reply::Cut).await;
        assert_eq!(
            at(channel, &provider).await.unwrap_err().decision,
            SendDecision::Uncertain
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = send(&account(channel, &url), &outgoing(Content::text("x")))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::Retry, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_may_have_taken_it() {
    for channel in CHANNELS {
        let provider = Provider::start(Reply::Silence).await;
        let error = at(channel, &provider).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::Uncertain, "timeout"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn credentials_are_asked_after() {
    for (channel, path, answer, name) in [
        (
            Channel::Mailgun,
            "GET /v3/domains/mg.example.com ",
            r#"{"domain":{"name":"mg.example.com","state":"active"}}"#,
            Some("mg.example.com"),
        ),
        (
            Channel::Sendgrid,
            "GET /v3/scopes ",
            r#"{"scopes":["mail.send"]}"#,
            None,
        ),
        (
            Channel::Postmark,
            "GET /server ",
            r#"{"ID":1,"Name":"Production"}"#,
            Some("Production"),
        ),
    ] {
        let mut provider = Provider::answering(200, "", answer).await;
        let known = find(channel)
            .check_credentials(&client(), &account(channel, &provider.url()))
            .await
            .unwrap();
        assert_eq!(known.as_deref(), name);
        let request = provider.requests.recv().await.unwrap();
        assert!(request.head.starts_with(path), "{}", request.head);
        let provider = Provider::answering(401, "", "").await;
        let error = find(channel)
            .check_credentials(&client(), &account(channel, &provider.url()))
            .await
            .unwrap_err();
        assert!(error.token_rejected);
    }
}
