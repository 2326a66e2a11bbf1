//! Files come from X's own hosts, and the token goes only where they are private.

use switchboard_domain::Media;

use crate::{
    account::{TOKEN, account, x},
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
async fn a_private_file_is_fetched_with_the_token() {
    let mut provider = Provider::answering(200, "content-type: image/jpeg\r\n", "JPG").await;
    let media = at(format!("{}/1.1/ton/data/dm/1/2/a.jpg", provider.url()));
    let fetched = x()
        .fetch_media(&client(), &account(&provider.url()), &media)
        .await
        .unwrap();
    assert_eq!(
        (fetched.bytes.as_ref(), fetched.mime_type.as_deref()),
        (&b"JPG"[..], Some("image/jpeg"))
    );
    let head = provider.requests.recv().await.unwrap().head;
    assert!(head.contains(&format!("authorization: Bearer {TOKEN}")), "{head}");
}

#[tokio::test]
async fn nothing_is_fetched_from_anywhere_else() {
    let mut provider = Provider::answering(200, "", "x").await;
    for url in [
        "https://ton.twitter.com.attacker.example/x",
        "http://pbs.twimg.com/x",
        "https://attacker.example/x",
        "file:///etc/passwd",
        "x",
    ] {
        let error = x()
            .fetch_media(&client(), &account(&provider.url()), &at(url))
            .await
            .unwrap_err();
        assert_eq!(error.code, "media_elsewhere", "{url}");
    }
    let nothing = x()
        .fetch_media(&client(), &account(&provider.url()), &Media::default())
        .await;
    assert_eq!(nothing.unwrap_err().code, "no_media_url");
    assert!(provider.requests.try_recv().is_err());
}
