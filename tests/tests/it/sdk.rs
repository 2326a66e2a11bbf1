//! The providers' own SDKs sign webhooks for the real hub, judge what it lets in, and read what it sends.

use switchboard_tests::{Hub, HubOptions, Isolated, scripts};

#[tokio::test]
async fn the_providers_sdks_and_the_hub_agree() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    scripts::run("sdk", hub.url()).await;
}
