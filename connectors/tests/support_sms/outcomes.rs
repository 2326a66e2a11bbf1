//! What holds for every send path, whatever the provider's own words are.

use std::time::Duration;

use switchboard_connectors::{Connector, REQUEST_TIMEOUT, Receipt, SendDecision, SendError};
use switchboard_domain::{ChannelAccount, Content};
use tokio::net::TcpListener;

use super::{Provider, Reply, account, answer, client, outgoing};

pub async fn send_text(connector: &dyn Connector, account: &ChannelAccount) -> Result<Receipt, SendError> {
    connector
        .send(&client(), account, &outgoing(Content::text("hello")))
        .await
}

/// The error of a send that is answered so.
pub async fn failure(connector: &dyn Connector, status: u16, headers: &str, body: &str) -> SendError {
    let provider = Provider::answering(status, headers, body).await;
    let account = account(connector, &provider.url());
    let error = send_text(connector, &account).await.unwrap_err();
    for secret in account.secrets.0.values() {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(secret.expose()), "{shown}");
    }
    error
}

pub async fn assert_usual(connector: &'static dyn Connector) {
    the_status_decides(connector).await;
    a_yes_that_cannot_be_read_is_uncertain(connector).await;
    a_connection_that_breaks_off_is_uncertain(connector).await;
    silence_is_uncertain(connector).await;
    unreachable_is_tried_again(connector).await;
    no_token_no_send(connector).await;
}

async fn the_status_decides(connector: &dyn Connector) {
    let (retry, give_up) = (SendDecision::Retry, SendDecision::GiveUp);
    for (status, headers, decision) in [
        (400, "", give_up),
        (401, "", give_up),
        (403, "", give_up),
        (404, "", give_up),
        (302, "location: http://127.0.0.1:1/\r\n", give_up),
        (429, "", retry),
        (
            429,
            "retry-after: 17\r\n",
            SendDecision::RetryAfter(Duration::from_secs(17)),
        ),
        (500, "", retry),
        (
            503,
            "retry-after: 2\r\n",
            SendDecision::RetryAfter(Duration::from_secs(2)),
        ),
    ] {
        for body in ["<html>a proxy's page</html>", "", "{}", "[]", "null"] {
            let error = failure(connector, status, headers, body).await;
            assert_eq!(error.decision, decision, "{status} {body}");
            assert_eq!(error.token_rejected, status == 401, "{status} {body}");
        }
    }
}

async fn a_yes_that_cannot_be_read_is_uncertain(connector: &dyn Connector) {
    let endless = "x".repeat(300_000);
    for body in ["<html>", "", "{}", "null", "[]", "{\"messages\":[]}", &endless] {
        let error = failure(connector, 200, "", body).await;
        assert_eq!(error.decision, SendDecision::Uncertain, "{body:.40}");
    }
}

async fn a_connection_that_breaks_off_is_uncertain(connector: &dyn Connector) {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"messages\":[";
    for reply in [Reply::Cut, Reply::Bytes(half.to_owned())] {
        let mut provider = Provider::start(vec![reply]).await;
        let error = send_text(connector, &account(connector, &provider.url()))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::Uncertain, "{error}");
        assert!(provider.requests.recv().await.is_some());
        assert!(
            provider.requests.try_recv().is_err(),
            "it must not be sent a second time"
        );
    }
    let cut_error = Reply::Bytes("HTTP/1.1 503 X\r\ncontent-length: 500\r\n\r\n{".to_owned());
    let provider = Provider::start(vec![cut_error]).await;
    let error = send_text(connector, &account(connector, &provider.url()))
        .await
        .unwrap_err();
    assert_eq!(error.decision, SendDecision::Retry, "an error is a clear no");
}

async fn silence_is_uncertain(connector: &'static dyn Connector) {
    let mut provider = Provider::start(vec![Reply::Silence]).await;
    let account = account(connector, &provider.url());
    let sending = tokio::spawn(async move { send_text(connector, &account).await });
    provider.requests.recv().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    let error = sending.await.unwrap().unwrap_err();
    tokio::time::resume();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Uncertain, "timeout")
    );
}

async fn unreachable_is_tried_again(connector: &dyn Connector) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let account = account(connector, &format!("http://{address}"));
    let error = send_text(connector, &account).await.unwrap_err();
    assert_eq!(
        (error.decision, error.code.as_str()),
        (SendDecision::Retry, "unreachable")
    );
}

async fn no_token_no_send(connector: &dyn Connector) {
    let mut no_token = account(connector, "http://127.0.0.1:1");
    no_token.secrets.0.remove("access_token");
    let no_url = account(connector, "ftp://example.com");
    for account in [no_token, no_url] {
        let error = send_text(connector, &account).await.unwrap_err();
        assert_eq!(
            (error.decision, error.code.as_str()),
            (SendDecision::GiveUp, "channel_settings")
        );
    }
}

/// A file is fetched from the provider with our credentials, from elsewhere without them or not at all.
pub async fn assert_files_stay_home(connector: &dyn Connector) {
    let bytes = answer(200, "content-type: image/png\r\n", "PNG");
    let mut provider = Provider::start(vec![bytes]).await;
    let account = account(connector, &provider.url());
    let media = |url: String| switchboard_domain::Media {
        url: Some(url),
        ..switchboard_domain::Media::default()
    };
    let fetched = connector
        .fetch_media(&client(), &account, &media(format!("{}/file", provider.url())))
        .await
        .unwrap();
    assert_eq!(
        (fetched.bytes.as_ref(), fetched.mime_type.as_deref()),
        (&b"PNG"[..], Some("image/png"))
    );
    let request = provider.requests.recv().await.unwrap();
    assert!(request.header("authorization").is_some());
    let mut other = Provider::answering(200, "", "secret").await;
    let lure = answer(302, &format!("location: {}/inside\r\n", other.url()), "");
    let luring = Provider::start(vec![lure]).await;
    let at_luring = super::account(connector, &luring.url());
    for (account, url) in [
        (&account, format!("{}/inside", other.url())),
        (&account, "http://169.254.169.254/latest".to_owned()),
        (&account, "https://example.com/a.png".to_owned()),
        (&account, "file:///etc/passwd".to_owned()),
        (&account, "no url".to_owned()),
        (&at_luring, format!("{}/file", luring.url())),
    ] {
        let error = connector
            .fetch_media(&client(), account, &media(url.clone()))
            .await
            .unwrap_err();
        assert_eq!(error.decision, SendDecision::GiveUp, "{url}");
        assert_eq!(error.code, "media_elsewhere", "{url}");
    }
    assert!(other.requests.try_recv().is_err(), "it must not be asked at all");
}
