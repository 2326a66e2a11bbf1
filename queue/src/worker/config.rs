//! How a worker works its lane off.

use std::time::Duration;

use crate::Lane;

/// A worker's settings.
#[derive(Clone, Debug)]
pub struct LaneConfig {
    pub lane: Lane,
    /// The most jobs in one batch. A batch is what is there, up to this; nobody waits for it to fill.
    pub batch_size: usize,
    /// Batches in work at the same time.
    pub concurrency: usize,
    /// How long a worker that doesn't report keeps its jobs; then they go to another.
    pub lease: Duration,
    /// Attempts before a job is given up.
    pub max_attempts: u32,
    /// The delay before the second attempt is drawn from zero to this, doubled with every further one …
    pub backoff_base: Duration,
    /// … up to this.
    pub backoff_cap: Duration,
    /// How long one read waits for jobs.
    pub block: Duration,
    /// How long a worker that is told to stop may finish what it has begun.
    pub drain: Duration,
}

impl LaneConfig {
    /// The defaults for a lane.
    pub fn new(lane: Lane) -> Self {
        Self {
            lane,
            batch_size: 256,
            concurrency: 1,
            lease: Duration::from_secs(10),
            max_attempts: 10,
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_mins(5),
            block: Duration::from_secs(2),
            drain: Duration::from_secs(10),
        }
    }

    /// The delay after a failed attempt: exponential with full jitter, so that what failed together doesn't come back
    /// together. `chance` is from 0 to 1.
    pub(super) fn backoff(&self, attempt: u32, chance: f64) -> Duration {
        let doubled = 2u32.saturating_pow(attempt.saturating_sub(1).min(31));
        let most = self.backoff_base.saturating_mul(doubled).min(self.backoff_cap);
        most.mul_f64(chance.clamp(0.0, 1.0))
    }

    /// Deliveries before a job is given up unseen: each of the others ended with a crashed or stalled worker. At least
    /// a few, because whoever shared a batch with the job that crashes its worker is innocent.
    pub(super) fn max_deliveries(&self) -> u32 {
        self.max_attempts.max(ALONE_FROM + 2)
    }
}

/// From this delivery on a job is handled alone, so that the one that crashes its worker takes no other with it.
pub(super) const ALONE_FROM: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_cap() {
        let config = LaneConfig {
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(10),
            ..LaneConfig::new(Lane::Bulk)
        };
        let seconds: Vec<u64> = (1..=6)
            .map(|attempt| config.backoff(attempt, 1.0).as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 10, 10]);
        assert_eq!(config.backoff(u32::MAX, 1.0).as_secs(), 10);
        assert_eq!(config.backoff(3, 0.0), Duration::ZERO);
        assert_eq!(config.backoff(3, 0.5).as_secs(), 2);
    }
}
