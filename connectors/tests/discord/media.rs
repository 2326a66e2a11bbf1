//! Files come from Discord's own hosts, and no token goes there.

use switchboard_connectors::SendDecision;
use switchboard_domain::Media;

use crate::{
    account::{TOKEN, account, discord},
    provider::Provider,
    wire::client,
};

fn at(url: impl Into<String>) -> Media {
    Media {
        url: Some(url.into()),
        ..Media::default()
    }
}

#[tokio::test]
async fn a_file_is_fetched_without_the_token() {
    let mut provider = Provider::answering(200, "content-type: image/png\r\n", "PNG").await;
    let media = at(format!("{}/attachments/1/2/a.png?ex=1&hm=2", provider.url()));
    let fetched = discord()
        .fetch_media(&client(), &account(&provider.url()), &media)
        .await
        .unwrap();
    assert_eq!(
        (fetched.bytes.as_ref(), fetched.mime_type.as_deref()),
        (&b"PNG"[..], Some("image/png"))
    );
    let head = provider.requests.recv().await.unwrap().head;
    assert!(
        head.starts_with("GET /attachments/1/2/a.png?ex=1&hm=2 ") && !head.contains(TOKEN),
        "{head}"
    );
    let gone = Provider::answering(404, "", "This content is no longer available.").await;
    let media = at(format!("{}/a.png", gone.url()));
    let error = discord()
        .fetch_media(&client(), &account(&gone.url()), &media)
        .await
        .unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::GiveUp, "media_expired")
    );
}

#[tokio::test]
async fn nothing_is_fetched_from_anywhere_else() {
    let mut provider = Provider::answering(200, "", "x").await;
    for url in [
        "https://cdn.discordapp.com.attacker.example/x",
        "http://cdn.discordapp.com/x",
        "https://attacker.example/cdn.discordapp.com",
        "file:///etc/passwd",
        "x",
    ] {
        let error = discord()
            .fetch_media(&client(), &account(&provider.url()), &at(url))
            .await
            .unwrap_err();
        assert_eq!(error.code, "media_elsewhere", "{url}");
    }
    let nothing = discord()
        .fetch_media(&client(), &account(&provider.url()), &Media::default())
        .await;
    assert_eq!(nothing.unwrap_err().code, "no_media_url");
    assert!(provider.requests.try_recv().is_err());
}
