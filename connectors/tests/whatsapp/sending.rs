//! What each outcome of an exchange means: taken, not taken, or nobody knows.

use std::time::Duration;

use switchboard_connectors::{REQUEST_TIMEOUT, Receipt, SendDecision, SendError};
use switchboard_domain::{AccountSecrets, Content};
use tokio::net::TcpListener;

use crate::{
    account::{TOKEN, account, whatsapp},
    fixtures::folder,
    provider::{Provider, Reply},
    wire::{client, outgoing, send},
};

async fn outcome(status: u16, headers: &str, body: &str) -> Result<Receipt, SendError> {
    let provider = Provider::answering(status, headers, body).await;
    send(&account(Some(provider.url())), &outgoing(Content::text("hello"))).await
}

async fn failure(status: u16, headers: &str, body: &str) -> SendError {
    outcome(status, headers, body).await.unwrap_err()
}

fn error(code: u32) -> String {
    format!(
        r#"{{"error":{{"message":"(#{code}) refused with {TOKEN}","type":"OAuthException","code":{code},"fbtrace_id":"x"}}}}"#
    )
}

fn answer_file(name: &str) -> String {
    std::fs::read_to_string(folder("outbound").join(name)).unwrap()
}

#[tokio::test]
async fn an_accepted_message_has_an_id_and_maybe_a_better_number() {
    let same = outcome(200, "", r#"{"contacts":[{"input":"+1 (650) 555-1234","wa_id":"16505551234"}],"messages":[{"id":"wamid.1","message_status":"accepted"}]}"#).await.unwrap();
    assert_eq!(
        (same.provider_message_id.as_str(), same.contact_address),
        ("wamid.1", None)
    );
    let corrected = outcome(
        200,
        "",
        r#"{"contacts":[{"input":"x","wa_id":"16505550000"}],"messages":[{"id":"wamid.1"}]}"#,
    )
    .await
    .unwrap();
    assert_eq!(corrected.contact_address.as_deref(), Some("16505550000"));
    for file in [
        "whatsapp-message-response-bsuid.json",
        "whatsapp-message-response-group.json",
    ] {
        let receipt = outcome(200, "", &answer_file(file)).await.unwrap();
        assert_eq!(
            (receipt.provider_message_id.as_str(), receipt.contact_address),
            ("wamid.foobar", None),
            "{file}"
        );
    }
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_code() {
    let closed = failure(400, "", &error(131_047)).await;
    assert_eq!(closed.decision, SendDecision::GiveUp);
    assert_eq!(closed.code, "131047");
    assert!(closed.message.contains("template"), "{closed}");
    // The statuses are the ones these come with, and would all mean "give up" or "by the token".
    for (status, code) in [(400, 131_053), (403, 130_429), (401, 131_000), (400, 80_007)] {
        let error = failure(status, "", &error(code)).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (SendDecision::Retry, false),
            "{code}"
        );
    }
    let pair = failure(400, "", &error(131_056)).await;
    assert_eq!(pair.decision, SendDecision::RetryAfter(Duration::from_secs(6)));
    for (status, code) in [(200, 131_026), (500, 131_009)] {
        let error = failure(status, "", &error(code)).await;
        assert_eq!(error.decision, SendDecision::GiveUp, "{code} with {status}");
    }
}

#[tokio::test]
async fn a_refused_token_is_said_to_be_one_and_never_shown() {
    let refusals = [
        (401, error(190)),
        (400, error(190)),
        (403, error(10)),
        (403, error(200)),
        (401, "nonsense".to_owned()),
        (401, error(999_999)),
        (401, answer_file("meta-exampleerror.json")),
        (401, answer_file("meta-exampleerrornew.json")),
    ];
    for (status, body) in refusals {
        let error = failure(status, "", &body).await;
        assert_eq!(
            (error.decision, error.token_rejected),
            (SendDecision::GiveUp, true),
            "{body}"
        );
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn without_a_code_the_status_decides() {
    for (status, headers, decision) in [
        (400, "", SendDecision::GiveUp),
        (403, "", SendDecision::GiveUp),
        (404, "", SendDecision::GiveUp),
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
}

#[tokio::test]
async fn a_yes_that_cannot_be_read_is_uncertain() {
    for body in [
        "<html>",
        "",
        "{}",
        "null",
        r#"{"messages":[]}"#,
        r#"{"messages":[{"id":""}]}"#,
        r#"{"messages":"x"}"#,
    ] {
        assert_eq!(
            failure(200, "", body).await.decision,
            SendDecision::Uncertain,
            "{body}"
        );
    }
    let endless = "x".repeat(300_000);
    assert_eq!(failure(200, "", &endless).await.decision, SendDecision::Uncertain);
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_uncertain() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"messages\":[";
    for reply in [
        Reply::Cut,
        Reply::Bytes(half.to_owned()),
        Reply::Bytes("SMTP\r\n".to_owned()),
    ] {
        let mut provider = Provider::start(reply).await;
        let error = send(&account(Some(provider.url())), &outgoing(Content::text("x")))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::Uncertain, "{error}");
        assert!(provider.requests.recv().await.is_some());
        assert!(
            provider.requests.try_recv().is_err(),
            "it must not be sent a second time"
        );
    }
    // An error status is a clear no, however little of its body comes.
    let cut_error = "HTTP/1.1 503 X\r\ncontent-length: 500\r\n\r\n{";
    let provider = Provider::start(Reply::Bytes(cut_error.to_owned())).await;
    let error = send(&account(Some(provider.url())), &outgoing(Content::text("x")))
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::Retry);
}

#[tokio::test]
async fn silence_is_uncertain_once_the_request_is_out() {
    let mut provider = Provider::start(Reply::Silence).await;
    let account = account(Some(provider.url()));
    let sending = tokio::spawn(async move { send(&account, &outgoing(Content::text("x"))).await });
    provider.requests.recv().await.unwrap();
    assert!(!sending.is_finished());
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Uncertain, "timeout")
    );
}

#[tokio::test]
async fn a_provider_that_was_never_reached_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = send(
        &account(Some(format!("http://{address}"))),
        &outgoing(Content::text("x")),
    )
    .await
    .unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Retry, "unreachable")
    );
}

#[tokio::test]
async fn an_account_that_cannot_send_says_why() {
    let mut no_token = account(Some("http://127.0.0.1:1".to_owned()));
    no_token.secrets = AccountSecrets::default();
    let mut no_url = account(Some("ftp://example.com".to_owned()));
    let mut traversal = account(None);
    traversal.settings.provider_account_id = Some("../me".to_owned());
    let mut version = account(None);
    version
        .settings
        .other
        .insert("graph_version".to_owned(), "v1/../me".into());
    for account in [&mut no_token, &mut no_url, &mut traversal, &mut version] {
        let error = send(account, &outgoing(Content::text("x"))).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
        assert!(
            whatsapp()
                .check_account(&account.settings, &account.secrets)
                .is_err()
        );
    }
    let good = account(None);
    assert_eq!(whatsapp().check_account(&good.settings, &good.secrets), Ok(()));
}

#[tokio::test]
async fn reading_is_reported_and_may_be_repeated() {
    let mut provider = Provider::answering(200, "", r#"{"success":true}"#).await;
    let target = account(Some(provider.url()));
    whatsapp().mark_read(&client(), &target, "wamid.9").await.unwrap();
    let body = provider.requests.recv().await.unwrap().body;
    assert_eq!(
        body,
        serde_json::json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.9" })
    );
    let cut = Provider::start(Reply::Cut).await;
    let error = whatsapp()
        .mark_read(&client(), &account(Some(cut.url())), "wamid.9")
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::Retry);
}
