//! Files: in two steps, with the token in both URLs and in nothing that is shown.

use switchboard_connectors::{FetchedMedia, SendDecision, SendError};
use switchboard_domain::Media;

use crate::{
    account::{TOKEN, account, connector},
    outcomes::client,
    provider::{Provider, Reply},
};

async fn fetch(provider: &Provider, media: &Media) -> Result<FetchedMedia, SendError> {
    connector()
        .fetch_media(&client(), &account(Some(provider.url())), media)
        .await
}

fn voice() -> Media {
    Media {
        id: Some("AwADBAAD/=".to_owned()),
        mime_type: Some("audio/ogg".to_owned()),
        ..Media::default()
    }
}

fn at(path: &str) -> Reply {
    let body = serde_json::json!({ "ok": true, "result": { "file_id": "x", "file_path": path } });
    Reply::http(200, "", &body.to_string())
}

#[tokio::test]
async fn a_file_is_asked_for_and_then_fetched() {
    let file = Reply::http(200, "content-type: application/octet-stream\r\n", "OggS");
    let mut provider = Provider::script(vec![at("voice/file 1.oga"), file]).await;
    let fetched = fetch(&provider, &voice()).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"OggS");
    assert_eq!(fetched.mime_type.as_deref(), Some("audio/ogg"));
    assert_eq!(fetched.file_name.as_deref(), Some("file 1.oga"));
    let asked = provider.asked().await;
    assert_eq!(asked.line(), format!("POST /bot{TOKEN}/getFile HTTP/1.1"));
    assert_eq!(asked.body["file_id"], "AwADBAAD/=");
    let fetched = provider.asked().await;
    assert_eq!(
        fetched.line(),
        format!("GET /file/bot{TOKEN}/voice/file%201.oga HTTP/1.1")
    );
}

#[tokio::test]
async fn a_path_that_leads_elsewhere_is_not_followed() {
    for path in ["../../etc/passwd", "/var/lib/bot/file", "a//b", "a/./b", ""] {
        let mut provider = Provider::script(vec![at(path), Reply::http(200, "", "secret")]).await;
        let error = fetch(&provider, &voice()).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "media_elsewhere"),
            "{path}"
        );
        provider.asked().await;
        assert!(provider.is_quiet());
    }
    // A URL given as a path stays one on our own server.
    let mut provider = Provider::script(vec![at("http:/169.254.169.254/x"), Reply::http(404, "", "")]).await;
    fetch(&provider, &voice()).await.unwrap_err();
    provider.asked().await;
    assert!(provider.asked().await.line().contains("/file/bot"));
}

#[tokio::test]
async fn what_cannot_be_fetched_says_why() {
    let none = fetch(&Provider::answering(200, "", "").await, &Media::default())
        .await
        .unwrap_err();
    assert_eq!(none.code, "no_media_id");
    let big = r#"{"ok":false,"error_code":400,"description":"Bad Request: file is too big"}"#;
    let error = fetch(&Provider::answering(400, "", big).await, &voice())
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::GiveUp);
    assert!(error.message.contains("too large"), "{error}");
    let gone = Provider::script(vec![at("voice/1.oga"), Reply::http(404, "", "")]).await;
    assert_eq!(fetch(&gone, &voice()).await.unwrap_err().code, "http_404");
    let moved = Reply::http(302, "location: http://127.0.0.1:1/\r\n", "");
    let moved = Provider::script(vec![at("voice/1.oga"), moved]).await;
    assert_eq!(fetch(&moved, &voice()).await.unwrap_err().code, "http_302");
}

#[tokio::test]
async fn the_credentials_tell_the_bots_name() {
    let me = r#"{"ok":true,"result":{"id":123456,"is_bot":true,"first_name":"Shop","username":"shop_bot"}}"#;
    let mut provider = Provider::answering(200, "", me).await;
    let target = account(Some(provider.url()));
    let name = connector().check_credentials(&client(), &target).await.unwrap();
    assert_eq!(name.as_deref(), Some("@shop_bot"));
    assert_eq!(
        provider.asked().await.line(),
        format!("POST /bot{TOKEN}/getMe HTTP/1.1")
    );
    let refusal = r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#;
    let provider = Provider::answering(401, "", refusal).await;
    let error = connector()
        .check_credentials(&client(), &account(Some(provider.url())))
        .await
        .unwrap_err();
    assert!(error.token_rejected);
    assert!(!format!("{error:?}").contains(TOKEN));
}
