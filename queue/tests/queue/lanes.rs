//! Working lanes off: backlog, retries, dead letters, timers, pause.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use switchboard_domain::Clock;
use switchboard_queue::{FromPayload, Job, Lane, LaneConfig, Outcome, PayloadError, Raw, Redis};

use crate::{
    server::{Server, eventually},
    worker::{Running, quick},
};

async fn is_empty(redis: &Redis, lane: Lane) -> bool {
    let stats = redis.lanes().stats(lane).await.unwrap();
    stats.depth + stats.pending + stats.delayed + stats.dead == 0
}

/// The stock storage ends for good on this backlog: promotion unpacks all due ids at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_ready_and_delayed_jobs_is_worked_off_and_leaves_no_memory() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    let jobs: Vec<u32> = (0..20_000).collect();
    producer.push_all(Lane::Ingest, &jobs).await.unwrap();
    let mut raw = server.raw().await;
    for chunk in (20_000..40_000u32).collect::<Vec<_>>().chunks(1000) {
        let mut pipe = redis::pipe();
        for job in chunk {
            pipe.zadd("test:{ingest}:delayed", format!("j:{job}"), 1).ignore();
            pipe.hset(
                "test:{ingest}:delayed:jobs",
                format!("j:{job}"),
                format!("0:1:{job}"),
            )
            .ignore();
        }
        pipe.exec_async(&mut raw).await.unwrap();
    }

    let worker = Running::<u32>::start(
        &redis,
        LaneConfig {
            concurrency: 2,
            ..quick(Lane::Ingest)
        },
        |_| Outcome::Done,
    );
    eventually("all are handled", async || worker.count() >= 40_000).await;
    eventually("the lane is empty", async || is_empty(&redis, Lane::Ingest).await).await;
    let seen: BTreeSet<u32> = worker.seen().iter().map(|job| job.payload).collect();
    assert_eq!(seen.len(), 40_000);
    assert_eq!(worker.count(), 40_000, "none was handled twice");
    assert_eq!(worker.health.get().restarts, 0);
    worker.stop().await;

    let memory: usize = redis::cmd("MEMORY")
        .arg("USAGE")
        .arg("test:{ingest}:stream")
        .query_async(&mut raw)
        .await
        .unwrap();
    assert!(memory < 20_000, "{memory} bytes after 40,000 jobs");
    let left: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut raw).await.unwrap();
    assert_eq!(left, ["test:{ingest}:stream"]);
    let consumers: Vec<redis::Value> = redis::cmd("XINFO")
        .arg("CONSUMERS")
        .arg("test:{ingest}:stream")
        .arg("workers")
        .query_async(&mut raw)
        .await
        .unwrap();
    assert!(
        consumers.is_empty(),
        "a worker that stopped leaves no consumer: {consumers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_is_retried_then_given_up_and_can_be_replayed() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis.producer().push(Lane::Outbound, &"reply").await.unwrap();
    let config = LaneConfig {
        max_attempts: 3,
        ..quick(Lane::Outbound)
    };
    let worker = Running::<String>::start(&redis, config.clone(), |job| {
        Outcome::retry(format!("no {}", job.attempt))
    });
    let dead = redis.dead_letters();
    eventually("it is given up", async || {
        !dead.list(Lane::Outbound, None, 10).await.unwrap().is_empty()
    })
    .await;
    worker_saw(&worker, &[1, 2, 3]);
    let first = worker.seen()[0].enqueued_at;
    assert!(
        worker
            .seen()
            .iter()
            .all(|job| job.enqueued_at == first && job.recovered == (job.attempt > 1))
    );
    worker.stop().await;

    let letter = dead.list(Lane::Outbound, None, 10).await.unwrap().remove(0);
    assert_eq!(
        (letter.attempts, letter.error.as_str(), &*letter.payload),
        (3, "no 3", &b"\"reply\""[..])
    );
    assert_eq!(letter.enqueued_at, first);
    assert!(
        dead.list(Lane::Outbound, Some(&letter.id), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(!dead.replay(Lane::Outbound, "1-1").await.unwrap());
    assert!(dead.replay(Lane::Outbound, &letter.id).await.unwrap());
    assert!(
        !dead.replay(Lane::Outbound, &letter.id).await.unwrap(),
        "replayed once only"
    );

    let worker = Running::<String>::start(&redis, config, |_| Outcome::Done);
    eventually("it is done", async || {
        worker.count() == 1 && is_empty(&redis, Lane::Outbound).await
    })
    .await;
    let replayed = &worker.seen()[0];
    assert_eq!((replayed.attempt, replayed.enqueued_at), (1, first));
    assert!(replayed.recovered, "it may have been done in part");
    worker.stop().await;
}

fn worker_saw(worker: &Running<String>, attempts: &[u32]) {
    let seen: Vec<u32> = worker.seen().iter().map(|job| job.attempt).collect();
    assert_eq!(seen, attempts);
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_all_and_discard() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis
        .producer()
        .push_all(Lane::Bulk, &(0..450).collect::<Vec<u32>>())
        .await
        .unwrap();
    let worker = Running::<u32>::start(&redis, quick(Lane::Bulk), |_| Outcome::dead("never"));
    eventually("all are given up", async || {
        redis.lanes().stats(Lane::Bulk).await.unwrap().dead == 450
    })
    .await;
    worker.stop().await;
    let dead = redis.dead_letters();
    let first = dead.list(Lane::Bulk, None, 1).await.unwrap().remove(0);
    assert!(dead.get(Lane::Bulk, &first.id).await.unwrap().is_some());
    assert!(dead.discard(Lane::Bulk, &first.id).await.unwrap());
    assert!(!dead.discard(Lane::Bulk, &first.id).await.unwrap());
    assert_eq!(dead.replay_all(Lane::Bulk).await.unwrap(), 449);
    let stats = redis.lanes().stats(Lane::Bulk).await.unwrap();
    assert_eq!((stats.depth, stats.dead), (449, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn postponing_does_not_count_as_an_attempt() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis.producer().push(Lane::Outbound, &"reply").await.unwrap();
    let tries = std::sync::atomic::AtomicU32::new(0);
    let config = LaneConfig {
        max_attempts: 2,
        ..quick(Lane::Outbound)
    };
    let worker = Running::<String>::start(&redis, config, move |_| {
        match tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0..4 => Outcome::Postpone {
                delay: Duration::from_millis(5),
            },
            4 => Outcome::RetryAfter {
                delay: Duration::from_millis(5),
                error: "later".into(),
            },
            _ => Outcome::Done,
        }
    });
    eventually("it is done", async || {
        worker.count() == 6 && is_empty(&redis, Lane::Outbound).await
    })
    .await;
    worker_saw(&worker, &[1, 1, 1, 1, 1, 2]);
    worker.stop().await;
}

#[derive(Clone, Debug, PartialEq)]
struct Letter(String);

impl FromPayload for Letter {
    fn from_payload(payload: Bytes) -> Result<Self, PayloadError> {
        let text = String::from_utf8(payload.into()).map_err(|error| PayloadError(error.to_string()))?;
        Ok(Self(text))
    }
}

/// Bytes that no JSON and no text could carry arrive as they are, also after a retry; what a lane can't read doesn't
/// hold up its batch.
#[tokio::test(flavor = "multi_thread")]
async fn payloads_are_opaque_and_an_unreadable_one_is_given_up_alone() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    let odd = Bytes::from_static(b"0:1:\0\r\n\xff:\0end");
    producer.push_bytes(Lane::Bulk, odd.clone()).await.unwrap();
    let worker = Running::<Raw>::start(&redis, quick(Lane::Bulk), |job| {
        if job.attempt == 1 {
            Outcome::retry("once more")
        } else {
            Outcome::Done
        }
    });
    eventually("it is done", async || {
        worker.count() == 2 && is_empty(&redis, Lane::Bulk).await
    })
    .await;
    assert!(worker.seen().iter().all(|job| job.payload.0 == odd));
    worker.stop().await;

    for payload in [&b"good"[..], b"\xff", b"fine"] {
        producer
            .push_bytes(Lane::Ingest, Bytes::copy_from_slice(payload))
            .await
            .unwrap();
    }
    let worker = Running::<Letter>::start(&redis, quick(Lane::Ingest), |_| Outcome::Done);
    eventually("two are done", async || {
        redis.lanes().stats(Lane::Ingest).await.unwrap().depth == 0
    })
    .await;
    assert_eq!(
        worker
            .seen()
            .iter()
            .map(|job| job.payload.0.as_str())
            .collect::<Vec<_>>(),
        ["good", "fine"]
    );
    let dead = redis.dead_letters().list(Lane::Ingest, None, 9).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert!(dead[0].error.contains("can't be read"), "{}", dead[0].error);
    worker.stop().await;
}

/// A handler that panics on one job takes the batch with it, but in the end only that job is given up.
#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_job_does_not_take_its_batch_along() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis
        .producer()
        .push_all(Lane::Ingest, &(0..20).collect::<Vec<u32>>())
        .await
        .unwrap();
    let config = LaneConfig {
        lease: Duration::from_millis(200),
        max_attempts: 2,
        ..quick(Lane::Ingest)
    };
    let worker = Running::<u32>::start(&redis, config, |job: &Job<u32>| {
        assert!(job.payload != 7, "poisoned");
        Outcome::Done
    });
    eventually("only the poisoned one is left, given up", async || {
        let stats = redis.lanes().stats(Lane::Ingest).await.unwrap();
        stats.depth + stats.delayed + stats.pending == 0 && stats.dead == 1
    })
    .await;
    let letter = redis
        .dead_letters()
        .list(Lane::Ingest, None, 9)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(&*letter.payload, b"7");
    assert!(letter.error.contains("crashed"), "{}", letter.error);
    let health = worker.health.get();
    assert_eq!(
        (health.restarts, health.in_flight),
        (0, 0),
        "the worker itself lived on"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_fires_when_due_and_the_same_key_replaces() {
    let server = Server::start().await;
    let now = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(1_000_000_000));
    let hand = std::sync::Arc::clone(&now);
    let clock = Clock::from_fn(move || hand.load(std::sync::atomic::Ordering::SeqCst) * 1000);
    let redis = server.connect().await.with_clock(clock.clone());
    let producer = redis.producer();
    let at = |seconds: u64| clock.now().plus(Duration::from_secs(seconds));
    producer
        .schedule(Lane::Timers, "offer:1", at(10), &"first")
        .await
        .unwrap();
    producer
        .schedule(Lane::Timers, "offer:1", at(60), &"second")
        .await
        .unwrap();
    producer
        .schedule(Lane::Timers, "offer:2", at(10), &"cancelled")
        .await
        .unwrap();
    producer
        .schedule(Lane::Timers, "offer:3", at(10), &"due")
        .await
        .unwrap();
    assert!(producer.cancel(Lane::Timers, "offer:2").await.unwrap());
    assert!(!producer.cancel(Lane::Timers, "offer:2").await.unwrap());
    assert_eq!(redis.lanes().stats(Lane::Timers).await.unwrap().delayed, 2);
    let (due_first, due_second) = (at(10), at(60));

    let worker = Running::<String>::start(&redis, quick(Lane::Timers), |_| Outcome::Done);
    eventually("it runs", async || worker.health.get().last_contact.is_some()).await;
    now.fetch_add(10_000, std::sync::atomic::Ordering::SeqCst);
    eventually("the one that is due fires", async || worker.count() == 1).await;
    now.fetch_add(50_000, std::sync::atomic::Ordering::SeqCst);
    eventually("the replaced one fires later", async || worker.count() == 2).await;
    let seen: Vec<_> = worker
        .seen()
        .into_iter()
        .map(|job| (job.payload, job.enqueued_at))
        .collect();
    assert_eq!(
        seen,
        [("due".to_owned(), due_first), ("second".to_owned(), due_second)]
    );
    assert!(
        !producer.cancel(Lane::Timers, "offer:1").await.unwrap(),
        "it has fired"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_lane_stands_still_until_it_is_resumed() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let (producer, lanes) = (redis.producer(), redis.lanes());
    let worker = Running::<u32>::start(&redis, quick(Lane::Routing), |_| Outcome::Done);
    producer.push(Lane::Routing, &1).await.unwrap();
    eventually("it works", async || worker.count() == 1).await;

    lanes.pause(Lane::Routing).await.unwrap();
    assert!(lanes.is_paused(Lane::Routing).await.unwrap());
    eventually("the worker has noticed", async || {
        worker.health.get().state.as_str() == "paused"
    })
    .await;
    producer.push(Lane::Routing, &2).await.unwrap();
    producer
        .schedule(Lane::Routing, "k", redis.clock().now(), &3)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await; // longer than any of its rounds
    let stats = lanes.stats(Lane::Routing).await.unwrap();
    assert_eq!(
        (worker.count(), stats.depth, stats.delayed, stats.paused),
        (1, 1, 1, true)
    );
    assert!(
        stats.oldest_age >= Duration::from_secs(1),
        "{:?}",
        stats.oldest_age
    );

    lanes.resume(Lane::Routing).await.unwrap();
    eventually("both are handled", async || {
        worker.count() == 3 && is_empty(&redis, Lane::Routing).await
    })
    .await;
    assert_eq!(worker.health.get().state.as_str(), "running");
    worker.stop().await;
}
