//! Pushing: what is confirmed is there, and a Redis that is down is told at once.

use std::time::Duration;

use bytes::Bytes;
use switchboard_queue::{Lane, QueueError};
use tokio::{task::JoinSet, time::Instant};

use crate::server::{Server, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_pushes_are_all_there_when_confirmed() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    let mut pushes = JoinSet::new();
    for n in 0..2000u32 {
        let producer = producer.clone();
        let lane = if n % 2 == 0 { Lane::Ingest } else { Lane::Bulk };
        pushes.spawn(async move { producer.push_bytes(lane, Bytes::from(n.to_string())).await });
    }
    for result in pushes.join_all().await {
        result.unwrap();
    }
    for lane in [Lane::Ingest, Lane::Bulk] {
        assert_eq!(redis.lanes().stats(lane).await.unwrap().depth, 1000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_down_callers_are_told_at_once_and_it_comes_back_by_itself() {
    let mut server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    producer.push(Lane::Ingest, &1).await.unwrap();
    assert!(redis.append_only_enabled().await.unwrap());
    server.kill();
    let began = Instant::now();
    assert!(producer.push(Lane::Ingest, &2).await.unwrap_err().is_temporary());
    assert!(
        began.elapsed() < Duration::from_millis(1500),
        "{:?}",
        began.elapsed()
    );
    let began = Instant::now();
    for _ in 0..1000 {
        assert!(matches!(
            producer.push(Lane::Ingest, &3).await,
            Err(QueueError::Down | QueueError::Unavailable(_))
        ));
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    server.restart().await;
    eventually("appends are confirmed again", async || {
        producer.push(Lane::Ingest, &4).await.is_ok()
    })
    .await;
    assert_eq!(redis.lanes().stats(Lane::Ingest).await.unwrap().depth, 2);
}

/// A Redis that takes connections and says nothing is bounded, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_redis_is_given_up_on_within_a_second() {
    let server = Server::start().await;
    let redis = server.connect().await;
    let producer = redis.producer();
    producer.push(Lane::Ingest, &1).await.unwrap();
    redis::cmd("CLIENT")
        .arg("PAUSE")
        .arg(3000)
        .arg("ALL")
        .exec_async(&mut server.raw().await)
        .await
        .unwrap();
    let began = Instant::now();
    assert!(producer.push(Lane::Ingest, &2).await.unwrap_err().is_temporary());
    assert!(
        began.elapsed() < Duration::from_millis(1500),
        "{:?}",
        began.elapsed()
    );
    eventually("appends are confirmed again", async || {
        producer.push(Lane::Ingest, &3).await.is_ok()
    })
    .await;
}

/// A server that isn't there at first is no reason not to start.
#[tokio::test(flavor = "multi_thread")]
async fn connecting_needs_no_server() {
    let mut server = Server::start().await;
    server.kill();
    let redis = server.connect().await;
    assert!(redis.ping().await.is_err());
    assert!(redis.producer().push(Lane::Ingest, &1).await.is_err());
    server.restart().await;
    eventually("it answers", async || redis.ping().await.is_ok()).await;
    assert!(switchboard_queue::Redis::connect("nonsense", "x:").await.is_err());
}
