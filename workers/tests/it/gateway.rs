//! Discord's gateway: every message once, whatever happens to the connection, the account and the processes.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Visible,
};
use switchboard_store::{InboxFilter, MessageFilter};
use switchboard_tests::{Isolated, Valkey, eventually};
use switchboard_workers::{Hub, LaneSettings, Workers};
use tokio::{runtime::Runtime, sync::watch};

use crate::{
    discord::{FakeGateway, IDENTIFY, RESUME},
    world::{World, run},
};

const SOON: Duration = Duration::from_secs(30);
/// Longer than a test: no heartbeat gets in the way.
const CALM: Duration = Duration::from_mins(5);
const TOKEN: &str = "the-bots-token";

fn account(gateway: &FakeGateway, id: &str, token: &str) -> ChannelAccount {
    let other = [
        ("gateway".to_owned(), json!(true)),
        ("gateway_url".to_owned(), json!(gateway.url())),
    ];
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Discord,
            account_id: id.into(),
        },
        name: "Discord".into(),
        settings: AccountSettings {
            other: other.into(),
            ..AccountSettings::default()
        },
        secrets: AccountSecrets([("access_token".to_owned(), Secret::new(token))].into()),
        team_id: Some("team".into()),
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: switchboard_domain::Timestamp::from_secs(1),
        updated_at: switchboard_domain::Timestamp::from_secs(1),
    }
}

/// A hub with a Discord account whose gateway is `gateway`.
async fn world(gateway: &FakeGateway) -> World {
    with_account(World::new().await, gateway).await
}

async fn with_account(world: World, gateway: &FakeGateway) -> World {
    world
        .hub
        .store
        .accounts
        .insert(&account(gateway, "d", TOKEN))
        .await
        .unwrap();
    world
}

async fn change(world: &World, change: impl FnOnce(&mut ChannelAccount)) {
    let key = AccountKey {
        channel: Channel::Discord,
        account_id: "d".into(),
    };
    let mut account = world.hub.store.accounts.get(&key).await.unwrap().unwrap();
    account.updated_at = world.hub.clock.now();
    change(&mut account);
    assert!(world.hub.store.accounts.replace(&account).await.unwrap());
}

fn say(gateway: &FakeGateway, ids: std::ops::Range<u64>) {
    for id in ids {
        gateway.say(1_000 + id, &format!("message {id}"));
    }
}

/// What is stored, in its order, once everything is done.
async fn texts(world: &World) -> Vec<String> {
    let everything = Visible::Everything;
    let inbox = world
        .hub
        .store
        .conversations
        .list(&everything, &InboxFilter::default(), None, 10)
        .await
        .unwrap();
    let Some(conversation) = inbox.items.first() else {
        return Vec::new();
    };
    let page = world
        .hub
        .store
        .messages
        .of(conversation, &MessageFilter::Latest, 1000)
        .await
        .unwrap();
    page.items
        .iter()
        .map(|message| match serde_json::to_value(&message.content) {
            Ok(content) => content["text"].as_str().unwrap_or_default().to_owned(),
            Err(error) => panic!("{error}"),
        })
        .collect()
}

async fn stored(world: &World, count: u64) {
    eventually("all messages are stored", SOON, async || {
        world.count("messages", doc! {}).await >= count && world.is_idle().await
    })
    .await;
    let expected: Vec<String> = (0..count).map(|id| format!("message {id}")).collect();
    assert_eq!(texts(world).await, expected, "all of them, in order");
    eventually("all are shown", SOON, async || {
        world.shown("message.created").await.len() as u64 >= count
    })
    .await;
    assert_eq!(
        world.shown("message.created").await.len() as u64,
        count,
        "shown once"
    );
}

/// How many events came through the lane: here repetitions show.
async fn taken(world: &World) -> u64 {
    world
        .db
        .collection::<Document>("event_log")
        .count_documents(doc! {})
        .await
        .unwrap()
}

/// What the holder has kept.
async fn note(world: &World) -> Value {
    let lease = world.hub.redis.lease("gateway:discord:d");
    let note = lease.note().await.unwrap().unwrap_or_default();
    serde_json::from_str(&note).unwrap_or_default()
}

async fn kept(world: &World, sequence: u64) {
    eventually("the session is kept", SOON, async || {
        note(world).await["session"]["sequence"] == sequence
    })
    .await;
}

