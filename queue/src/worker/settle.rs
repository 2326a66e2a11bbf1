//! Settling: what the handler decided becomes what Redis knows, after the effect and never before.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::{error::BoxDynError, task::Task};
use futures_util::future::BoxFuture;
use metrics::{counter, histogram};
use switchboard_domain::Timestamp;
use tokio::time::{Instant, sleep};
use tower::{Layer, Service};

use super::{Lease, Link, Receipt, link::AT_ONCE};
use crate::{Batch, Outcome, QueueError, lane::GROUP, scripts::SETTLE};

/// How long settling is tried before the batch is left to its lease. An effect that is there already shouldn't be
/// repeated because Redis restarts.
const KEEP_TRYING: Duration = Duration::from_secs(8);
const TRY_EVERY: Duration = Duration::from_millis(200);

/// A job that isn't done: delayed to `due`, or given up.
pub struct Unfinished {
    pub id: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When to try again; `None` gives the job up.
    pub due: Option<Timestamp>,
    pub error: String,
}

impl Link {
    /// Marks jobs as done: each is acknowledged and deleted in one go, so that none stays behind acknowledged.
    pub async fn finish(&self, ids: &[&str]) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        for ids in ids.chunks(AT_ONCE) {
            let mut both = redis::Pipeline::with_capacity(2);
            both.atomic();
            both.cmd("XACK")
                .arg(&self.keys.stream)
                .arg(GROUP)
                .arg(ids)
                .ignore();
            both.cmd("XDEL").arg(&self.keys.stream).arg(ids).ignore();
            both.exec_async(&mut connection).await?;
        }
        Ok(())
    }

    /// Delays jobs or gives them up.
    pub async fn put_off(&self, jobs: &[Unfinished]) -> Result<(), QueueError> {
        let now = self.redis.clock().now().as_millis();
        let mut script = SETTLE.prepare_invoke();
        script
            .key(&self.keys.stream)
            .key(&self.keys.delayed)
            .key(&self.keys.delayed_jobs)
            .key(&self.keys.dead)
            .arg(GROUP);
        for job in jobs {
            let due = job
                .due
                .map_or_else(String::new, |due| due.as_millis().to_string());
            script
                .arg(&job.id)
                .arg(job.attempts)
                .arg(due)
                .arg(&job.error)
                .arg(now);
            if job.due.is_none() {
                let lane = self.config.lane.as_str();
                tracing::warn!(
                    lane,
                    id = job.id,
                    attempts = job.attempts,
                    error = job.error,
                    "job given up"
                );
            }
        }
        let mut connection = self.redis.commands();
        Ok(script.invoke_async(&mut connection).await?)
    }

    /// Carries out the handler's decisions, index by index.
    async fn settle(&self, receipts: &[Receipt], outcomes: Vec<Outcome>) -> Result<(), QueueError> {
        let mut done = Vec::with_capacity(receipts.len());
        let mut unfinished = Vec::new();
        let mut outcomes = outcomes.into_iter();
        for receipt in receipts {
            let outcome = outcomes
                .next()
                .unwrap_or_else(|| Outcome::retry("the handler gave no outcome for this job"));
            match self.decide(receipt, outcome) {
                Some(job) => unfinished.push(job),
                None => done.push(receipt.id.as_str()),
            }
        }
        let give_up_at = Instant::now() + KEEP_TRYING;
        loop {
            let result = self.record(&done, &unfinished).await;
            match result {
                Err(error) if error.is_temporary() && Instant::now() < give_up_at => sleep(TRY_EVERY).await,
                result => {
                    self.count(done.len(), &unfinished);
                    return result;
                }
            }
        }
    }

    /// Both halves can be repeated: what is settled already is skipped.
    async fn record(&self, done: &[&str], unfinished: &[Unfinished]) -> Result<(), QueueError> {
        if !done.is_empty() {
            self.finish(done).await?;
        }
        if !unfinished.is_empty() {
            self.put_off(unfinished).await?;
        }
        Ok(())
    }

    fn decide(&self, receipt: &Receipt, outcome: Outcome) -> Option<Unfinished> {
        let now = self.redis.clock().now();
        let last = receipt.attempt >= self.config.max_attempts;
        let (attempts, due, error) = match outcome {
            Outcome::Done => return None,
            Outcome::Retry { error } => {
                let delay = self.config.backoff(receipt.attempt, rand::random());
                (receipt.attempt, (!last).then(|| now.plus(delay)), error)
            }
            Outcome::RetryAfter { delay, error } => {
                (receipt.attempt, (!last).then(|| now.plus(delay)), error)
            }
            Outcome::Postpone { delay } => (receipt.attempt - 1, Some(now.plus(delay)), String::new()),
            Outcome::Dead { error } => (receipt.attempt, None, error),
        };
        Some(Unfinished {
            id: receipt.id.clone(),
            attempts,
            due,
            error,
        })
    }

    fn count(&self, done: usize, unfinished: &[Unfinished]) {
        let lane = self.config.lane.as_str();
        let dead = unfinished.iter().filter(|job| job.due.is_none()).count();
        counter!("queue_jobs_total", "lane" => lane, "outcome" => "done").increment(done as u64);
        counter!("queue_jobs_total", "lane" => lane, "outcome" => "delayed")
            .increment((unfinished.len() - dead) as u64);
        counter!("queue_jobs_total", "lane" => lane, "outcome" => "dead").increment(dead as u64);
    }
}

/// Puts [`Settle`] around the handler; apalis applies it as the backend's middleware.
#[derive(Clone)]
pub struct SettleLayer(pub Arc<Link>);

impl<S> Layer<S> for SettleLayer {
    type Service = Settle<S>;

    fn layer(&self, inner: S) -> Settle<S> {
        Settle {
            inner,
            link: Arc::clone(&self.0),
        }
    }
}

/// Runs the handler on a batch, then settles it. If the handler panics, or Redis can't be told, the batch's lease is
/// dropped and its jobs come back.
pub struct Settle<S> {
    inner: S,
    link: Arc<Link>,
}

impl<S, T> Service<Task<Batch<T>>> for Settle<S>
where
    S: Service<Task<Batch<T>>, Response = Vec<Outcome>, Error: Into<BoxDynError>, Future: Send + 'static>,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<(), BoxDynError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Batch<T>>) -> Self::Future {
        let lease = task.data().get::<Arc<Lease>>().cloned();
        let link = Arc::clone(&self.link);
        let handled = self.inner.call(task);
        Box::pin(async move {
            let lease = lease.ok_or(NoLease)?;
            let lane = link.config.lane.as_str();
            let began = Instant::now();
            let result = match handled.await.map_err(Into::into) {
                Ok(outcomes) => link
                    .settle(&lease.receipts, outcomes)
                    .await
                    .map_err(BoxDynError::from),
                Err(error) => Err(error),
            };
            histogram!("queue_batch_seconds", "lane" => lane).record(began.elapsed());
            histogram!("queue_batch_jobs", "lane" => lane).record(lease.receipts.len() as f64);
            if let Err(error) = result {
                // Handled here: apalis only needs to know that the batch is over.
                let jobs = lease.receipts.len();
                tracing::error!(lane, jobs, %error, "batch not settled; its jobs come back after their lease");
                link.health
                    .update(|health| health.last_error = Some(error.to_string()));
            }
            Ok(())
        })
    }
}

/// A task that didn't come from this backend.
#[derive(Debug)]
struct NoLease;

impl fmt::Display for NoLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task carries no lease")
    }
}

impl std::error::Error for NoLease {}
