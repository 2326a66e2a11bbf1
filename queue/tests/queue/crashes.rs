//! What must survive: crashed consumers, a Redis that is killed, stalled or emptied, an orderly shutdown.

use std::{collections::BTreeSet, time::Duration};

use switchboard_queue::{Lane, LaneConfig, Outcome};
use tokio::time::Instant;

use crate::{
    server::{Server, eventually},
    worker::{Running, quick},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crashed_worker_held_is_taken_over() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis
        .producer()
        .push_all(Lane::Ingest, &(0..100).collect::<Vec<u32>>())
        .await
        .unwrap();
    let config = LaneConfig {
        batch_size: 50,
        ..quick(Lane::Ingest)
    };
    let doomed = Running::<u32>::start_at(&redis, config.clone(), false, |_| Outcome::Done);
    eventually("one batch is begun, one fetched ahead", async || {
        doomed.health.get().in_flight == 100
    })
    .await;
    doomed.crash().await;

    let heir = Running::<u32>::start(&redis, config, |_| Outcome::Done);
    eventually("all are handled", async || {
        redis.lanes().stats(Lane::Ingest).await.unwrap().depth == 0
    })
    .await;
    assert_eq!(heir.count(), 100);
    assert!(heir.seen().iter().all(|job| job.recovered && job.attempt == 1));
    heir.stop().await;
}

/// A batch that takes longer than its lease stays with whoever works on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_batch_is_not_taken_away() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis.producer().push(Lane::Bulk, &1).await.unwrap();
    let config = LaneConfig {
        lease: Duration::from_millis(400),
        ..quick(Lane::Bulk)
    };
    let slow = Running::<u32>::start_at(&redis, config.clone(), false, |_| Outcome::Done);
    eventually("it is begun", async || slow.count() == 1).await;
    let other = Running::<u32>::start(&redis, config, |_| Outcome::Done);
    tokio::time::sleep(Duration::from_millis(1600)).await; // four leases
    slow.gate.send_replace(true);
    eventually("it is done", async || {
        redis.lanes().stats(Lane::Bulk).await.unwrap().depth == 0
    })
    .await;
    assert_eq!((slow.count(), other.count()), (1, 0));
    slow.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_killed_and_restarted_loses_nothing() {
    let mut server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    let config = LaneConfig {
        batch_size: 10,
        ..quick(Lane::Ingest)
    };
    let worker = Running::<u32>::start(&redis, config, |_| Outcome::Done);
    let mut confirmed = BTreeSet::new();
    let mut refused = 0;
    for job in 0..3000u32 {
        if job == 1000 {
            server.kill();
        }
        if job == 1100 {
            server.restart().await;
            eventually("appends are confirmed again", async || {
                producer.push(Lane::Ingest, &0).await.is_ok()
            })
            .await;
        }
        match producer.push(Lane::Ingest, &job).await {
            Ok(()) => _ = confirmed.insert(job),
            Err(error) => {
                assert!(error.is_temporary());
                refused += 1;
            }
        }
    }
    assert!(
        refused >= 90 && confirmed.len() > 2500,
        "{refused} refused, {} confirmed",
        confirmed.len()
    );
    eventually("every confirmed job is handled", async || {
        let seen: BTreeSet<u32> = worker.seen().iter().map(|job| job.payload).collect();
        confirmed.is_subset(&seen) && redis.lanes().stats(Lane::Ingest).await.unwrap().depth == 0
    })
    .await;
    assert_eq!(worker.health.get().restarts, 0, "outages don't end the worker");
    worker.stop().await;
}

