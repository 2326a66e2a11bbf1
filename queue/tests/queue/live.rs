//! The live stream: append, follow, replay, refetch.

use std::time::Duration;

use switchboard_domain::{Audience, LiveEvent, LiveEventName, Room, Timestamp};
use switchboard_queue::{LiveEntry, LiveStream, Replay, Tail};
use tokio::time::timeout;

use crate::server::{Server, eventually};

fn event(text: &str) -> LiveEvent {
    let audience = Audience(vec![Room::Everything, Room::Agent("agent-1".into())]);
    LiveEvent::new(
        LiveEventName::MessageCreated,
        Timestamp::from_millis(1_760_000_000_123),
        audience,
        &text,
    )
    .unwrap()
}

async fn append(live: &LiveStream, texts: &[&str]) -> Vec<String> {
    let events: Vec<_> = texts.iter().map(|text| event(text)).collect();
    live.append(&events).await.unwrap()
}

fn texts(entries: &[LiveEntry]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| serde_json::from_slice(&entry.data).unwrap())
        .collect()
}

async fn next(tail: &mut switchboard_queue::LiveTail) -> Tail {
    timeout(Duration::from_secs(20), tail.next())
        .await
        .expect("the tail yields in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_continued_from_exactly_or_not_at_all() {
    let server = Server::start().await;
    let live = server.connect().await.live();
    let start = live.last_cursor().await.unwrap();
    assert_eq!(live.last_cursor().await.unwrap(), start, "asking changes nothing");
    let cursors = append(&live, &["a", "b", "c"]).await;
    assert_eq!(live.last_cursor().await.unwrap(), cursors[2]);

    let Replay::Events(events) = live.after(&start, 3).await.unwrap() else {
        panic!("refetch")
    };
    assert_eq!(texts(&events), ["a", "b", "c"]);
    assert_eq!(events[0].cursor, cursors[0]);
    assert_eq!(
        (events[0].name.as_str(), events[0].at.as_millis()),
        ("message.created", 1_760_000_000_123)
    );
    assert_eq!(events[0].rooms, ["all", "agent:agent-1"]);
    let Replay::Events(events) = live.after(&cursors[2], 3).await.unwrap() else {
        panic!("refetch")
    };
    assert!(events.is_empty());

    for (why, cursor) in [
        ("malformed", "nonsense"),
        ("a range, not a cursor", "-"),
        ("ahead of the end", "9999999999999-0"),
        ("never existed", "1-1"),
    ] {
        assert!(
            matches!(live.after(cursor, 100).await.unwrap(), Replay::Refetch),
            "{why}"
        );
    }
    let Replay::Events(events) = live.after(&start, 2).await.unwrap() else {
        panic!("refetch")
    };
    assert_eq!(texts(&events), ["a", "b"], "a page of it");

    let trimmed = live.clone().keep(10);
    for _ in 0..10 {
        append(&trimmed, &["x"; 100]).await;
    }
    assert!(
        matches!(live.after(&cursors[2], 100_000).await.unwrap(), Replay::Refetch),
        "trimmed away"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn since_finds_what_was_shown_already() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let live = redis.live();
    let before = redis.clock().now();
    let many: Vec<String> = (0..4500).map(|n| n.to_string()).collect();
    append(&live, &many.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let found = live.since(before, Duration::from_secs(1)).await.unwrap();
    assert_eq!(texts(&found), many, "over several pages, each once, in order");
    let later = redis.clock().now().plus(Duration::from_mins(1));
    assert!(live.since(later, Duration::ZERO).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_yields_what_comes_and_recognises_heartbeats() {
    let server = Server::start().await;
    let live = server.connect().await.live();
    append(&live, &["before"]).await;
    let mut tail = live.tail(Some(live.last_cursor().await.unwrap()));
    append(&live, &["one", "two"]).await;
    let Tail::Events(events) = next(&mut tail).await else {
        panic!("reset")
    };
    assert_eq!(texts(&events), ["one", "two"]);
    live.heartbeat("node-1").await.unwrap();
    let Tail::Events(events) = next(&mut tail).await else {
        panic!("reset")
    };
    assert_eq!((events.len(), events[0].heartbeat()), (1, Some("node-1")));

    // Cancelled while it waits, it misses nothing.
    assert!(timeout(Duration::from_millis(100), tail.next()).await.is_err());
    append(&live, &["three"]).await;
    let Tail::Events(events) = next(&mut tail).await else {
        panic!("reset")
    };
    assert_eq!(
        (texts(&events), events[0].heartbeat()),
        (vec!["three".to_owned()], None)
    );
    assert_eq!(tail.cursor(), Some(events[0].cursor.as_str()));
}

/// A wake-up, and a write to every console, for each of them would cost several times as much.
#[tokio::test(flavor = "multi_thread")]
async fn a_tail_that_waits_gets_what_is_appended_together_at_once() {
    let server = Server::start().await;
    let live = server.connect().await.live();
    let mut tail = live.tail(Some(live.last_cursor().await.unwrap()));
    let waiting = tokio::spawn(async move { next(&mut tail).await });
    let raw = server.raw().await;
    eventually("the tail waits", async || {
        let info: redis::InfoDict = redis::cmd("INFO")
            .arg("clients")
            .query_async(&mut raw.clone())
            .await
            .unwrap();
        info.get::<u32>("blocked_clients") == Some(1)
    })
    .await;
    let cursors = append(&live, &["one", "two", "three"]).await;
    let Tail::Events(events) = waiting.await.unwrap() else {
        panic!("reset")
    };
    assert_eq!(texts(&events), ["one", "two", "three"]);
    let told: Vec<&str> = events.iter().map(|event| event.cursor.as_str()).collect();
    assert_eq!(told, cursors);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_survives_a_restart_of_redis_without_a_gap() {
    let mut server = Server::start().await;
    let live = server.connect().await.live();
    let mut tail = live.tail(Some(live.last_cursor().await.unwrap()));
    append(&live, &["one"]).await;
    assert!(matches!(next(&mut tail).await, Tail::Events(_)));
    let following = tokio::spawn(async move { (next(&mut tail).await, tail) });
    append(&live, &["two"]).await;
    let (Tail::Events(events), mut tail) = following.await.unwrap() else {
        panic!("reset")
    };
    assert_eq!(texts(&events), ["two"]);
    server.kill();
    assert!(
        timeout(Duration::from_millis(300), tail.next()).await.is_err(),
        "it waits the outage out"
    );
    server.restart().await;
    eventually("appends work again", async || {
        live.append(&[event("three")]).await.is_ok()
    })
    .await;
    let Tail::Events(events) = next(&mut tail).await else {
        panic!("reset")
    };
    assert_eq!(texts(&events), ["three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_reports_a_stream_that_was_emptied_and_goes_on() {
    let server = Server::start().await;
    let live = server.connect().await.live();
    let mut tail = live.tail(None);
    assert!(timeout(Duration::from_millis(100), tail.next()).await.is_err());
    let cursor = append(&live, &["one"]).await.remove(0);
    assert!(matches!(next(&mut tail).await, Tail::Events(_)));
    redis::cmd("FLUSHALL")
        .exec_async(&mut server.raw().await)
        .await
        .unwrap();
    assert!(matches!(next(&mut tail).await, Tail::Reset));
    assert!(matches!(live.after(&cursor, 100).await.unwrap(), Replay::Refetch));
    append(&live, &["two"]).await;
    let Tail::Events(events) = next(&mut tail).await else {
        panic!("reset again")
    };
    assert_eq!(texts(&events), ["two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_the_queues_is_told_that_they_may_have_moved() {
    let server = Server::start().await;
    let live = server.connect().await.live();
    append(&live, &["a", "b"]).await;
    assert_eq!(live.moves().await.unwrap(), 0, "a message moves nobody");
    let mut moved = event("c");
    moved.name = LiveEventName::AssignmentUpdated;
    let cursors = live.append(&[event("d"), moved.clone(), moved]).await.unwrap();
    assert_eq!((cursors.len(), live.moves().await.unwrap()), (3, 1));
}
