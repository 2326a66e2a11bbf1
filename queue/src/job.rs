//! A job, as its handler sees it, and what the handler may decide.

use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use switchboard_domain::Timestamp;

/// A job taken from a lane.
#[derive(Clone, Debug)]
pub struct Job<T> {
    /// Its id in the lane's stream. A retry has a new one.
    pub id: String,
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// Handed out before, to a worker that crashed, was stopped, stalled or failed: parts of its effect may exist already.
    /// Timers say it too, from the first time on.
    pub recovered: bool,
    /// When it was first appended (a timer: when it was due). Kept through retries.
    pub enqueued_at: Timestamp,
    pub payload: T,
}

/// What a handler is given at once: at least one job, at most the lane's batch size.
pub type Batch<T> = Vec<Job<T>>;

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect is there.
    Done,
    /// It failed; try again after the lane's exponential backoff, as a new attempt.
    Retry { error: String },
    /// It failed; try again after `delay`, as a new attempt.
    RetryAfter { delay: Duration, error: String },
    /// Not now (rate limit, open circuit): again after `delay`. Doesn't count as an attempt.
    Postpone { delay: Duration },
    /// It can't succeed: straight to the dead letters.
    Dead { error: String },
}

impl Outcome {
    /// A retry with the lane's backoff.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over the error they have"
    )]
    pub fn retry(error: impl ToString) -> Self {
        Self::Retry {
            error: error.to_string(),
        }
    }

    /// Give up.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over the error they have"
    )]
    pub fn dead(error: impl ToString) -> Self {
        Self::Dead {
            error: error.to_string(),
        }
    }
}

/// The payload isn't what the lane expects; the job goes to the dead letters with this sentence.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the payload can't be read: {0}")]
pub struct PayloadError(pub String);

/// How a lane reads its jobs. Whatever implements `Deserialize` is read as JSON; a type that doesn't may bring a
/// format of its own (a raw webhook body, without base64 or escaping).
pub trait FromPayload: Sized + Send + 'static {
    /// # Errors
    /// [`PayloadError`] if `payload` isn't one of these.
    fn from_payload(payload: Bytes) -> Result<Self, PayloadError>;
}

impl<T: DeserializeOwned + Send + 'static> FromPayload for T {
    fn from_payload(payload: Bytes) -> Result<Self, PayloadError> {
        serde_json::from_slice(&payload).map_err(|error| PayloadError(error.to_string()))
    }
}

/// The payload as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(pub Bytes);

impl FromPayload for Raw {
    fn from_payload(payload: Bytes) -> Result<Self, PayloadError> {
        Ok(Self(payload))
    }
}
