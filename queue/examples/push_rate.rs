//! Measures confirmed appends: one `XADD` per caller on the shared connection against the producer's group commit, in a
//! closed loop and at a fixed rate. `cargo run --release -p switchboard-queue --example push_rate -- redis://127.0.0.1:6379`

use std::{future::Future, time::Duration};

use bytes::Bytes;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use switchboard_queue::{Lane, Redis};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

const CALLERS: usize = 64;
const RUN: Duration = Duration::from_secs(5);
const RATE: usize = 6000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("the Redis address is missing")?;
    let redis = Redis::connect(&url, "push-rate:").await?;
    let producer = redis.producer();
    let config = ConnectionManagerConfig::new().set_pipeline_buffer_size(1024);
    let plain = ConnectionManager::new_with_config(redis::Client::open(url)?, config).await?;
    let payload = Bytes::from(vec![b'x'; 1200]);

    let (body, single) = (payload.clone(), plain.clone());
    let alone = move || append_alone(single.clone(), body.clone());
    let together = move || {
        let (producer, payload) = (producer.clone(), payload.clone());
        async move { producer.push_bytes(Lane::Ingest, payload).await.is_ok() }
    };
    for _ in 0..2 {
        closed_loop("one by one", &alone).await;
        closed_loop("group commit", &together).await;
        fixed_rate("one by one", &alone).await;
        fixed_rate("group commit", &together).await;
        let mut connection = plain.clone();
        redis::cmd("FLUSHALL").exec_async(&mut connection).await?;
    }
    Ok(())
}

async fn append_alone(mut connection: ConnectionManager, payload: Bytes) -> bool {
    redis::cmd("XADD")
        .arg("push-rate:{ingest}:stream")
        .arg("*")
        .arg("p")
        .arg(&*payload)
        .exec_async(&mut connection)
        .await
        .is_ok()
}

/// Each caller appends as soon as its last append is confirmed.
async fn closed_loop<F: Future<Output = bool> + Send + 'static>(
    name: &str,
    append: &(impl Fn() -> F + Clone + Send + Sync + 'static),
) {
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let append = append.clone();
        callers.spawn(async move {
            let mut took = Vec::new();
            while began.elapsed() < RUN {
                let asked = Instant::now();
                assert!(append().await, "not confirmed");
                took.push(asked.elapsed());
            }
            took
        });
    }
    let took = callers.join_all().await.concat();
    report(
        &format!("{name}, {CALLERS} callers"),
        took,
        began.elapsed(),
        cpu_seconds() - cpu,
    );
}

/// Appends start on time, whether earlier ones are confirmed or not.
async fn fixed_rate<F: Future<Output = bool> + Send + 'static>(
    name: &str,
    append: &(impl Fn() -> F + Clone + Send + Sync + 'static),
) {
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let mut ticks = interval(Duration::from_millis(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut appends = JoinSet::new();
    while began.elapsed() < RUN {
        let due = ticks.tick().await;
        for _ in 0..RATE / 1000 {
            let append = append.clone();
            appends.spawn(async move {
                assert!(append().await, "not confirmed");
                due.elapsed()
            });
        }
    }
    let took = appends.join_all().await;
    report(
        &format!("{name}, {RATE}/s"),
        took,
        began.elapsed(),
        cpu_seconds() - cpu,
    );
}

fn report(name: &str, mut took: Vec<Duration>, wall: Duration, cpu: f64) {
    took.sort_unstable();
    let at = |quantile: f64| took[((took.len() - 1) as f64 * quantile) as usize];
    println!(
        "{name:30} {:8.0}/s  p50 {:8.3?}  p99 {:8.3?}  max {:8.3?}  {:.4} CPU-s per 1,000",
        took.len() as f64 / wall.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(1.0),
        cpu * 1000.0 / took.len() as f64,
    );
}

/// This process's CPU time so far, from `/proc` (100 ticks a second); zero where there is none.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |n: usize| {
        fields
            .get(n)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / 100.0
}
