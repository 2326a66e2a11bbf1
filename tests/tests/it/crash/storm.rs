//! Workers are killed, Redis is killed, connections are cut, webhooks come twice; in the end everything is there once.

use std::{
    collections::HashMap,
    env,
    time::{Duration, Instant},
};

use futures_util::TryStreamExt;
use mongodb::{
    Database,
    bson::{Document, doc},
};
use switchboard_tests::{
    Console, Desk, Hub, HubOptions, Isolated, Mongo, Role, Valkey,
    api::{items, text},
    desk::{id, time},
};

use super::{
    burst::{Burst, Posted},
    count, settled,
    supervisor::{Seen, Supervisor},
    within_capacity,
};

const SOON: Duration = Duration::from_mins(1);

/// 4,000, or what `CRASH_MESSAGES` says.
fn messages() -> usize {
    env::var("CRASH_MESSAGES").map_or(4000, |number| number.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_misplaced_while_everything_is_killed() {
    let (mongo, mut valkey) = (Mongo::start().await, Valkey::start().await);
    let corner = Isolated::on(&mongo.uri(), &valkey.url());
    let mut hub = Hub::start(HubOptions::all(&corner).split(1, 2)).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let mut agents: Vec<Console> = Vec::new();
    for _ in 0..5 {
        agents.push(desk.agent().await.1);
    }
    let supervisor = Supervisor::watch(&desk.admin, &desk.name).await;
    let database = corner.database().await;
    let watched = database.clone();
    let watch = tokio::spawn(async move {
        loop {
            within_capacity(&watched).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });

    let started = Instant::now();
    let (total, customers) = (messages(), messages() / 20);
    let burst = Burst::new(&desk, total, customers);
    let posting = burst.start();
    burst.reached(15).await;
    hub.node(Role::Work, 0).restart().await;
    burst.reached(30).await;
    supervisor.cut();
    burst.reached(45).await;
    valkey.restart().await;
    burst.reached(60).await;
    hub.node(Role::Work, 1).restart().await;
    burst.reached(75).await;
    supervisor.cut();
    let posted = burst.finish(posting).await;
    let taken = started.elapsed();
    settled(&desk.admin).await;
    let drained = started.elapsed();

    once_in_the_database(&database, &desk, &posted, customers).await;
    let seen = once_on_screen(&supervisor, &posted, &corner).await;
    in_order(&desk).await;
    within_capacity(&database).await;
    assert!(
        !watch.is_finished(),
        "somebody was above capacity: {:?}",
        watch.await
    );
    watch.abort();
    let ready = desk.admin.outside("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text);
    for console in &agents {
        assert!(!console.is_closed(), "an agent's console was dropped");
    }
    let doubles: u32 = seen.messages.values().map(|times| times - 1).sum();
    println!(
        "{total} messages taken in {taken:.1?} ({} refused once, slowest {:.1?}), drained after {drained:.1?}; on screen {doubles} twice, {} reconnects",
        posted.refused, posted.slowest, seen.reconnects
    );
}

async fn once_in_the_database(database: &Database, desk: &Desk, posted: &Posted, customers: usize) {
    let of_desk = doc! { "account_id": &desk.name };
    let messages = database.collection::<Document>("messages");
    let ids: Vec<String> = messages
        .find(of_desk.clone())
        .projection(doc! { "provider_message_id": 1 })
        .await
        .unwrap()
        .map_ok(|message| message.get_str("provider_message_id").unwrap().to_owned())
        .try_collect()
        .await
        .unwrap();
    let mut times: HashMap<&str, u32> = HashMap::new();
    for id in &ids {
        *times.entry(id).or_default() += 1;
    }
    let doubled = times.values().filter(|times| **times > 1).count();
    let lost = posted
        .ids
        .iter()
        .filter(|id| !times.contains_key(id.as_str()))
        .count();
    assert_eq!(
        (lost, doubled, ids.len()),
        (0, 0, posted.ids.len()),
        "lost, doubled, stored"
    );
    assert_eq!(
        count(database, "conversations", of_desk).await,
        customers as u64,
        "conversations"
    );
}

async fn once_on_screen(supervisor: &Supervisor, posted: &Posted, corner: &Isolated) -> Seen {
    let started = Instant::now();
    let seen = loop {
        let seen = supervisor.seen();
        assert_eq!(seen.refetches, 0, "told to fetch anew");
        let missing: Vec<&String> = posted
            .ids
            .iter()
            .filter(|id| !seen.messages.contains_key(*id))
            .collect();
        if missing.is_empty() {
            break seen;
        }
        assert!(
            started.elapsed() < SOON,
            "never shown: {} messages, of which the live stream has {}",
            missing.len(),
            in_the_stream(corner, &missing).await
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(seen.reconnects >= 2);
    assert!(seen.messages.keys().all(|id| posted.ids.contains(id)));
    seen
}

/// How many of them are in the live stream for everybody: the others were lost before it.
async fn in_the_stream(corner: &Isolated, ids: &[&String]) -> usize {
    let entries = corner.live_stream().await;
    let for_everybody = |fields: &[String]| {
        fields
            .iter()
            .any(|field| field.split(',').any(|room| room == "all"))
    };
    let there = |id: &&&String| {
        entries.iter().any(|(_, fields)| {
            for_everybody(fields) && fields.iter().any(|field| field.contains(id.as_str()))
        })
    };
    ids.iter().filter(there).count()
}

/// (provider time, arrival) in every thread as the API shows it; the list says what the thread says.
async fn in_order(desk: &Desk) {
    let mut cursor = String::new();
    loop {
        let page = desk
            .admin
            .get(&format!("/conversations?account={}&limit=200{cursor}", desk.name))
            .await
            .ok();
        for conversation in items(&page) {
            let thread = desk
                .admin
                .get(&format!("/conversations/{}/messages?limit=200", id(conversation)))
                .await
                .ok();
            let order: Vec<_> = items(&thread)
                .iter()
                .map(|one| (time(one, "provider_at"), time(one, "received_at")))
                .collect();
            assert!(order.is_sorted(), "out of order: {order:?}");
            let positions: Vec<_> = items(&thread).iter().map(|one| text(one, "position")).collect();
            assert!(positions.is_sorted_by(|a, b| a < b), "positions: {positions:?}");
            let last = items(&thread).last().unwrap();
            assert_eq!(
                conversation["last_message"]["id"], last["id"],
                "the row shows another message than the thread's last"
            );
            assert_eq!(conversation["unread"], items(&thread).len(), "unread");
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return,
        }
    }
}
