//! From stream entries to the batch a handler gets.

use std::sync::Arc;

use apalis_core::task::{Task, builder::TaskBuilder};
use switchboard_domain::Timestamp;
use tokio::time::Instant;

use super::{Lease, Link, Receipt, settle::Unfinished};
use crate::{
    Batch, FromPayload, Job, QueueError,
    entry::{ATTEMPTS, Entry, FIRST, PAYLOAD, id_millis},
};

/// An entry as it was handed out.
pub struct Delivery {
    pub entry: Entry,
    /// How often it was handed out, this time included.
    pub deliveries: u32,
}

/// A batch on its way to the handler.
pub struct Opened<T> {
    pub task: Task<Batch<T>>,
    pub lease: Arc<Lease>,
    /// The read got all it asked for, so there is likely more.
    pub full: bool,
}

impl Link {
    /// Makes a batch of deliveries that were asked for at `asked`. What can't be read, and what was handed out too
    /// often, goes to the dead letters instead; `None` if nothing is left.
    pub async fn open<T: FromPayload>(
        &self,
        deliveries: Vec<Delivery>,
        asked: Instant,
    ) -> Result<Option<Opened<T>>, QueueError> {
        let full = deliveries.len() >= self.config.batch_size;
        let mut jobs = Vec::with_capacity(deliveries.len());
        let mut receipts = Vec::with_capacity(deliveries.len());
        let mut given_up = Vec::new();
        for delivery in deliveries {
            match self.open_one(delivery) {
                Ok(job) => {
                    receipts.push(Receipt {
                        id: job.id.clone(),
                        attempt: job.attempt,
                    });
                    jobs.push(job);
                }
                Err(job) => given_up.push(job),
            }
        }
        // Held before anything is awaited: a batch is never in nobody's hands.
        let lease = (!jobs.is_empty())
            .then(|| Arc::new(self.in_flight.hold(receipts, self.redis.clock().now(), asked)));
        if !given_up.is_empty() {
            self.put_off(&given_up).await?;
        }
        Ok(lease.map(|lease| Opened {
            task: TaskBuilder::new(jobs).data(Arc::clone(&lease)).build(),
            lease,
            full,
        }))
    }

    fn open_one<T: FromPayload>(&self, delivery: Delivery) -> Result<Job<T>, Unfinished> {
        let Delivery { entry, deliveries } = delivery;
        let attempts = entry
            .number(ATTEMPTS)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(0);
        let give_up = |error: String| Unfinished {
            id: entry.id.clone(),
            attempts: attempts + 1,
            due: None,
            error,
        };
        if deliveries > self.config.max_deliveries() {
            let crashed = deliveries - 1;
            return Err(give_up(format!(
                "{crashed} workers crashed or stalled while they had this job"
            )));
        }
        let payload = T::from_payload(entry.bytes(PAYLOAD)).map_err(|error| give_up(error.to_string()))?;
        let first = entry.number(FIRST);
        let enqueued_at = first.or_else(|| id_millis(&entry.id)).unwrap_or(0);
        Ok(Job {
            attempt: attempts + 1,
            // Only what was put off or replayed says when it came first.
            recovered: deliveries > 1 || first.is_some(),
            enqueued_at: Timestamp::from_millis(enqueued_at),
            payload,
            id: entry.id,
        })
    }
}
