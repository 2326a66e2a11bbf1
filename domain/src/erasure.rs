//! How far it has come that a customer is forgotten.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CustomerId, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    Requested,
    /// All that there was is erased; what was on its way meanwhile is waited for, and erased too.
    Settling,
    Erased,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erasure {
    pub customer_id: CustomerId,
    pub state: ErasureState,
    pub requested_at: Timestamp,
    /// Since when whoever writes from the same addresses is somebody new.
    pub cut_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub progress: ErasureProgress,
}

/// Counted when it is asked for. Of an erased customer the shells of their conversations and messages are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureProgress {
    pub conversations: u64,
    pub messages: u64,
    /// Of those, the ones that hold nothing any more.
    pub messages_erased: u64,
    /// Files that are still there.
    pub files_left: u64,
    /// Replies that were queued, and weren't sent.
    pub replies_dropped: u64,
}
