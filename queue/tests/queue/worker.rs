//! A worker under test: what it was given, the gate its handler waits at, and the switch to stop it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use switchboard_queue::{
    Batch, FromPayload, Handler, HealthHandle, Job, Lane, LaneConfig, LaneWorker, Outcome, Redis,
};
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};

/// Waits at the gate, then decides job by job; keeps what it saw.
struct Recorder<T, F> {
    decide: F,
    gate: watch::Sender<bool>,
    seen: Seen<T>,
}

type Seen<T> = Arc<Mutex<Vec<Job<T>>>>;

impl<T: Clone + Send + 'static, F: Fn(&Job<T>) -> Outcome + Send + Sync + 'static> Handler<T>
    for Recorder<T, F>
{
    async fn handle(&self, batch: Batch<T>) -> Vec<Outcome> {
        self.seen.lock().unwrap().extend(batch.iter().cloned());
        self.gate.subscribe().wait_for(|open| *open).await.unwrap();
        batch.iter().map(&self.decide).collect()
    }
}

/// A running worker.
pub struct Running<T> {
    pub health: HealthHandle,
    pub gate: watch::Sender<bool>,
    seen: Seen<T>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Leases and delays short enough for a test.
pub fn quick(lane: Lane) -> LaneConfig {
    LaneConfig {
        lease: Duration::from_secs(1),
        backoff_base: Duration::from_millis(20),
        backoff_cap: Duration::from_millis(100),
        drain: Duration::from_secs(5),
        ..LaneConfig::new(lane)
    }
}

impl<T: FromPayload + Clone> Running<T> {
    pub fn start(
        redis: &Redis,
        config: LaneConfig,
        decide: impl Fn(&Job<T>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        Self::start_at(redis, config, true, decide)
    }

    /// With the gate open or shut.
    pub fn start_at(
        redis: &Redis,
        config: LaneConfig,
        open: bool,
        decide: impl Fn(&Job<T>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        let (gate, seen) = (watch::Sender::new(open), Seen::default());
        let handler = Recorder {
            decide,
            gate: gate.clone(),
            seen: Arc::clone(&seen),
        };
        let worker = LaneWorker::new(redis, config, handler);
        let (stop, stopped) = oneshot::channel::<()>();
        Self {
            health: worker.health(),
            gate,
            seen,
            stop: Some(stop),
            task: tokio::spawn(worker.run(async move {
                let _ = stopped.await;
            })),
        }
    }

    pub fn seen(&self) -> Vec<Job<T>> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// Tells it to stop and waits until it has.
    pub async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        (&mut self.task).await.unwrap();
    }

    /// Ends it as a crash would: nothing is settled, nothing handed back.
    pub async fn crash(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}
