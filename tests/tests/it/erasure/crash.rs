//! An erasure whose worker dies again and again.

use std::time::Duration;

use mongodb::{
    Database,
    bson::{Document, doc},
};
use switchboard_tests::{Hub, HubOptions, Isolated, Role, eventually};

use super::{
    everything::{everything, places},
    planted::{begin, erasure_is, plant},
};
use crate::outbound::Talk;

const LONG: Duration = Duration::from_mins(2);

/// So that going over them takes a while.
async fn many_messages(database: &Database, conversation: &str) {
    let messages = database.collection::<Document>("messages");
    let of_it = doc! { "conversation_id": conversation, "direction": "inbound" };
    let one = messages.find_one(of_it).await.unwrap().unwrap();
    let copies = (0..4000).map(|nth| {
        let mut copy = one.clone();
        copy.insert("_id", format!("copy-{nth}"));
        copy.insert("position", format!("{nth:05}"));
        copy
    });
    messages.insert_many(copies).await.unwrap();
}

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
    let database = corner.database().await;
    many_messages(&database, &gone.conversation).await;
    begin(admin, &gone.customer).await.ok();
    let erasures = database.collection::<Document>("erasures");
    let messages = database.collection::<Document>("messages");
    // Cut, half-way through the first pass, between the two, and half-way through the second.
    for (rows, filter) in [
        (&erasures, doc! { "cut_at": { "$ne": null } }),
        (&messages, doc! { "erased": 1 }),
        (&erasures, doc! { "state": "settling" }),
        (&messages, doc! { "erased": 2 }),
    ] {
        eventually(&format!("{filter}"), LONG, async || {
            rows.find_one(filter.clone()).await.unwrap().is_some()
        })
        .await;
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
