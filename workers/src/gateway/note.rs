//! What one holder of a connection leaves for the next.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use switchboard_connectors::discord::gateway::Session;
use switchboard_domain::Timestamp;
use switchboard_queue::{Lease, QueueError};

/// Discord lets nobody go on with a session for so long, and a connection is renewed more often.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Up to its number everything is in the ingest lane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// The provider refused the account, as it was changed last at this time, for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Timestamp>,
}

impl Note {
    /// One that can't be read is of another version: its session is given up for a new one.
    pub async fn read(lease: &Lease) -> Result<Self, QueueError> {
        let text = lease.note().await?.unwrap_or_default();
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Nothing is written if the lease isn't ours any more.
    pub async fn leave(&self, lease: &Lease) -> Result<(), QueueError> {
        lease.leave_note(&serde_json::to_string(self)?, KEPT_FOR).await?;
        Ok(())
    }
}
