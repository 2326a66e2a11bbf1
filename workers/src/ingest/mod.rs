//! Verified webhooks become messages: deduplicated, stored, shown.
//!
//! A batch is worked in a handful of bulk round trips. Everything written is named by the event that caused it, so a
//! batch may be worked twice, by two workers at once, and in any order. What a worker that died may have left half
//! done is repeated when its jobs are taken over (`recovered`), and consoles are shown only what they weren't.

mod apply;
mod changes;
mod forgotten;
mod gather;
mod homes;
mod job;
mod orders;
mod reads;
mod show;
mod statuses;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use switchboard_domain::{AccountKey, Direction, Message, Timestamp};
use switchboard_queue::{Batch, Handler, Job, Outcome};

use crate::{Hub, error::WorkError};
use apply::Applied;
use gather::Gathered;

pub(crate) use apply::last_message;
pub use job::{IngestJob, Webhook, ingest_lane};

/// How much of a message the inbox row shows.
const PREVIEW_CHARS: usize = 200;

/// An edit waits this many attempts for its message; one of a message that we never had is then let go (the ledger
/// has it).
const EDITS_WAIT: u32 = 4;

/// The ingest lanes' handler.
#[derive(Clone)]
pub struct Ingest {
    hub: Hub,
}

impl Ingest {
    pub fn new(hub: Hub) -> Self {
        Self { hub }
    }

    /// Works the jobs together; if one of them can't be worked, all fail. Those whose echoes have to wait are named: all
    /// else of theirs is done, and does no harm when it is done again.
    async fn work(&self, jobs: &[Job<Webhook>], again: bool) -> Result<HashSet<usize>, WorkError> {
        let hub = &self.hub;
        let now = hub.clock.now();
        let keys = jobs.iter().map(|job| &job.payload.0.account);
        let accounts = hub.accounts.known_with(keys, now).await?;
        let gathered = Gathered::from_jobs(jobs, &accounts, again)?;
        // What rules may ask for is there before the router looks.
        let ((), mut applied, (), ()) = tokio::try_join!(
            hub.log(jobs, &gathered, now),
            hub.apply_messages(&gathered, now),
            hub.apply_orders(&gathered.commerce),
            hub.apply_languages(&gathered.languages),
        )?;
        let files = std::mem::take(&mut applied.files);
        let waiting = std::mem::take(&mut applied.waiting);
        let known = std::mem::take(&mut applied.known);
        let echoes = echoes(&applied);
        hub.show_messages(&gathered, applied, now).await?;
        hub.send_for(&files).await?;
        hub.settle_early(&echoes, now).await?;
        let erased = hub.apply_statuses(&gathered.statuses, now).await?;
        hub.apply_reads(&gathered.reads, now).await?;
        hub.apply_changes(&gathered.changes, now).await?;
        hub.forget_erased(jobs, &gathered, &known, &erased).await?;
        gathered.count();
        for (account, at) in last_webhooks(jobs) {
            hub.trails.webhook(account, at);
        }
        Ok(waiting)
    }

    /// Works the jobs and waits out an outage of the database or Redis: while it lasts there is nothing else to do,
    /// and the jobs are not to blame.
    async fn work_through_outages(&self, jobs: &[Job<Webhook>]) -> Result<HashSet<usize>, WorkError> {
        let mut pause = Duration::from_millis(100);
        let mut again = false;
        loop {
            match self.work(jobs, again).await {
                Err(error) if error.is_outage() => {
                    tracing::warn!(%error, jobs = jobs.len(), "ingest waits for the database or Redis");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                    again = true;
                }
                result => return result,
            }
        }
    }
}

/// When each account was last heard of.
fn last_webhooks(jobs: &[Job<Webhook>]) -> HashMap<&AccountKey, Timestamp> {
    let mut last = HashMap::new();
    for Webhook(job) in jobs.iter().map(|job| &job.payload) {
        let at = job.arrival.received_at();
        let known = last.entry(&job.account).or_insert(at);
        *known = at.max(*known);
    }
    last
}

/// Of what this batch has stored, and what one that was interrupted had, what was written by us elsewhere.
fn echoes(applied: &Applied) -> Vec<Message> {
    let stored = applied.stored.iter().map(|(_, message)| message);
    stored
        .chain(&applied.repeated)
        .filter(|message| message.direction == Direction::Outbound)
        .cloned()
        .collect()
}

fn done_or_waiting(waits: bool) -> Outcome {
    if waits {
        Outcome::Postpone {
            delay: Duration::from_millis(500),
        }
    } else {
        Outcome::Done
    }
}

impl Handler<Webhook> for Ingest {
    async fn handle(&self, batch: Batch<Webhook>) -> Vec<Outcome> {
        if let Ok(waiting) = self.work_through_outages(&batch).await {
            let outcome = |place| done_or_waiting(waiting.contains(&place));
            return (0..batch.len()).map(outcome).collect();
        }
        // One of them is bad: each by itself, so that only it is retried.
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in &batch {
            let mut job = job.clone();
            job.recovered = true;
            outcomes.push(match self.work_through_outages(std::slice::from_ref(&job)).await {
                Ok(waiting) => done_or_waiting(!waiting.is_empty()),
                Err(error @ WorkError::AccountGone) => Outcome::dead(error),
                Err(WorkError::MessageMissing) if job.attempt >= EDITS_WAIT => {
                    metrics::counter!("switchboard_ingest_edits_of_unknown_messages_total").increment(1);
                    Outcome::Done
                }
                Err(error) => {
                    tracing::warn!(%error, job = job.id, attempt = job.attempt, "a webhook couldn't be worked");
                    Outcome::retry(error)
                }
            });
        }
        outcomes
    }
}
