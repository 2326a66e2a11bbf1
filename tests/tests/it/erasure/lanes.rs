//! What was on its way when somebody was erased, in either direction.

use std::time::Duration;

use serde_json::json;
use switchboard_tests::{
    Hub, HubOptions, Isolated,
    api::{items, text},
    desk::Customer,
    eventually,
};

use super::{
    everything::{everything, places},
    planted::{SOON, begin, erasure_is, plant, posted},
    webhook,
};
use crate::outbound::Talk;

#[tokio::test]
async fn what_was_on_its_way_brings_nobody_back_and_isnt_sent() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let talk = Talk::at(hub.url()).await;
    let (desk, admin) = (&talk.desk, &talk.desk.admin);
    let gone = plant(&corner, &talk, "leaving").await;
    for lane in ["ingest", "outbound"] {
        admin
            .post(&format!("/ops/queues/{lane}/pause"), &json!({}))
            .await
            .ok();
    }
    let (late, unsent) = ("late-words-3391", "unsent-words-3391");
    // Longer than it takes a worker to notice.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let waiting = webhook(&talk, &gone.phone, late);
    posted(&talk, &waiting).await;
    talk.agent.reply(&gone.conversation, unsent, "u").await.ok();
    begin(admin, &gone.customer).await.ok();
    let settling = erasure_is(admin, &gone.customer, "settling").await;
    assert_eq!(settling["progress"]["replies_dropped"], 1, "{settling}");
    // What comes now is somebody new's, though the old words wait before it.
    posted(&talk, &webhook(&talk, &gone.phone, "new words")).await;
    for lane in ["outbound", "ingest"] {
        admin
            .post(&format!("/ops/queues/{lane}/resume"), &json!({}))
            .await
            .ok();
    }
    erasure_is(admin, &gone.customer, "erased").await;
    // Providers deliver some things twice.
    posted(&talk, &waiting).await;
    let last = desk.customer();
    desk.write(&last, "after those").await;
    desk.conversation(admin, &last).await;
    eventually("what came twice is forgotten twice", SOON, async || {
        places(&everything(&corner).await, late).is_empty()
    })
    .await;
    let after = everything(&corner).await;
    for trace in [late, unsent].map(str::to_owned) {
        let left = places(&after, &trace);
        assert!(left.is_empty(), "{trace} is left in {left:?}");
    }
    let sent = talk.graph.messages();
    assert!(sent.iter().all(|message| message.text() != Some(unsent)));
    let who = Customer {
        phone: gone.phone.clone(),
    };
    let conversation = desk.conversation(admin, &who).await;
    assert_ne!(text(&conversation, "customer_id"), gone.customer);
    let path = format!("/conversations/{}/messages", text(&conversation, "id"));
    let thread = admin.get(&path).await.ok();
    assert_eq!(items(&thread).len(), 1, "{thread}");
    let letters = admin.get("/ops/dead-letters?lane=outbound").await.ok();
    assert!(items(&letters).is_empty(), "{letters}");
}
