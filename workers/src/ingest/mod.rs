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
mod missed;
mod orders;
mod reads;
mod show;
mod statuses;
mod unfinished;

use std::{collections::HashMap, time::Duration};

use switchboard_domain::{AccountKey, Direction, Message, Timestamp};
use switchboard_queue::{Batch, Handler, Job, Outcome};

use crate::{Hub, error::WorkError};
use apply::Applied;
use gather::Gathered;
use unfinished::Unfinished;

pub(crate) use apply::last_message;
pub use job::{IngestJob, Webhook, ingest_lane};

/// How much of a message the inbox row shows.
const PREVIEW_CHARS: usize = 200;

/// The ingest lanes' handler.
#[derive(Clone)]
pub struct Ingest {
    hub: Hub,
}

impl Ingest {
    pub fn new(hub: Hub) -> Self {
        Self { hub }
    }

    /// Works the jobs together. If one of them fails, all do; those that aren't done for another reason are named.
    async fn work(
        &self,
        jobs: &[Job<Webhook>],
        again: bool,
    ) -> Result<HashMap<usize, Unfinished>, WorkError> {
        let hub = &self.hub;
        let now = hub.clock.now();
        let keys = jobs.iter().map(|job| &job.payload.0.account);
        let accounts = hub.accounts.known_with(keys, now).await?;
        let gathered = Gathered::from_jobs(jobs, &accounts, again);
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
        let missing = hub.apply_changes(&gathered.changes, now).await?;
        hub.forget_erased(jobs, &gathered, &known, &erased).await?;
        gathered.count();
        for (account, at) in last_webhooks(jobs) {
            hub.trails.webhook(account, at);
        }
        Ok(gathered.unfinished(&missing, &waiting))
    }

    /// Works the jobs and waits out an outage of the database or Redis: while it lasts there is nothing else to do,
    /// and the jobs are not to blame.
    async fn work_through_outages(
        &self,
        jobs: &[Job<Webhook>],
    ) -> Result<HashMap<usize, Unfinished>, WorkError> {
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

impl Handler<Webhook> for Ingest {
    /// One bad job fails its batch, which is halved until it is alone: only it is retried.
    async fn handle(&self, mut batch: Batch<Webhook>) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::Done; batch.len()];
        let whole = 0..batch.len();
        let mut parts = vec![whole];
        while let Some(part) = parts.pop() {
            let jobs = &mut batch[part.clone()];
            match self.work_through_outages(jobs).await {
                Ok(unfinished) => {
                    for (place, why) in unfinished {
                        outcomes[part.start + place] = why.outcome(jobs[place].attempt);
                    }
                }
                Err(error) if jobs.len() == 1 => {
                    let (job, attempt) = (&jobs[0].id, jobs[0].attempt);
                    tracing::warn!(%error, job, attempt, "a webhook couldn't be worked");
                    outcomes[part.start] = Outcome::retry(error);
                }
                Err(_) => {
                    for job in jobs {
                        job.recovered = true;
                    }
                    let middle = part.start.midpoint(part.end);
                    parts.extend([middle..part.end, part.start..middle]);
                }
            }
        }
        outcomes
    }
}