async fn live(gateway: &FakeGateway) {
    eventually("a session stands", SOON, async || gateway.is_live()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_over_the_gateway() {
    let gateway = FakeGateway::start(Duration::from_millis(200)).await;
    let world = world(&gateway).await;
    let running = world.run();
    live(&gateway).await;
    assert_eq!(gateway.greeting(0)["token"], TOKEN);
    say(&gateway, 0..20);
    stored(&world, 20).await;
    let ledger = taken(&world).await;
    assert_eq!(ledger, 20, "and nothing of what isn't about messages");
    let conversations = world.count("conversations", doc! { "channel": "discord" }).await;
    assert_eq!(conversations, 1);
    eventually("heartbeats come", SOON, async || gateway.heartbeats() > 2).await;
    assert_eq!(gateway.greetings(), [IDENTIFY]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_gone_on_with_where_it_was() {
    let gateway = FakeGateway::start(CALM).await;
    let world = world(&gateway).await;
    let running = world.run();
    live(&gateway).await;
    say(&gateway, 0..5);
    stored(&world, 5).await;
    gateway.cut();
    say(&gateway, 5..10);
    stored(&world, 10).await;
    assert_eq!(gateway.greetings(), [IDENTIFY, RESUME]);
    let resumed = gateway.greeting(1);
    assert_eq!(
        (&resumed["session_id"], &resumed["seq"], &resumed["token"]),
        (&json!("session-1"), &json!(6), &json!(TOKEN)),
        "READY was the first, then five messages"
    );
    // Asked to reconnect, and closed with a code that allows it.
    live(&gateway).await;
    gateway.reconnect();
    say(&gateway, 10..12);
    stored(&world, 12).await;
    live(&gateway).await;
    gateway.close(4000);
    say(&gateway, 12..14);
    stored(&world, 14).await;
    assert_eq!(gateway.greetings(), [IDENTIFY, RESUME, RESUME, RESUME]);
    assert_eq!(taken(&world).await, 14, "none twice");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_gone_is_begun_anew() {
    let gateway = FakeGateway::start(CALM).await;
    let world = world(&gateway).await;
    let running = world.run();
    live(&gateway).await;
    say(&gateway, 0..2);
    stored(&world, 2).await;
    gateway.forget();
    live(&gateway).await;
    assert_eq!(gateway.greetings(), [IDENTIFY, IDENTIFY]);
    say(&gateway, 2..4);
    stored(&world, 4).await;
    eventually("the new session is kept", SOON, async || {
        note(&world).await["session"]["id"] == "session-2"
    })
    .await;
    kept(&world, 3).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_heartbeat_is_left() {
    let gateway = FakeGateway::start(Duration::from_millis(300)).await;
    let world = world(&gateway).await;
    let running = world.run();
    live(&gateway).await;
    gateway.mute();
    eventually("it comes back", SOON, async || {
        gateway.greetings() == [IDENTIFY, RESUME] && gateway.is_live()
    })
    .await;
    let goodbye = gateway.goodbyes();
    assert_eq!(goodbye, [Some(4900)], "with a code that keeps the session");
    say(&gateway, 0..3);
    stored(&world, 3).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_is_left_alone_until_it_changes() {
    let gateway = FakeGateway::start(CALM).await;
    let world = world(&gateway).await;
    gateway.refuse(Some(4004));
    let running = world.run();
    eventually("it is written down", SOON, async || {
        note(&world).await["refused"].is_string()
    })
    .await;
    gateway.refuse(None);
    // Another process doesn't try either: it has connected another account meanwhile.
    let sibling = world.sibling().await;
    let other = run(&sibling);
    let second = account(&gateway, "e", "another-token");
    world.hub.store.accounts.insert(&second).await.unwrap();
    eventually("the other account is connected", SOON, async || {
        gateway.greeted_by("another-token") == 1
    })
    .await;
    assert_eq!(gateway.greeted_by(TOKEN), 1);
    change(&world, |account| {
        account.secrets = AccountSecrets([("access_token".to_owned(), Secret::new("renewed"))].into());
    })
    .await;
    eventually("it is tried again", SOON, async || {
        gateway.greeted_by("renewed") == 1
    })
    .await;
    assert_eq!(gateway.greeted_by(TOKEN), 1);
    running.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_lets_the_next_go_on_at_once() {
    let gateway = FakeGateway::start(CALM).await;
    let world = world(&gateway).await;
    let running = world.run();
    live(&gateway).await;
    say(&gateway, 0..3);
    stored(&world, 3).await;
    running.stop().await;
    eventually("it has said goodbye", SOON, async || {
        gateway.goodbyes() == [Some(4900)]
    })
    .await;
    let lease = world.hub.redis.lease("gateway:discord:d");
    assert!(
        lease.hold(Duration::from_secs(1)).await.unwrap(),
        "the lease is free"
    );
    lease.release().await.unwrap();
    say(&gateway, 3..6);
    let running = world.run();
    stored(&world, 6).await;
    assert_eq!(gateway.greetings(), [IDENTIFY, RESUME]);
    assert_eq!(gateway.greeting(1)["seq"], 4);
    assert_eq!(taken(&world).await, 6, "none twice");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_changes_is_heeded_within_seconds() {
    let gateway = FakeGateway::start(CALM).await;
    let world = world(&gateway).await;
    let running = world.run();
    live(&gateway).await;
    change(&world, |account| account.enabled = false).await;
    eventually("the session is ended", SOON, async || {
        gateway.goodbyes() == [Some(1000)]
    })
    .await;
    change(&world, |account| account.enabled = true).await;
    live(&gateway).await;
    change(&world, |account| {
        account.secrets = AccountSecrets([("access_token".to_owned(), Secret::new("another"))].into());
    })
    .await;
    eventually("it goes on with the new token", SOON, async || {
        gateway.greeted_by("another") == 1 && gateway.is_live()
    })
    .await;
    assert_eq!(gateway.greetings(), [IDENTIFY, IDENTIFY, IDENTIFY]);
    assert_eq!(gateway.most_open(), 1);
    // A change of something else disturbs nobody.
    change(&world, |account| account.name = "Another name".into()).await;
    say(&gateway, 0..2);
    stored(&world, 2).await;
    assert_eq!(gateway.goodbyes(), [Some(1000), Some(1000)]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_events_wait_in_the_spool_and_the_connection_stays() {
    let mut valkey = Valkey::start().await;
    let shared = Isolated::new().await;
    let gateway = FakeGateway::start(CALM).await;
    let corner = Isolated::on(&shared.mongo_uri, &valkey.url());
    let world = with_account(World::on(corner).await, &gateway).await;
    let running = world.run();
    live(&gateway).await;
    say(&gateway, 0..3);
    stored(&world, 3).await;
    valkey.kill();
    say(&gateway, 3..6);
    let spool = &world.hub.store.spool;
    eventually("the spool has them", SOON, async || {
        spool.count().await.unwrap() == 3
    })
    .await;
    valkey.restart().await;
    // As the serving process drains it.
    for spooled in spool.oldest(10, usize::MAX).await.unwrap() {
        let payload: bytes::Bytes = spooled.payload.into();
        eventually("Redis takes it", SOON, async || {
            let lane = switchboard_queue::Lane::Ingest;
            world.hub.producer.push_bytes(lane, payload.clone()).await.is_ok()
        })
        .await;
    }
    stored(&world, 6).await;
    say(&gateway, 6..8);
    stored(&world, 8).await;
    kept(&world, 9).await;
    assert_eq!(gateway.greetings(), [IDENTIFY], "one connection for all of it");
    running.stop().await;
}

/// A process that can be killed.
struct Process(Option<Runtime>);

impl Process {
    fn start(hub: Hub) -> Self {
        let runtime = Runtime::new().unwrap();
        runtime.spawn(async move {
            let (_stop, stopped) = watch::channel(false);
            let settings = LaneSettings {
                lease: Duration::from_secs(1),
                ..LaneSettings::default()
            };
            Workers::new(&hub, &settings, stopped).run().await;
        });
        Self(Some(runtime))
    }

    fn kill(&mut self) {
        self.0.take().unwrap().shutdown_background();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_one_is_connected_and_the_other_goes_on_when_it_dies() {
    let gateway = FakeGateway::start(Duration::from_millis(300)).await;
    let world = world(&gateway).await;
    let mut one = Process::start(world.sibling().await);
    live(&gateway).await;
    let mut two = Process::start(world.sibling().await);
    say(&gateway, 0..5);
    stored(&world, 5).await;
    kept(&world, 6).await;
    one.kill();
    eventually("its connection is gone", SOON, async || {
        gateway.goodbyes() == [None]
    })
    .await;
    say(&gateway, 5..10);
    stored(&world, 10).await;
    assert_eq!(gateway.greetings(), [IDENTIFY, RESUME]);
    assert_eq!(gateway.greeting(1)["seq"], 6);
    // And back again.
    let _three = Process::start(world.sibling().await);
    kept(&world, 12).await;
    two.kill();
    eventually("its connection is gone", SOON, async || {
        gateway.goodbyes() == [None, None]
    })
    .await;
    say(&gateway, 10..15);
    stored(&world, 15).await;
    assert_eq!(gateway.greetings(), [IDENTIFY, RESUME, RESUME]);
    assert_eq!(gateway.most_open(), 1, "one connection at a time");
    assert_eq!(taken(&world).await, 15, "none twice");
}
