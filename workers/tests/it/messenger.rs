//! What Messenger tells of our own messages: that they were read up to a time, and what was written elsewhere.

use mongodb::bson::doc;
use serde_json::{Value, json};
use switchboard_connectors::StoredRequest;
use switchboard_domain::{
    AccountKey, Arrival, Channel, ChannelAccount, Content, Conversation, MessageStatus, Timestamp,
};
use switchboard_queue::Lane;
use switchboard_store::StatusChange;
use switchboard_tests::{eventually, eventually_some};
use switchboard_workers::{IngestJob, desk::Draft};

use crate::world::World;

const SOON: std::time::Duration = std::time::Duration::from_secs(20);
const CUSTOMER: &str = "4001";
const PAGE: &str = "9001";

fn key() -> AccountKey {
    AccountKey {
        channel: Channel::Messenger,
        account_id: "page".to_owned(),
    }
}

async fn connect(world: &World) {
    let connector = switchboard_connectors::find(Channel::Messenger);
    let (settings, secrets) = connector.counterpart().account("http://127.0.0.1:9");
    let now = Timestamp::from_secs(1_760_000_000);
    let account = ChannelAccount {
        key: key(),
        name: "Page".to_owned(),
        settings,
        secrets,
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: now,
        updated_at: now,
    };
    world.hub.store.accounts.insert(&account).await.unwrap();
    world.hub.accounts.forget();
}

/// Milliseconds into the test's day.
fn at(offset: u64) -> u64 {
    1_760_000_000_000 + offset
}

async fn post(world: &World, from: &str, to: &str, time: u64, what: Value) {
    let mut item = json!({ "sender": { "id": from }, "recipient": { "id": to }, "timestamp": at(time) });
    item.as_object_mut()
        .unwrap()
        .extend(what.as_object().unwrap().clone());
    let body = json!({ "object": "page", "entry": [{ "id": PAGE, "time": at(time), "messaging": [item] }] });
    let job = IngestJob {
        account: key(),
        arrival: Arrival::from_micros(world.hub.clock.micros()),
        request: StoredRequest {
            headers: Vec::new(),
            body: body.to_string().into(),
        },
    };
    let bytes = job.to_bytes();
    world.hub.producer.push_bytes(Lane::Ingest, bytes).await.unwrap();
}

async fn wrote(world: &World, mid: &str, time: u64) {
    let echo = json!({ "message": { "mid": mid, "text": "ours", "is_echo": true } });
    post(world, PAGE, CUSTOMER, time, echo).await;
    stands(world, mid, "sent").await;
}

async fn delivered(world: &World, mid: &str, watermark: u64, time: u64) {
    let delivery = json!({ "delivery": { "mids": [mid], "watermark": at(watermark) } });
    post(world, CUSTOMER, PAGE, time, delivery).await;
}

async fn read(world: &World, watermark: u64, time: u64) {
    let read = json!({ "read": { "watermark": at(watermark) } });
    post(world, CUSTOMER, PAGE, time, read).await;
}

async fn stands(world: &World, mid: &str, status: &str) {
    eventually(&format!("{mid} is {status}"), SOON, async || {
        let filter = doc! { "provider_message_id": mid, "status": status };
        world.count("messages", filter).await == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_delivered_before_the_time_is_read_and_nothing_else() {
    let world = World::new().await;
    connect(&world).await;
    let running = world.run();
    let hello = json!({ "message": { "mid": "m.hello", "text": "Hello" } });
    post(&world, CUSTOMER, PAGE, 0, hello).await;
    wrote(&world, "m.1", 100).await;
    wrote(&world, "m.2", 200).await;
    wrote(&world, "m.3", 300).await;
    delivered(&world, "m.1", 100, 150).await;
    delivered(&world, "m.3", 300, 350).await;
    stands(&world, "m.1", "delivered").await;
    stands(&world, "m.3", "delivered").await;

    // The time is that of the last message they have seen; that the second was delivered comes later.
    read(&world, 200, 400).await;
    stands(&world, "m.1", "read").await;
    stands(&world, "m.2", "sent").await;
    delivered(&world, "m.2", 200, 250).await;
    stands(&world, "m.2", "read").await;
    stands(&world, "m.3", "delivered").await;

    // An earlier time that arrives late takes nothing back.
    read(&world, 50, 410).await;
    read(&world, 300, 420).await;
    stands(&world, "m.3", "read").await;
    stands(&world, "m.1", "read").await;
    running.stop().await;
}

/// An echo may be faster than the answer that tells us the id of what it is an echo of.
#[tokio::test(flavor = "multi_thread")]
async fn the_echo_of_a_reply_that_is_under_way_is_no_message_of_its_own() {
    let world = World::new().await;
    connect(&world).await;
    let agent = world.agent("ann", 5).await;
    let running = world.run();
    let hello = json!({ "message": { "mid": "m.hello", "text": "Hello" } });
    // Just now, so that it may be answered.
    let now = u64::try_from(world.hub.clock.now().as_millis()).unwrap() - at(0);
    post(&world, CUSTOMER, PAGE, now, hello).await;
    let store = &world.hub.store;
    let conversation = eventually_some("the conversation", SOON, async || {
        let open_key = Conversation::open_key(&key(), CUSTOMER);
        store.conversations.open_of_contact(&open_key).await.unwrap()
    })
    .await;
    let draft = Draft {
        content: Content::text("ours"),
        reply_to: None,
        idempotency_key: "one".to_owned(),
    };
    // Nobody listens where it is sent, so it stays on its way.
    let ours = world
        .hub
        .reply(&conversation, &agent, draft)
        .await
        .unwrap()
        .message;
    let echo = json!({ "message": { "mid": "m.ours", "text": "ours", "is_echo": true } });
    post(&world, PAGE, CUSTOMER, now + 100, echo).await;
    eventually("the echo waits", SOON, async || {
        let lanes = world.hub.redis.lanes();
        lanes.stats(Lane::Ingest).await.unwrap().delayed == 1
    })
    .await;
    store.messages.accepted(&ours.id, &key(), "m.ours").await.unwrap();
    let sent = StatusChange {
        status: MessageStatus::Sent,
        error: None,
        at: Timestamp::from_secs(1_760_000_001),
    };
    store.messages.advance(&ours.id, &sent).await.unwrap();
    eventually("the echo is through", SOON, async || {
        let stats = world.hub.redis.lanes().stats(Lane::Ingest).await.unwrap();
        stats.delayed + stats.pending + stats.depth == 0
    })
    .await;
    assert_eq!(world.count("messages", doc! { "direction": "outbound" }).await, 1);
    running.stop().await;
}