/// The stock worker ends on a 500 ms stall (apalis-redis#76).
#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_redis_does_not_end_the_worker() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    let worker = Running::<u32>::start(&redis, quick(Lane::Ingest), |_| Outcome::Done);
    producer.push(Lane::Ingest, &0).await.unwrap();
    eventually("it works", async || worker.count() == 1).await;
    let mut raw = server.raw().await;
    for round in 1..=3u32 {
        redis::cmd("CLIENT")
            .arg("PAUSE")
            .arg(700)
            .arg("ALL")
            .exec_async(&mut raw)
            .await
            .unwrap();
        let began = Instant::now();
        let before = worker.count();
        // One that isn't confirmed in time may have been appended all the same.
        eventually("the job is taken", async || {
            producer.push(Lane::Ingest, &round).await.is_ok()
        })
        .await;
        assert!(began.elapsed() > Duration::from_millis(500), "it was stalled");
        eventually("the job is handled", async || worker.count() > before).await;
    }
    assert_eq!(worker.health.get().restarts, 0);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_redis_gets_its_group_back() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    let worker = Running::<u32>::start(&redis, quick(Lane::Ingest), |_| Outcome::Done);
    let mut raw = server.raw().await;
    for round in 1..=3usize {
        producer.push(Lane::Ingest, &round).await.unwrap();
        eventually("the job is handled", async || worker.count() == round).await;
        redis::cmd("FLUSHALL").exec_async(&mut raw).await.unwrap();
    }
    assert_eq!(worker.health.get().restarts, 0);
    worker.stop().await;
}

/// An orderly stop finishes what is begun, takes nothing new, and hands back what was fetched ahead: another has it long
/// before the lease would have run out.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_worker_finishes_and_hands_back() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis
        .producer()
        .push_all(Lane::Ingest, &(0..200).collect::<Vec<u32>>())
        .await
        .unwrap();
    let config = LaneConfig {
        batch_size: 50,
        lease: Duration::from_mins(1),
        ..quick(Lane::Ingest)
    };
    let leaving = Running::<u32>::start_at(&redis, config.clone(), false, |_| Outcome::Done);
    eventually("one batch is begun, one fetched ahead", async || {
        leaving.health.get().in_flight == 100
    })
    .await;
    let (gate, health) = (leaving.gate.clone(), leaving.health.clone());
    let stopping = tokio::spawn(leaving.stop());
    eventually("it takes nothing new", async || {
        health.get().state.as_str() == "stopping"
    })
    .await;
    gate.send_replace(true);
    stopping.await.unwrap();
    assert_eq!(
        (health.get().state.as_str(), health.get().in_flight),
        ("stopped", 0)
    );
    let stats = redis.lanes().stats(Lane::Ingest).await.unwrap();
    assert_eq!((stats.depth, stats.pending), (150, 50), "50 done, 50 handed back");

    let began = Instant::now();
    let heir = Running::<u32>::start(&redis, config, |_| Outcome::Done);
    eventually("the rest is handled", async || {
        redis.lanes().stats(Lane::Ingest).await.unwrap().depth == 0
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(
        (
            heir.count(),
            heir.seen().iter().filter(|job| job.recovered).count()
        ),
        (150, 50)
    );
    heir.stop().await;
}

/// A batch that doesn't finish within the drain time is broken off and left to others at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_batch_does_not_hold_up_the_stop() {
    let server = Server::start().await;
    let redis = server.connect().await;
    redis.producer().push(Lane::Bulk, &1).await.unwrap();
    let config = LaneConfig {
        lease: Duration::from_mins(1),
        drain: Duration::from_millis(300),
        ..quick(Lane::Bulk)
    };
    let stuck = Running::<u32>::start_at(&redis, config.clone(), false, |_| Outcome::Done);
    eventually("it is begun", async || stuck.count() == 1).await;
    let began = Instant::now();
    stuck.stop().await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let heir = Running::<u32>::start(&redis, config, |_| Outcome::Done);
    eventually("another handles it", async || heir.count() == 1).await;
    heir.stop().await;
}

/// An idle worker is inside a blocking read when it is told to stop; it is woken rather than waited for.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_stops_at_once() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let config = LaneConfig {
        block: Duration::from_secs(30),
        drain: Duration::from_secs(30),
        ..quick(Lane::Ingest)
    };
    let worker = Running::<u32>::start(&redis, config, |_| Outcome::Done);
    redis.producer().push(Lane::Ingest, &1).await.unwrap();
    eventually("it has worked", async || worker.count() == 1).await;
    let began = Instant::now();
    worker.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
