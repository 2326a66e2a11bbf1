//! What stops a piece of work, and whether waiting helps.

use switchboard_queue::QueueError;
use switchboard_store::StoreError;

use crate::files::FileError;

#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Files(#[from] FileError),
    #[error("an event can't be written as JSON: {0}")]
    Encode(#[from] serde_json::Error),
    #[error("the message it is about isn't here (yet)")]
    MessageMissing,
}

impl WorkError {
    /// The database or Redis is away: the work itself is fine and must neither be counted as failed nor given up.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Store(error) | Self::Files(FileError::Store(error)) => error.is_transient(),
            Self::Queue(error) => error.is_temporary(),
            Self::Files(FileError::Unavailable(_)) => true,
            Self::Files(_) | Self::Encode(_) | Self::MessageMissing => false,
        }
    }
}
