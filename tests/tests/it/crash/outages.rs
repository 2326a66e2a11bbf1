//! One thing away at a time, then two.

use std::time::{Duration, Instant};

use mongodb::bson::doc;
use switchboard_tests::{
    Customer, Desk, Hub, HubOptions, Isolated, Mongo, Valkey,
    api::{items, text},
    desk::{fresh_wamid, id},
    eventually,
};

use super::{burst::Burst, count, settled};

const SOON: Duration = Duration::from_mins(1);

struct Stage {
    desk: Desk,
    _hub: Hub,
    corner: Isolated,
    mongo: Mongo,
    valkey: Valkey,
}

impl Stage {
    async fn set() -> Self {
        let (mongo, valkey) = (Mongo::start().await, Valkey::start().await);
        let corner = Isolated::on(&mongo.uri(), &valkey.url());
        let hub = Hub::start(HubOptions::all(&corner)).await;
        let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
        // The account is known from now on.
        desk.write(&desk.customer(), "hello").await;
        Self {
            desk,
            _hub: hub,
            corner,
            mongo,
            valkey,
        }
    }

    async fn ready(&self) {
        eventually("ready again", SOON, async || {
            self.desk.admin.outside("/readyz").await.status == 200
        })
        .await;
    }
}

#[tokio::test]
async fn without_redis_webhooks_are_taken_and_drained_in_order() {
    let mut stage = Stage::set().await;
    settled(&stage.desk.admin).await;
    stage.valkey.kill();
    let (customer, down) = (stage.desk.customer(), Instant::now());
    let mut sent = Vec::new();
    // Five seconds of it, in case something gives up later than at once.
    while down.elapsed() < Duration::from_secs(5) {
        let body = format!("nth {:04}", sent.len());
        let asked = Instant::now();
        stage.desk.write(&customer, &body).await;
        assert!(
            asked.elapsed() < Duration::from_secs(3),
            "a slow acknowledgement: {:?}",
            asked.elapsed()
        );
        sent.push(body);
    }
    assert!(sent.len() > 20, "only {} in five seconds", sent.len());
    let database = stage.corner.database().await;
    assert_eq!(count(&database, "ingest_spool", doc! {}).await, sent.len() as u64);
    stage.valkey.restart().await;
    settled(&stage.desk.admin).await;
    let conversation = stage.desk.conversation(&stage.desk.admin, &customer).await;
    let mut path = format!("/conversations/{}/messages?limit=200", id(&conversation));
    let mut thread: Vec<String> = Vec::new();
    loop {
        let page = stage.desk.admin.get(&path).await.ok();
        let mut bodies: Vec<String> = items(&page)
            .iter()
            .map(|one| text(&one["content"], "text"))
            .collect();
        bodies.append(&mut thread);
        thread = bodies;
        let Some(before) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!(
            "/conversations/{}/messages?limit=200&before={before}",
            id(&conversation)
        );
    }
    assert_eq!(thread, sent);
    stage.ready().await;
}

#[tokio::test]
async fn without_redis_and_mongodb_the_provider_is_told_to_come_again() {
    let mut stage = Stage::set().await;
    settled(&stage.desk.admin).await;
    stage.valkey.kill();
    stage.mongo.kill();
    let customer = stage.desk.customer();
    let webhook = stage.desk.text(&customer, &fresh_wamid(), "anybody?");
    let refused = stage.desk.post(&webhook).await;
    assert_eq!(refused.error(503), "unavailable");
    let after: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&after), "Retry-After: {after}");
    assert_eq!(stage.desk.admin.outside("/healthz").await.status, 200);
    stage.mongo.restart().await;
    stage.valkey.restart().await;
    eventually("it is taken", SOON, async || {
        stage.desk.post(&webhook).await.status == 200
    })
    .await;
    stage.desk.conversation(&stage.desk.admin, &customer).await;
    settled(&stage.desk.admin).await;
    let database = stage.corner.database().await;
    let once = doc! { "content.text": "anybody?" };
    assert_eq!(count(&database, "messages", once).await, 1);
    stage.ready().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_mongodb_hangs_or_changes_its_primary_webhooks_are_taken() {
    let stage = Stage::set().await;
    let burst = Burst::new(&stage.desk, 600, 30);
    let posting = burst.start();
    burst.reached(10).await;
    stage.mongo.pause();
    // Beyond the time an account is remembered: the door mustn't wait for MongoDB.
    let late: Customer = stage.desk.customer();
    let paused = Instant::now();
    while paused.elapsed() < Duration::from_secs(5) {
        let asked = Instant::now();
        stage.desk.write(&late, "while it hangs").await;
        assert!(
            asked.elapsed() < Duration::from_secs(3),
            "a slow acknowledgement: {:?}",
            asked.elapsed()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stage.mongo.resume();
    let posted = burst.finish(posting).await;
    assert_eq!(posted.refused, 0, "refused though Redis is there");
    stage.mongo.step_down(2).await;
    let second = Burst::new(&stage.desk, 300, 30);
    let posted = second.finish(second.start()).await;
    assert_eq!(posted.refused, 0, "refused though Redis is there");
    settled(&stage.desk.admin).await;
    let database = stage.corner.database().await;
    let burst_messages = doc! { "content.text": { "$regex": "^message " } };
    assert_eq!(count(&database, "messages", burst_messages).await, 900);
    stage.ready().await;
}
