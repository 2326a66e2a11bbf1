//! Work that may take long and that nobody waits for in front of a screen.

use std::time::Duration;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use switchboard_domain::{AttachmentId, CustomerId};
use switchboard_queue::{Batch, Handler, Job, Outcome};

use crate::Hub;

/// A job of the bulk lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum BulkJob {
    /// Fetch a file that came with a message.
    FetchFile { attachment_id: AttachmentId },
    /// Forget a customer.
    EraseCustomer { customer_id: CustomerId },
    /// Remove what isn't kept any longer.
    Retain,
}

/// The bulk lane's handler.
pub struct Bulk {
    hub: Hub,
    max_attempts: u32,
}

impl Bulk {
    /// After `max_attempts` a file has failed.
    pub fn new(hub: Hub, max_attempts: u32) -> Self {
        Self { hub, max_attempts }
    }

    async fn one(&self, job: &Job<BulkJob>) -> Outcome {
        let last = job.attempt >= self.max_attempts;
        let result = match &job.payload {
            BulkJob::FetchFile { attachment_id } => self.hub.fetch_file(attachment_id, last).await,
            BulkJob::Retain => self.hub.retain_some().await,
            BulkJob::EraseCustomer { customer_id } => self.hub.erase_customer(customer_id).await,
        };
        result.unwrap_or_else(|error| {
            if error.is_outage() {
                return Outcome::Postpone {
                    delay: Duration::from_secs(1),
                };
            }
            tracing::warn!(%error, job = job.id, attempt = job.attempt, "a bulk job failed");
            Outcome::retry(error)
        })
    }
}

impl Handler<BulkJob> for Bulk {
    async fn handle(&self, batch: Batch<BulkJob>) -> Vec<Outcome> {
        let mut jobs = Vec::with_capacity(batch.len());
        for job in &batch {
            jobs.push(self.one(job));
        }
        join_all(jobs).await
    }
}
