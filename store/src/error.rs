//! What can go wrong with MongoDB, and what to do about it.

use mongodb::error::{Error, ErrorKind, WriteFailure};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The server is away, stepping down or out of time: the same call may succeed soon.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A unique index says that it is there already.
    #[error("it exists already")]
    Duplicate,
    /// Something else changed it in the meantime.
    #[error("it was changed in the meantime")]
    Conflict,
    /// A page cursor that this hub didn't give.
    #[error("the cursor is not one of ours")]
    BadCursor,
    /// This document can't be stored or read, however often one tries.
    #[error("the database refused: {0}")]
    Refused(String),
}

pub(crate) const DUPLICATE_KEY: i32 = 11_000;

impl StoreError {
    /// Whether waiting helps.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error.kind.as_ref() {
            ErrorKind::Write(WriteFailure::WriteError(write)) if write.code == DUPLICATE_KEY => {
                Self::Duplicate
            }
            ErrorKind::Command(command) if command.code == DUPLICATE_KEY => Self::Duplicate,
            // `Interrupted…`, `NotWritablePrimary`, `PrimarySteppedDown`, `ShutdownInProgress`, `WriteConflict`, time-outs.
            ErrorKind::Command(command)
                if matches!(
                    command.code,
                    6 | 7
                        | 50
                        | 64
                        | 89
                        | 91
                        | 112
                        | 189
                        | 262
                        | 9001
                        | 10107
                        | 11600
                        | 11602
                        | 13435
                        | 13436
                ) =>
            {
                Self::Unavailable(error.to_string())
            }
            ErrorKind::Io(_)
            | ErrorKind::ServerSelection { .. }
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::DnsResolve { .. }
            | ErrorKind::Write(WriteFailure::WriteConcernError(_)) => Self::Unavailable(error.to_string()),
            _ if error.contains_label("RetryableWriteError")
                || error.contains_label("TransientTransactionError") =>
            {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Refused(error.to_string()),
        }
    }
}

impl From<mongodb::bson::error::Error> for StoreError {
    fn from(error: mongodb::bson::error::Error) -> Self {
        Self::Refused(error.to_string())
    }
}
