//! Group commit: whoever wants to append hands its payload over and waits; one task takes what is there, sends it as
//! one pipeline and answers all. Under load a webhook pays a fraction of a write and of a wake-up instead of its own,
//! and while Redis is down nobody waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use redis::aio::ConnectionManager;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::{QueueError, Redis, entry::PAYLOAD, pipelines::pipelines};

/// The most appends in one pipeline: bounds what a slow one holds up.
const MAX_GROUP: usize = 512;
/// Appends that may wait; beyond it callers queue for a place.
const WAITING: usize = 8192;
/// How long one pipeline may take. A webhook that waited so long is better off in the spool.
const CONFIRM_TIMEOUT: Duration = Duration::from_millis(800);
/// How often a Redis that is down is tried.
const PROBE_EVERY: Duration = Duration::from_millis(200);

struct Waiting {
    key: Arc<str>,
    payload: Bytes,
    answer: oneshot::Sender<Result<(), QueueError>>,
}

/// The callers' side of the appender task, which ends with its last clone.
#[derive(Clone)]
pub struct Appender {
    queue: mpsc::Sender<Waiting>,
    down: Arc<AtomicBool>,
}

impl Appender {
    pub fn start(redis: &Redis) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let down = Arc::new(AtomicBool::new(false));
        let task = AppenderTask {
            redis: redis.clone(),
            connection: redis.commands(),
            waiting,
            down: Arc::clone(&down),
        };
        tokio::spawn(task.run());
        Self { queue, down }
    }

    /// Returns `Ok` once Redis confirmed the append. Bounded: about a second at worst, at once while Redis is known
    /// to be down.
    pub async fn append(&self, key: Arc<str>, payload: Bytes) -> Result<(), QueueError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(QueueError::Down);
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { key, payload, answer };
        // The task ends only with the runtime; then nothing can be confirmed any more.
        self.queue.send(waiting).await.map_err(|_| QueueError::Down)?;
        answered.await.unwrap_or(Err(QueueError::Down))
    }
}

struct AppenderTask {
    redis: Redis,
    connection: ConnectionManager,
    waiting: mpsc::Receiver<Waiting>,
    down: Arc<AtomicBool>,
}

impl AppenderTask {
    async fn run(mut self) {
        let mut group = Vec::with_capacity(MAX_GROUP);
        while self.waiting.recv_many(&mut group, MAX_GROUP).await > 0 {
            let parts = pipelines(&group, MAX_GROUP, |waiting| waiting.payload.len());
            let lengths: Vec<usize> = parts.map(<[Waiting]>::len).collect();
            let mut failed = false;
            for length in lengths {
                let result = if failed {
                    Err(QueueError::Down)
                } else {
                    self.commit(&group[..length]).await
                };
                failed |= matches!(result, Err(QueueError::Unavailable(_)));
                for waiting in group.drain(..length) {
                    // A caller that has gone away (its request was cancelled) needs no answer.
                    let _ = waiting.answer.send(result.clone());
                }
            }
            if failed {
                self.wait_until_up().await;
            }
        }
    }

    async fn commit(&mut self, group: &[Waiting]) -> Result<(), QueueError> {
        let mut pipeline = redis::Pipeline::with_capacity(group.len());
        for waiting in group {
            pipeline
                .cmd("XADD")
                .arg(&*waiting.key)
                .arg("*")
                .arg(PAYLOAD)
                .arg(&*waiting.payload)
                .ignore();
        }
        match timeout(CONFIRM_TIMEOUT, pipeline.exec_async(&mut self.connection)).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(QueueError::Unavailable(
                std::io::Error::from(std::io::ErrorKind::TimedOut).into(),
            )),
        }
    }

    /// Sends callers away until Redis answers again.
    async fn wait_until_up(&mut self) {
        self.down.store(true, Ordering::Relaxed);
        tracing::warn!("Redis doesn't confirm appends; callers are sent to the spool until it does");
        loop {
            while let Ok(waiting) = self.waiting.try_recv() {
                let _ = waiting.answer.send(Err(QueueError::Down));
            }
            if self.waiting.is_closed() {
                return;
            }
            if matches!(timeout(CONFIRM_TIMEOUT, self.redis.ping()).await, Ok(Ok(()))) {
                break;
            }
            sleep(PROBE_EVERY).await;
        }
        self.down.store(false, Ordering::Relaxed);
        tracing::info!("Redis confirms appends again");
    }
}
