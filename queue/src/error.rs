//! What can go wrong between us and Redis, with the decision the caller has to take.

use redis::RedisError;

/// Why Redis did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QueueError {
    /// No connection, or no answer in time. The command may or may not have been carried out.
    #[error("Redis can't be reached: {0}")]
    Unavailable(RedisError),
    /// Redis is known to be down; nothing was sent. The connection is being tried in the background.
    #[error("Redis is down; it is being tried again in the background")]
    Down,
    /// Redis answered with an error (out of memory, read-only, still loading …).
    #[error("Redis refused: {0}")]
    Refused(RedisError),
    /// The address in the configuration isn't one.
    #[error("not a Redis address: {0}")]
    Address(RedisError),
    /// The job can't be written as JSON: a mistake in the job's type.
    #[error("the job can't be written as JSON: {0}")]
    Encode(String),
}

impl QueueError {
    /// Whether trying the same call later can succeed. A job that couldn't be pushed for such a reason belongs in the
    /// spool.
    pub fn is_temporary(&self) -> bool {
        !matches!(self, Self::Address(_) | Self::Encode(_))
    }
}

impl From<RedisError> for QueueError {
    fn from(error: RedisError) -> Self {
        if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() {
            Self::Unavailable(error)
        } else {
            Self::Refused(error)
        }
    }
}

impl From<serde_json::Error> for QueueError {
    fn from(error: serde_json::Error) -> Self {
        Self::Encode(error.to_string())
    }
}
