//! What each outcome of an exchange means: taken, not taken, or nobody knows.

use std::time::Duration;

use switchboard_connectors::{REQUEST_TIMEOUT, Receipt, SendDecision, SendError};
use switchboard_domain::{AccountSecrets, Content, Media};

use crate::{
    account::{TOKEN, account, messenger},
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

fn error(code: u32, subcode: u32) -> String {
    format!(
        r#"{{"error":{{"message":"(#{code}) refused with {TOKEN}","type":"OAuthException","code":{code},"error_subcode":{subcode},"fbtrace_id":"x"}}}}"#
    )
}

fn answer_file(name: &str) -> String {
    std::fs::read_to_string(folder("outbound").join(name)).unwrap()
}

#[tokio::test]
async fn an_accepted_message_has_an_id_and_maybe_a_better_address() {
    let receipt = outcome(200, "", &answer_file("meta-sendresponse.json"))
        .await
        .unwrap();
    assert_eq!(
        receipt.provider_message_id,
        "mid.1456970487936:c34767dfe57ee6e339"
    );
    assert_eq!(receipt.contact_address.as_deref(), Some("1008372609250235"));
    for body in [
        r#"{"recipient_id":987654321432,"message_id":"m_1"}"#,
        r#"{"message_id":"m_1","attachment_id":"7"}"#,
    ] {
        let receipt = outcome(200, "", body).await.unwrap();
        let found = (receipt.provider_message_id.as_str(), receipt.contact_address);
        assert_eq!(found, ("m_1", None), "{body}");
    }
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_codes() {
    use SendDecision::{GiveUp, Retry, Uncertain};
    for (status, code, subcode, decision) in [
        (403, 10, 2_018_278, GiveUp),
        (400, 10, 2_018_065, GiveUp),
        (400, 100, 2_018_001, GiveUp),
        (400, 100, 2_018_164, GiveUp),
        (400, 551, 1_545_041, GiveUp),
        (400, 200, 1_545_041, GiveUp),
        (400, 100, 0, GiveUp),
        (400, 368, 0, GiveUp),
        (500, 551, 0, GiveUp),
        (200, 100, 0, GiveUp),
        (400, 613, 0, Retry),
        (400, 4, 2_018_022, Retry),
        (403, 32, 0, Retry),
        (400, 80_006, 0, Retry),
        (400, 2, 0, Retry),
        (400, 1200, 0, Retry),
        (400, 1200, 1_545_012, Retry),
        (400, 100, 2_018_047, Retry),
        (500, 999_999, 0, Retry),
        (400, 999_999, 0, GiveUp),
        (400, 1, 1_357_046, Uncertain),
    ] {
        let error = failure(status, "", &error(code, subcode)).await;
        assert_eq!(error.decision, decision, "{code}/{subcode}: {error}");
        assert_eq!(error.code, code.to_string());
        assert!(!error.token_rejected, "{code}/{subcode}");
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
    let closed = failure(403, "", &error(10, 2_018_278)).await;
    assert!(closed.message.contains("24 hours"), "{closed}");
    let explained = failure(400, "", &error(100, 0)).await;
    assert_eq!(
        explained.message,
        "Meta refused the message's content. (#100) refused with …"
    );
}

#[tokio::test]
async fn metas_words_for_people_go_before_those_for_machines() {
    let body = r#"{"error":{"code":100,"message":"(#100) param","error_user_title":"T","error_user_msg":"The image is too large."}}"#;
    let error = failure(400, "", body).await;
    assert_eq!(
        error.message,
        "Meta refused the message's content. The image is too large."
    );
}

#[tokio::test]
async fn a_busy_page_waits_as_long_as_meta_says() {
    let usage = "x-business-use-case-usage: {\"12345\":[{\"type\":\"messenger\",\"estimated_time_to_regain_access\":7}]}\r\n";
    let busy = failure(400, usage, &error(80_006, 0)).await;
    assert_eq!(busy.decision, SendDecision::RetryAfter(Duration::from_mins(7)));
}

#[tokio::test]
async fn a_refused_token_is_said_to_be_one_and_never_shown() {
    let refusals = [
        (401, error(190, 460)),
        (400, error(190, 463)),
        (403, error(10, 0)),
        (403, error(200, 0)),
        (401, "nonsense".to_owned()),
        (401, error(999_999, 0)),
        (401, answer_file("meta-exampleerror.json")),
        (401, answer_file("meta-exampleerrornew.json")),
    ];
    for (status, body) in refusals {
        let error = failure(status, "", &body).await;
        let found = (error.decision, error.token_rejected);
        assert_eq!(found, (SendDecision::GiveUp, true), "{body}");
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn a_yes_that_cannot_be_read_is_uncertain() {
    for body in [
        "<html>",
        "",
        "{}",
        "null",
        r#"{"recipient_id":"1"}"#,
        r#"{"recipient_id":"1","message_id":""}"#,
        r#"{"message_id":{}}"#,
    ] {
        let error = failure(200, "", body).await;
        assert_eq!(error.decision, SendDecision::Uncertain, "{body}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_or_falls_silent_is_uncertain() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"message_id\":";
    for reply in [Reply::Cut, Reply::Bytes(half.to_owned())] {
        let mut provider = Provider::start(reply).await;
        let error = send(&account(Some(provider.url())), &outgoing(Content::text("x")))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::Uncertain, "{error}");
        assert!(provider.requests.recv().await.is_some());
        assert!(provider.requests.try_recv().is_err(), "never a second time");
    }
    let mut provider = Provider::start(Reply::Silence).await;
    let account = account(Some(provider.url()));
    let sending = tokio::spawn(async move { send(&account, &outgoing(Content::text("x"))).await });
    provider.requests.recv().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    let error = sending.await.unwrap().unwrap_err();
    let found = (error.decision, error.code.as_str());
    assert_eq!(found, (SendDecision::Uncertain, "timeout"));
}

#[tokio::test]
async fn an_account_that_cannot_send_says_why() {
    let mut no_token = account(Some("http://127.0.0.1:1".to_owned()));
    no_token.secrets = AccountSecrets::default();
    let no_url = account(Some("ftp://example.com".to_owned()));
    let mut traversal = account(None);
    traversal.settings.provider_account_id = Some("../me".to_owned());
    let mut version = account(None);
    let other = &mut version.settings.other;
    other.insert("graph_version".to_owned(), "v1/../me".into());
    for account in [no_token, no_url, traversal, version] {
        let error = send(&account, &outgoing(Content::text("x"))).await.unwrap_err();
        let found = (error.decision, error.code.as_str());
        assert_eq!(found, (SendDecision::GiveUp, "channel_settings"));
        let verdict = messenger().check_account(&account.settings, &account.secrets);
        assert!(verdict.is_err());
    }
}

#[tokio::test]
async fn reading_cannot_be_reported() {
    let error = messenger()
        .mark_read(&client(), &account(None), "m_1")
        .await
        .unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "not_supported")
    );
}

#[tokio::test]
async fn credentials_are_checked_by_asking_who_we_are() {
    let mut provider = Provider::answering(200, "", r#"{"id":"12345654332","name":"Blue Shop"}"#).await;
    let name = messenger()
        .check_credentials(&client(), &account(Some(provider.url())))
        .await;
    assert_eq!(name.unwrap().as_deref(), Some("Blue Shop"));
    let head = provider.requests.recv().await.unwrap().head;
    assert!(
        head.starts_with("GET /v23.0/me?fields=id,name,username "),
        "{head}"
    );
    let refusing = Provider::answering(400, "", &error(190, 463)).await;
    let error = messenger()
        .check_credentials(&client(), &account(Some(refusing.url())))
        .await
        .unwrap_err();
    assert!(error.token_rejected);
}

#[tokio::test]
async fn a_file_is_fetched_from_the_accounts_server_without_the_token() {
    let mut provider = Provider::answering(200, "content-type: image/png\r\n", "bytes").await;
    let media = Media {
        url: Some(format!("{}/files/1.png", provider.url())),
        ..Media::default()
    };
    let account = account(Some(provider.url()));
    let fetched = messenger()
        .fetch_media(&client(), &account, &media)
        .await
        .unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"bytes");
    assert_eq!(fetched.mime_type.as_deref(), Some("image/png"));
    let head = provider.requests.recv().await.unwrap().head.to_lowercase();
    assert!(
        !head.contains("authorization") && !head.contains(&TOKEN.to_lowercase()),
        "{head}"
    );
    let elsewhere = Media {
        url: Some("https://files.example.com/1.png".to_owned()),
        ..Media::default()
    };
    let error = messenger()
        .fetch_media(&client(), &account, &elsewhere)
        .await
        .unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "media_elsewhere")
    );
}
