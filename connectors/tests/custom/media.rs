//! Files are fetched only from where the account says, and the token goes to one host alone.

use switchboard_connectors::{FetchedMedia, SendDecision, SendError};
use switchboard_domain::{ChannelAccount, Media};

use crate::{
    account::{account, client, custom, set_secret},
    provider::Provider,
};

async fn fetch(account: &ChannelAccount, url: &str) -> Result<FetchedMedia, SendError> {
    let media = Media {
        url: Some(url.to_owned()),
        mime_type: Some("image/png".to_owned()),
        file_name: Some("photo.png".to_owned()),
        ..Media::default()
    };
    custom().fetch_media(&client(), account, &media).await
}

#[tokio::test]
async fn the_receivers_own_files_are_fetched_with_the_token() {
    let mut provider = Provider::answering(200, "content-type: image/jpeg\r\n", "JPEG").await;
    let mut target = account(&format!("{}/in", provider.url()));
    set_secret(&mut target, "access_token", "very-secret-token");
    let file = fetch(&target, &format!("{}/files/1?sig=x", provider.url()))
        .await
        .unwrap();
    assert_eq!(file.bytes.as_ref(), b"JPEG");
    assert_eq!(file.mime_type.as_deref(), Some("image/jpeg"));
    assert_eq!(file.file_name.as_deref(), Some("photo.png"));
    let head = provider.requests.recv().await.unwrap().head;
    assert!(head.starts_with("GET /files/1?sig=x HTTP/1.1"), "{head}");
    assert!(head.contains("authorization: Bearer very-secret-token"));
}

#[tokio::test]
async fn nothing_is_fetched_from_anywhere_else() {
    let mut elsewhere = Provider::answering(200, "", "SECRET").await;
    let mut target = account("https://hub.example/in");
    let hosts = serde_json::json!(["files.example.com", "127.0.0.1"]);
    target.settings.other.insert("media_hosts".to_owned(), hosts);
    for url in [
        elsewhere.url(),
        "http://files.example.com/1".to_owned(),
        "https://files.example.com:8443/1".to_owned(),
        "https://files.example.com.evil.example/1".to_owned(),
        "https://files.example.com@evil.example/1".to_owned(),
        "http://hub.example/1".to_owned(),
        "https://hub.example:444/1".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let error = fetch(&target, &url).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "media_elsewhere"),
            "{url}"
        );
    }
    assert!(elsewhere.requests.try_recv().is_err());
    let none = custom()
        .fetch_media(&client(), &target, &Media::default())
        .await
        .unwrap_err();
    assert_eq!(none.code, "no_media_url");
}

#[tokio::test]
async fn a_file_that_is_gone_is_an_error_and_a_redirect_is_not_followed() {
    for (status, headers) in [(404, ""), (302, "location: http://127.0.0.1:1/\r\n")] {
        let provider = Provider::answering(status, headers, "").await;
        let error = fetch(&account(&provider.url()), &provider.url())
            .await
            .unwrap_err();
        assert_eq!(error.code, format!("http_{status}"));
    }
}
