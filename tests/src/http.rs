//! The HTTP client of the tests.

use std::time::Duration;

/// A client that gives up after ten seconds. The workspace's reqwest comes without a cryptography provider; this installs ring
/// as the process's, as the hub does.
pub fn http() -> reqwest::Client {
    // An error says that this process has one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .expect("an HTTP client")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn starts_without_a_provider_of_the_workspace() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let refused = http().get(format!("http://{address}/")).send().await.unwrap_err();
        assert!(refused.is_connect());
    }
}
