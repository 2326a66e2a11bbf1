//! Things that happen at a certain time. Each timer has a key, so that setting it again replaces it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use switchboard_domain::AssignmentId;
use switchboard_queue::{Batch, Handler, Job, Outcome};

use crate::Hub;

/// A job of the timers lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum TimerJob {
    OfferExpires { assignment_id: AssignmentId },
    WrapUpEnds { assignment_id: AssignmentId },
}

/// The timers lane's handler.
pub struct Timers {
    hub: Hub,
}

impl Timers {
    pub fn new(hub: Hub) -> Self {
        Self { hub }
    }

    async fn one(&self, job: &Job<TimerJob>) -> Outcome {
        let done = match &job.payload {
            TimerJob::OfferExpires { assignment_id } => self.hub.expire(assignment_id).await,
            TimerJob::WrapUpEnds { assignment_id } => self.hub.wrap_up_over(assignment_id).await,
        };
        match done {
            Ok(()) => Outcome::Done,
            Err(error) if error.is_outage() => Outcome::Postpone {
                delay: Duration::from_secs(1),
            },
            Err(error) => {
                tracing::warn!(%error, job = job.id, attempt = job.attempt, "a timer failed");
                Outcome::retry(error)
            }
        }
    }
}

impl Handler<TimerJob> for Timers {
    async fn handle(&self, batch: Batch<TimerJob>) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in &batch {
            outcomes.push(self.one(job).await);
        }
        outcomes
    }
}
