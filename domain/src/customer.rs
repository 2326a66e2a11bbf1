//! The people who write to us.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Channel, CustomerId, Timestamp};

/// How a provider names a person. `external_id` is the provider's stable id, not necessarily a phone number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    pub channel: Channel,
    pub external_id: String,
}

impl Identity {
    /// `{channel}:{external id}`: unique among customers.
    pub fn key(&self) -> String {
        format!("{}:{}", self.channel, self.external_id)
    }
}

/// Its JSON is [`crate::Shown`] to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(remote = "Self")]
pub struct Customer {
    pub id: CustomerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub identities: Vec<Identity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub created_at: Timestamp,
}
