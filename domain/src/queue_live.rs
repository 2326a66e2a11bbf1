//! Queues as they stand, and a conversation's place in its own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ConversationId, QueueId, Timestamp};

/// `data` of `queue.updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueLive {
    pub queue_id: QueueId,
    /// Within its business hours.
    pub open: bool,
    pub waiting: u32,
    pub oldest_waiting_since: Option<Timestamp>,
    /// What somebody who came now would probably wait, as the queue moved in the last quarter of an hour; absent if it
    /// didn't.
    pub predicted_wait_secs: Option<u32>,
    /// Agents of its teams who are connected.
    pub staffed: u32,
    /// Of these, those who take work and have room.
    pub available: u32,
}

/// A waiting conversation's place in its queue. Web-chat visitors are told it, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueuePosition {
    pub conversation_id: ConversationId,
    pub queue_id: QueueId,
    /// From 1.
    pub position: u32,
    pub predicted_wait_secs: Option<u32>,
}
