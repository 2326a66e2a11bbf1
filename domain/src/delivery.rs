//! Attempts to hand a message to its provider.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{DeliveryId, MessageError, MessageId, Timestamp};

/// One attempt. It is recorded before the provider is called, so that a crash in between is seen (P7).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    pub id: DeliveryId,
    pub message_id: MessageId,
    /// From 1.
    pub attempt: u32,
    pub started_at: Timestamp,
    /// Absent: never heard of again.
    pub outcome: Option<DeliveryOutcome>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DeliveryOutcome {
    Accepted {
        provider_message_id: String,
        at: Timestamp,
    },
    /// Will be tried again.
    Deferred {
        error: MessageError,
        at: Timestamp,
    },
    Refused {
        error: MessageError,
        at: Timestamp,
    },
    /// The provider may or may not have it.
    Uncertain {
        error: MessageError,
        at: Timestamp,
    },
}
