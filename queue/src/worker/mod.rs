//! A lane's worker: an apalis worker over the lane's stream, built anew whenever it ends by itself.

mod backend;
mod config;
mod handler;
mod health;
mod housekeeping;
mod in_flight;
mod intake;
mod link;
mod open;
mod settle;

use std::{future::Future, marker::PhantomData, pin::pin, sync::Arc, time::Duration};

use apalis_core::{
    error::WorkerError,
    worker::{builder::WorkerBuilder, context::WorkerContext},
};
use tokio::{
    task::JoinError,
    time::{Instant, sleep, timeout},
};
use tower::limit::ConcurrencyLimitLayer;

use self::{
    backend::LaneBackend,
    handler::{HandlerService, Owned},
    in_flight::{InFlight, Lease, Receipt},
    link::Link,
};
use crate::{FromPayload, Redis};

pub use config::LaneConfig;
pub use handler::Handler;
pub use health::{HealthHandle, LaneHealth, WorkerState};

/// Before a worker that ended by itself is built anew: from, to. Doubled with every time it ends soon again.
const RESTART: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));
/// A worker that ran this long before it ended didn't end "soon again".
const RAN_WELL: Duration = Duration::from_mins(1);

type Ended = Result<Result<(), WorkerError>, JoinError>;

/// Takes batches from a lane and has them handled, until it is told to stop.
pub struct LaneWorker<T, H> {
    redis: Redis,
    config: LaneConfig,
    handler: Arc<H>,
    health: HealthHandle,
    payload: PhantomData<fn() -> T>,
}

/// One life of a worker.
struct Life {
    link: Arc<Link>,
    context: WorkerContext,
    running: Owned<Result<(), WorkerError>>,
}

impl<T: FromPayload, H: Handler<T>> LaneWorker<T, H> {
    /// A worker that hasn't begun.
    pub fn new(redis: &Redis, config: LaneConfig, handler: H) -> Self {
        let health = HealthHandle::new(config.lane, String::new());
        Self {
            redis: redis.clone(),
            config,
            handler: Arc::new(handler),
            health,
            payload: PhantomData,
        }
    }

    /// A view of its health; keep it before [`Self::run`] takes the worker.
    pub fn health(&self) -> HealthHandle {
        self.health.clone()
    }

    /// Works until `shutdown` completes; then reads no more, finishes what it has begun (at most `drain` long) and
    /// hands the rest back for others to take at once. Whatever Redis does, and whatever the handler does, it goes on.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        let mut wait = RESTART.0;
        loop {
            let began = Instant::now();
            let mut life = self.begin();
            let ended = tokio::select! {
                () = &mut shutdown => {
                    life.stop().await;
                    break;
                }
                ended = &mut life.running.0 => ended,
            };
            if began.elapsed() >= RAN_WELL {
                wait = RESTART.0;
            }
            self.note_restart(&ended, wait);
            tokio::select! {
                () = &mut shutdown => break,
                () = sleep(wait) => {}
            }
            wait = (wait * 2).min(RESTART.1);
        }
        self.health.update(|health| health.state = WorkerState::Stopped);
    }

    fn begin(&self) -> Life {
        // Every life is a consumer of its own; what the one before left comes back with its lease.
        let link = Link::new(&self.redis, &self.config, &self.health);
        self.health.update(|health| health.state = WorkerState::Running);
        let context = WorkerContext::new(&link.consumer);
        let worker = WorkerBuilder::new(context.clone())
            .backend(LaneBackend::<T>::open(&link))
            .layer(ConcurrencyLimitLayer::new(self.config.concurrency.max(1)))
            .build(HandlerService::new(&self.handler));
        Life {
            link,
            context,
            running: Owned(tokio::spawn(worker.run())),
        }
    }

    fn note_restart(&self, ended: &Ended, wait: Duration) {
        let reason = match ended {
            Ok(Ok(())) => "it ended by itself".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        let lane = self.config.lane.as_str();
        tracing::error!(lane, reason, ?wait, "worker ended; it is built anew");
        self.health.update(|health| {
            health.state = WorkerState::Restarting;
            health.restarts += 1;
            health.last_error = Some(reason);
        });
    }
}

impl Life {
    async fn stop(mut self) {
        let drain = self.link.config.drain;
        let ended = timeout(drain, async {
            // Can't be stopped before it has started, which its first poll does.
            while self.context.stop().is_err() && !self.running.0.is_finished() {
                sleep(Duration::from_millis(5)).await;
            }
            self.link
                .health
                .update(|health| health.state = WorkerState::Stopping);
            // At once, not after the last batch: what is read now would only be handed back.
            self.link.stop_reading().await;
            (&mut self.running.0).await
        })
        .await;
        if ended.is_err() {
            self.abandon().await;
        }
        let consumer = self.link.consumer.clone();
        let forgotten = self.link.sweep(Duration::MAX, &consumer).await;
        if let Err(error) = forgotten {
            tracing::debug!(%error, consumer, "consumer not removed; it will be once it was idle long enough");
        }
    }

    /// Breaks off what isn't finished in time, and lets others have it at once.
    async fn abandon(&mut self) {
        let ids = self.link.in_flight.ids();
        let lane = self.link.config.lane.as_str();
        tracing::warn!(
            lane,
            jobs = ids.len(),
            "batches not finished in time; others take them over"
        );
        self.running.0.abort();
        let _ = (&mut self.running.0).await;
        if let Err(error) = self.link.hand_back(&ids).await {
            tracing::warn!(lane, %error, "jobs not handed back; they come back after their lease");
        }
    }
}
