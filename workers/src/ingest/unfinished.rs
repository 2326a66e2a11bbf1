//! What keeps a job from being done though nothing failed.

use std::time::Duration;

use switchboard_queue::Outcome;

use crate::error::WorkError;

/// An edit waits this many attempts for its message; one of a message that we never had is then let go (the ledger
/// has it).
const EDITS_WAIT: u32 = 4;

/// Why a job of a batch that was worked isn't done. All else of it is, and does no harm when it is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// Its echo waits for a reply of ours to have its id, or its customer is just being erased.
    Undecided,
    /// What it edits isn't here (yet).
    MessageMissing,
    /// Its channel account doesn't exist any more.
    AccountGone,
}

impl Unfinished {
    /// What becomes of the job, at this attempt.
    pub fn outcome(self, attempt: u32) -> Outcome {
        match self {
            Self::Undecided => Outcome::Postpone {
                delay: Duration::from_millis(500),
            },
            Self::MessageMissing if attempt < EDITS_WAIT => Outcome::retry(WorkError::MessageMissing),
            Self::MessageMissing => {
                metrics::counter!("switchboard_ingest_edits_of_unknown_messages_total").increment(1);
                Outcome::Done
            }
            Self::AccountGone => Outcome::dead("its channel account doesn't exist any more"),
        }
    }
}
