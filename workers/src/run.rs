//! Every worker of the hub, in one list.

use std::{future::Future, time::Duration};

use futures_util::future::{BoxFuture, join_all};
use switchboard_queue::{FromPayload, Handler, HealthHandle, Lane, LaneConfig, LaneWorker};
use tokio::sync::watch;

use crate::{
    Hub,
    bulk::Bulk,
    gateway::Gateways,
    ingest::Ingest,
    outbound::Outbound,
    routing::{
        Router,
        watch::{LastLook, WATCH_EVERY},
    },
    timers::Timers,
};

/// How often the net beneath the events is drawn in.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// How the lanes are worked.
#[derive(Clone, Debug)]
pub struct LaneSettings {
    /// Jobs an ingest worker takes at once, at the most.
    pub ingest_batch: usize,
    /// After which a job of a worker that fell silent, or its connection to a provider, is taken over.
    pub lease: Duration,
    /// Attempts before a job is a dead letter, or a message has failed.
    pub max_attempts: u32,
    /// How long a worker may finish what it has begun when it is told to stop.
    pub drain: Duration,
}

impl Default for LaneSettings {
    fn default() -> Self {
        Self {
            ingest_batch: 256,
            lease: Duration::from_secs(10),
            max_attempts: 10,
            drain: Duration::from_secs(10),
        }
    }
}

/// The workers of one process, ready to run.
pub struct Workers {
    hub: Hub,
    stop: watch::Receiver<bool>,
    running: Vec<BoxFuture<'static, ()>>,
    health: Vec<HealthHandle>,
}

impl Workers {
    /// `stop` turns true when the process is asked to end.
    pub fn new(hub: &Hub, settings: &LaneSettings, stop: watch::Receiver<bool>) -> Self {
        let mut workers = Self {
            hub: hub.clone(),
            stop,
            running: Vec::new(),
            health: Vec::new(),
        };
        let lane = |lane, batch_size| LaneConfig {
            batch_size,
            lease: settings.lease,
            max_attempts: settings.max_attempts,
            drain: settings.drain,
            ..LaneConfig::new(lane)
        };
        let ingest = Ingest::new(hub.clone());
        workers.add(lane(Lane::Ingest, settings.ingest_batch), ingest.clone());
        workers.add(lane(Lane::IngestLarge, 4), ingest);
        // One attempt more than the lane allows would be a dead letter instead of a failed message.
        let outbound = Outbound::new(hub.clone(), settings.max_attempts);
        workers.add(
            LaneConfig {
                concurrency: 4,
                ..lane(Lane::Outbound, 32)
            },
            outbound,
        );
        workers.add(lane(Lane::Routing, 1000), Router::new(hub.clone()));
        workers.add(lane(Lane::Timers, 64), Timers::new(hub.clone()));
        // Files are held in memory while they are fetched: few at a time.
        let bulk = Bulk::new(hub.clone(), settings.max_attempts);
        workers.add(lane(Lane::Bulk, 4), bulk);
        let gateways = Gateways::new(hub.clone(), settings);
        let stop = stopped(workers.stop.clone());
        workers.running.push(Box::pin(gateways.run(stop)));
        workers
    }

    /// How each lane's worker is doing; goes on being true while they run.
    pub fn health(&self) -> Vec<HealthHandle> {
        self.health.clone()
    }

    /// Runs until `stop`, then until everything in flight is finished or handed back.
    pub async fn run(self) {
        let sweep = Box::pin(sweep(self.hub.clone(), stopped(self.stop.clone())));
        let watch = Box::pin(watch(self.hub.clone(), stopped(self.stop)));
        tokio::join!(join_all(self.running.into_iter().map(tokio::spawn)), sweep, watch);
        let _ = self.hub.keep_trails().await;
    }

    fn add<T: FromPayload + Sync, H: Handler<T>>(&mut self, config: LaneConfig, handler: H) {
        let worker = LaneWorker::new(&self.hub.redis, config, handler);
        self.health.push(worker.health());
        let stop = stopped(self.stop.clone());
        self.running.push(Box::pin(worker.run(stop)));
    }
}

async fn sweep(hub: Hub, stop: impl Future<Output = ()>) {
    let sweeping = async {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            if let Err(error) = hub.sweep().await {
                tracing::warn!(%error, "the sweep didn't get through; it is repeated");
            }
            // Silent: if the database is away, the sweep has just said so.
            let _ = hub.keep_trails().await;
        }
    };
    tokio::select! {
        () = sweeping => {}
        () = stop => {}
    }
}

/// Tells consoles and visitors how the queues stand.
async fn watch(hub: Hub, stop: impl Future<Output = ()>) {
    let watching = async {
        let mut last = LastLook::default();
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            if let Err(error) = hub.watch_queues(&mut last).await {
                tracing::debug!(%error, "the queues couldn't be looked at");
            }
        }
    };
    tokio::select! {
        () = watching => {}
        () = stop => {}
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A sender that is gone will never say so: that, too, is the end.
    let _ = stop.wait_for(|stop| *stop).await;
}
