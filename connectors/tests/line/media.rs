//! Files: from LINE's data host with the token, and stickers from their public one without.

use switchboard_connectors::{FetchedMedia, SendDecision, SendError};
use switchboard_domain::Media;

use crate::{
    account::{TOKEN, account, connector},
    outcomes::client,
    provider::Provider,
};

async fn fetch(provider: &Provider, media: &Media) -> Result<FetchedMedia, SendError> {
    connector()
        .fetch_media(&client(), &account(Some(provider.url())), media)
        .await
}

fn by_id(id: &str) -> Media {
    Media {
        id: Some(id.to_owned()),
        file_name: Some("sample.pdf".to_owned()),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_file_is_under_its_messages_id() {
    let mut provider = Provider::answering(200, "content-type: image/jpeg\r\n", "JFIF").await;
    let fetched = fetch(&provider, &by_id("354718705033693861")).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"JFIF");
    assert_eq!(fetched.mime_type.as_deref(), Some("image/jpeg"));
    assert_eq!(fetched.file_name.as_deref(), Some("sample.pdf"));
    let request = provider.asked().await;
    assert_eq!(
        request.line(),
        "GET /v2/bot/message/354718705033693861/content HTTP/1.1"
    );
    assert_eq!(
        request.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
}

#[tokio::test]
async fn a_file_that_is_not_ready_is_asked_for_again_and_a_lost_one_is_not() {
    for (status, decision) in [
        (202, SendDecision::Retry),
        (404, SendDecision::GiveUp),
        (410, SendDecision::GiveUp),
        (500, SendDecision::Retry),
    ] {
        let error = fetch(&Provider::answering(status, "", "").await, &by_id("1"))
            .await
            .unwrap_err();
        assert_eq!((error.decision, error.code), (decision, format!("http_{status}")));
    }
    let refused = fetch(&Provider::answering(401, "", "{}").await, &by_id("1"))
        .await
        .unwrap_err();
    assert!(refused.token_rejected);
}

/// The account's API isn't asked, and no other host is either.
#[tokio::test]
async fn nothing_is_fetched_from_elsewhere() {
    for url in [
        "https://example.com/original.mp4",
        "http://stickershop.line-scdn.net/stickershop/v1/sticker/1/android/sticker.png",
        "https://stickershop.line-scdn.net.example.com/x",
        "https://stickershop.line-scdn.net@example.com/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "nonsense",
    ] {
        let mut provider = Provider::answering(200, "", "x").await;
        let media = Media {
            id: Some("1/1".to_owned()),
            url: Some(url.to_owned()),
            ..Media::default()
        };
        let error = fetch(&provider, &media).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "media_elsewhere"),
            "{url}"
        );
        assert!(provider.is_quiet());
    }
    for id in ["../info", "", "1/1", "x"] {
        let error = fetch(&Provider::answering(200, "", "x").await, &by_id(id))
            .await
            .unwrap_err();
        assert_eq!(error.code, "no_media_id", "{id}");
    }
}

#[tokio::test]
async fn the_credentials_tell_the_bots_name() {
    let bot = r#"{"userId":"Ub9952f8","basicId":"@216ru","displayName":"Shop","chatMode":"bot"}"#;
    let mut provider = Provider::answering(200, "", bot).await;
    let target = account(Some(provider.url()));
    let name = connector().check_credentials(&client(), &target).await.unwrap();
    assert_eq!(name.as_deref(), Some("Shop"));
    let request = provider.asked().await;
    assert_eq!(request.line(), "GET /v2/bot/info HTTP/1.1");
    assert_eq!(
        request.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    let refusal = r#"{"message":"Authentication failed."}"#;
    let provider = Provider::answering(401, "", refusal).await;
    let error = connector()
        .check_credentials(&client(), &account(Some(provider.url())))
        .await
        .unwrap_err();
    assert!(error.token_rejected);
    let provider = Provider::answering(200, "", "<html>").await;
    let error = connector()
        .check_credentials(&client(), &account(Some(provider.url())))
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::Retry);
}
