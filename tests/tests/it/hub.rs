//! The real binary as the other tests start, break and restart it.

use switchboard_tests::{Hub, HubOptions, Isolated, Role, http};

async fn is_alive(url: &str) -> bool {
    http()
        .get(format!("{url}/healthz"))
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
}

#[tokio::test]
async fn one_process_is_ready_again_after_sigkill_and_stops_cleanly() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner)).await;
    let url = hub.url().to_owned();
    assert!(is_alive(&url).await);

    let node = hub.node(Role::All, 0);
    node.kill();
    assert!(!is_alive(&url).await, "a killed hub answers");
    node.restart().await;
    assert!(is_alive(&url).await);
    let status = node.stop();
    assert!(status.success(), "the end on SIGTERM: {status}");
}

#[tokio::test]
async fn separate_processes_are_ready_together() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let urls: Vec<String> = (0..2).map(|nth| hub.node(Role::Serve, nth).url.clone()).collect();
    assert_ne!(urls[0], urls[1]);
    for url in urls {
        assert!(is_alive(&url).await);
    }
    assert!(
        hub.node(Role::Work, 0).stop().success(),
        "the workers didn't end cleanly on SIGTERM"
    );
}
