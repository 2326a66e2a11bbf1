//! Whether an agent can take work: what they declared, and whether a live device of theirs is there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Timestamp, UserId};

/// What the agent declared. Absence of a declaration is `Offline`: not routable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Intent {
    Available,
    Busy,
    Away,
    #[default]
    Offline,
}

impl Intent {
    pub fn is_routable(self) -> bool {
        self == Self::Available
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Busy => "busy",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }
}

/// An agent's presence, owned by the server (`data` of `presence.changed`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Presence {
    pub user_id: UserId,
    #[serde(rename = "status")]
    pub intent: Intent,
    /// At least one live device.
    pub online: bool,
    pub changed_at: Timestamp,
}

/// Why a presence changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceCause {
    Declared,
    /// An offer wasn't answered.
    MissedOffer,
    Connected,
    Disconnected,
    /// The process that held the connection is gone.
    NodeLost,
}

/// A change, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PresenceChange {
    pub user_id: UserId,
    pub at: Timestamp,
    pub status: Intent,
    pub online: bool,
    pub cause: PresenceCause,
}
