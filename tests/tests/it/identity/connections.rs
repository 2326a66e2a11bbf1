//! Nobody holds connections for nothing, and nobody holds them all.

use std::time::Duration;

use switchboard_tests::{Api, Console, Hub, HubOptions, Isolated, eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(20);

/// All the hub says to these bytes until it hangs up.
async fn said_to(url: &str, bytes: &[u8]) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    // A reset is an end as well.
    let ended = timeout(SOON, stream.read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "the hub holds the connection");
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner).with("SWITCHBOARD_HTTP__HEADER_TIMEOUT_SECS", "1")).await;
    assert_eq!(
        said_to(hub.url(), b"GET /healthz HTTP/1.1\r\nHost: hub\r\nX-Slow: ").await,
        ""
    );
    assert_eq!(said_to(hub.url(), b"").await, "");
    // Nor one without end, however fast it comes.
    let long = format!(
        "GET /healthz HTTP/1.1\r\nHost: hub\r\nX-Long: {}\r\n\r\n",
        "a".repeat(40_000)
    );
    let said = said_to(hub.url(), long.as_bytes()).await;
    assert!(said.starts_with("HTTP/1.1 431 "), "{said}");
    // Who is answered may ask again on the same connection.
    let twice = "GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n".repeat(2);
    let said = said_to(hub.url(), twice.as_bytes()).await;
    assert_eq!(said.matches("HTTP/1.1 200 ").count(), 2, "{said}");
}

#[tokio::test]
async fn an_address_has_so_many_consoles_and_no_more() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner)
        .with("SWITCHBOARD_LIVE__IP_CONNECTIONS", "2")
        .with("SWITCHBOARD_HTTP__TRUST_FORWARDED_FOR", "true");
    let hub = Hub::start(options).await;
    let agent = Api::sign_in(hub.url(), "agent1@demo.test").await;
    let token = agent.token.clone().unwrap();
    let first = Console::connect(hub.url(), &token).await;
    let _second = Console::connect(hub.url(), &token).await;
    let from = async |address: &str| {
        let url = format!("{}/socket.io/?EIO=4&transport=polling", hub.url());
        let request = switchboard_tests::http()
            .get(url)
            .header("X-Forwarded-For", address);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(from("127.0.0.1").await, 429);
    assert_eq!(from("192.0.2.1").await, 200);
    drop(first);
    eventually("a place for another", SOON, async || {
        from("127.0.0.1").await == 200
    })
    .await;
}
