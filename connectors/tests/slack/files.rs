//! Files: as they arrive, and how they are fetched.

use serde_json::{Value, json};
use switchboard_connectors::{Event, SendDecision, SendError};
use switchboard_domain::{Content, Media};

use crate::{
    account::{TOKEN, account, events, slack},
    provider::Provider,
    wire::client,
};

fn contents(event: &Value) -> Vec<(String, Content)> {
    events(event)
        .into_iter()
        .map(|event| match event {
            Event::Message(message) => (message.provider_message_id, message.content),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn shared(text: &str, files: &Value) -> Vec<(String, Content)> {
    contents(
        &json!({ "type": "message", "subtype": "file_share", "channel": "D1", "user": "U1", "ts": "1.0",
        "text": text, "files": files, "upload": false }),
    )
}

#[test]
fn each_file_is_a_message_and_the_words_go_with_the_first() {
    let found = shared(
        "look",
        &json!([
            { "id": "F1", "name": "a.png", "mimetype": "image/png", "url_private_download": "https://files.slack.com/F1/download/a.png", "url_private": "x" },
            { "id": "F2", "name": "b.mp4", "mimetype": "video/mp4", "url_private": "https://files.slack.com/F2/b.mp4" },
            { "id": "F3", "name": "c.pdf", "mimetype": "application/pdf", "mode": "hosted" },
            { "id": "F4", "name": "audio_message.m4a", "mimetype": "video/mp4", "subtype": "slack_audio" },
        ]),
    );
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["D1:1.0", "D1:1.0#1", "D1:1.0#2", "D1:1.0#3"]);
    let Content::Image(picture) = &found[0].1 else {
        panic!("{found:?}")
    };
    assert_eq!(
        (picture.text.as_deref(), picture.id.as_deref()),
        (Some("look"), Some("F1"))
    );
    assert_eq!(
        picture.url.as_deref(),
        Some("https://files.slack.com/F1/download/a.png")
    );
    assert!(matches!(&found[1].1, Content::Video(media) if media.text.is_none() && media.url.is_some()));
    assert!(
        matches!(&found[2].1, Content::Document(media) if media.url.is_none() && media.file_name.as_deref() == Some("c.pdf"))
    );
    assert!(matches!(&found[3].1, Content::Audio(media) if media.voice == Some(true)));
}

#[test]
fn a_file_that_cannot_be_shown_loses_neither_words_nor_neighbours() {
    let found = shared(
        "words",
        &json!([{ "mode": "tombstone", "id": "F0" }, { "id": "F1", "mode": "file_access", "file_access": "check_file_info" }, 7]),
    );
    let kinds: Vec<&str> = found.iter().map(|(_, content)| content.kind()).collect();
    assert_eq!(kinds, ["text", "unsupported", "document", "unsupported"]);
    assert_eq!(found[0].1, Content::text("words"));
}

async fn fetch(provider: &Provider, media: &Media) -> Result<(Vec<u8>, Option<String>), SendError> {
    let fetched = slack()
        .fetch_media(&client(), &account(&provider.url()), media)
        .await?;
    Ok((fetched.bytes.to_vec(), fetched.mime_type))
}

fn at(url: String) -> Media {
    Media {
        id: Some("F1".to_owned()),
        url: Some(url),
        mime_type: Some("image/png".to_owned()),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_file_is_fetched_with_the_token_and_a_login_page_is_none() {
    let mut provider = Provider::answering(200, "content-type: image/png\r\n", "PNG").await;
    let url = format!("{}/files-pri/T1-F1/download/a.png", provider.url());
    assert_eq!(
        fetch(&provider, &at(url)).await.unwrap(),
        (b"PNG".to_vec(), Some("image/png".to_owned()))
    );
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request.head.contains(&format!("authorization: Bearer {TOKEN}")),
        "{}",
        request.head
    );

    let page = Provider::answering(200, "content-type: text/html; charset=utf-8\r\n", "<html>").await;
    let error = fetch(&page, &at(format!("{}/a.png", page.url())))
        .await
        .unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "missing_scope")
    );
}

#[tokio::test]
async fn the_token_goes_to_no_other_host() {
    let mut provider = Provider::answering(200, "", "x").await;
    for url in [
        "https://files.slack.com.attacker.example/x".to_owned(),
        "http://files.slack.com/x".to_owned(),
        "https://attacker.example/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "not a url".to_owned(),
    ] {
        let error = fetch(&provider, &at(url.clone())).await.unwrap_err();
        assert_eq!(error.code, "media_elsewhere", "{url}");
    }
    assert!(provider.requests.try_recv().is_err());
}

#[tokio::test]
async fn without_an_address_slack_is_asked_for_it() {
    let mut provider = Provider::answering(200, "", r#"{"ok":false,"error":"file_not_found"}"#).await;
    let media = Media {
        id: Some("F 1&x".to_owned()),
        ..Media::default()
    };
    let error = fetch(&provider, &media).await.unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "file_not_found")
    );
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request
            .head
            .starts_with("GET /api/files.info?file=F+1%26x HTTP/1.1"),
        "{}",
        request.head
    );
    let elsewhere = Provider::answering(
        200,
        "",
        r#"{"ok":true,"file":{"url_private":"https://drive.example.com/x"}}"#,
    )
    .await;
    assert_eq!(
        fetch(&elsewhere, &media).await.unwrap_err().code,
        "media_elsewhere"
    );
    assert_eq!(
        fetch(&elsewhere, &Media::default()).await.unwrap_err().code,
        "no_media_id"
    );
}
