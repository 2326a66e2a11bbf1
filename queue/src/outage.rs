//! Waiting out an outage of Redis: logged once when it begins and once when it ends, tried ever more slowly.

use std::time::Duration;

use tokio::time::sleep;

use crate::QueueError;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// One task's view of whether Redis works for it.
pub struct Outage {
    what: String,
    failing: bool,
    wait: Duration,
}

impl Outage {
    /// `what` names the work that stands still, for the log.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            failing: false,
            wait: FIRST_WAIT,
        }
    }

    /// Notes a failure.
    pub fn failed(&mut self, error: &QueueError) {
        if !self.failing {
            tracing::warn!(what = self.what, %error, "stands still until Redis answers again");
        }
        self.failing = true;
    }

    /// Notes a failure and waits before the next attempt.
    pub async fn wait_after(&mut self, error: &QueueError) {
        self.failed(error);
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }

    /// Notes a success.
    pub fn over(&mut self) {
        if self.failing {
            tracing::info!(what = self.what, "goes on");
        }
        self.failing = false;
        self.wait = FIRST_WAIT;
    }
}
