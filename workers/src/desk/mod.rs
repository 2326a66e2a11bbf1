//! What people do at their desks, with everything that follows from it: the write, the freed or taken capacity, what
//! screens are told, and the router's wake-up. The API calls these; nothing else changes a conversation's hands.

mod assignments;
mod files;
mod parts;
mod presence;
mod replies;
mod states;
mod transfers;

use switchboard_queue::QueueError;
use switchboard_store::StoreError;

use crate::error::WorkError;

pub use files::send_as;
pub use replies::{Draft, Written};
pub use transfers::Room;

/// Why somebody can't do what they asked for.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("There is no such conversation, or it isn't yours to see.")]
    NotFound,
    /// Somebody or something was faster; the sentence is for the person.
    #[error("{0}")]
    Conflict(&'static str),
    #[error("The customer last wrote too long ago: only a template may be sent until they write again.")]
    ReplyWindowClosed,
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Work(#[from] WorkError),
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Work(error.into())
    }
}

impl From<QueueError> for DeskError {
    fn from(error: QueueError) -> Self {
        Self::Work(error.into())
    }
}
