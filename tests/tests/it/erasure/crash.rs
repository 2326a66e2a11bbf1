//! An erasure whose worker dies again and again.

use std::time::Duration;

use switchboard_tests::{Hub, HubOptions, Isolated, Role};

use super::{
    everything::{everything, places},
    planted::{begin, erasure_is, plant},
};
use crate::outbound::Talk;

#[tokio::test]
async fn an_erasure_ends_though_its_worker_is_killed() {
    let corner = Isolated::new().await;
    // The lease of a dead worker's jobs is waited for each time.
    let options = HubOptions::all(&corner)
        .split(1, 1)
        .with("SWITCHBOARD_WORK__LEASE_SECS", "2");
    let mut hub = Hub::start(options.clone()).await;
    let talk = Talk::at(hub.url()).await;
    let admin = &talk.desk.admin;
    let gone = plant(&corner, &talk, "killed").await;
    begin(admin, &gone.customer).await.ok();
    for millis in [0, 20, 40, 80, 160, 320, 2000, 9000] {
        // Wherever it happens to be: that is the point.
        tokio::time::sleep(Duration::from_millis(millis)).await;
        hub.node(Role::Work, 0).restart().await;
    }
    let ended = erasure_is(admin, &gone.customer, "erased").await;
    assert_eq!(
        ended["progress"]["messages"],
        ended["progress"]["messages_erased"]
    );
    let after = everything(&corner).await;
    for trace in gone.traces() {
        let left = places(&after, &trace);
        assert!(left.is_empty(), "{trace} is left in {left:?}");
    }
    let verified = options.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}
