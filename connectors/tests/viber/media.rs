//! Files: from Viber's hosts only, and without the token.

use switchboard_connectors::{FetchedMedia, SendDecision, SendError};
use switchboard_domain::Media;

use crate::{
    account::{TOKEN, account, connector},
    outcomes::client,
    provider::Provider,
};

async fn fetch(provider: &Provider, url: Option<&str>) -> Result<FetchedMedia, SendError> {
    let media = Media {
        url: url.map(str::to_owned),
        file_name: Some("a.jpg".to_owned()),
        ..Media::default()
    };
    connector()
        .fetch_media(&client(), &account(Some(provider.url())), &media)
        .await
}

#[tokio::test]
async fn a_file_is_where_the_message_says() {
    let mut provider = Provider::answering(200, "content-type: image/jpeg\r\n", "JFIF").await;
    let fetched = fetch(&provider, Some(&format!("{}/media/1?sig=2", provider.url())))
        .await
        .unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"JFIF");
    assert_eq!(fetched.mime_type.as_deref(), Some("image/jpeg"));
    assert_eq!(fetched.file_name.as_deref(), Some("a.jpg"));
    let request = provider.asked().await;
    assert_eq!(request.line(), "GET /media/1?sig=2 HTTP/1.1");
    assert!(!request.head.contains(TOKEN));
    let gone = Provider::answering(404, "", "").await;
    let error = fetch(&gone, Some(&format!("{}/x", gone.url())))
        .await
        .unwrap_err();
    assert_eq!(error.code, "http_404");
}

#[tokio::test]
async fn nothing_is_fetched_from_elsewhere() {
    let provider = Provider::answering(200, "", "x").await;
    for url in [
        "https://example.com/img.jpg",
        "http://dl-media.viber.com/plain",
        "https://dl-media.viber.com.example.com/x",
        "https://notviber.com/x",
        "https://dl-media.viber.com@example.com/x",
        "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "nonsense",
    ] {
        let error = fetch(&provider, Some(url)).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "media_elsewhere"),
            "{url}"
        );
    }
    assert_eq!(fetch(&provider, None).await.unwrap_err().code, "no_media_id");
}

#[tokio::test]
async fn the_credentials_tell_the_bots_name() {
    let bot =
        r#"{"status":0,"status_message":"ok","id":"pa:75346594275468546724","name":"Shop","uri":"shop"}"#;
    let mut provider = Provider::answering(200, "", bot).await;
    let target = account(Some(provider.url()));
    let name = connector().check_credentials(&client(), &target).await.unwrap();
    assert_eq!(name.as_deref(), Some("Shop"));
    let request = provider.asked().await;
    assert_eq!(request.line(), "POST /pa/get_account_info HTTP/1.1");
    assert_eq!(request.header("x-viber-auth-token"), Some(TOKEN));
    let refusal = r#"{"status":2,"status_message":"invalidAuthToken"}"#;
    let provider = Provider::answering(200, "", refusal).await;
    let error = connector()
        .check_credentials(&client(), &account(Some(provider.url())))
        .await
        .unwrap_err();
    assert!(error.token_rejected);
}
