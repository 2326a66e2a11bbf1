//! The channels a customer can write through.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A kind of provider. Its name is the one in webhook URLs and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Whatsapp,
}

impl Channel {
    pub const ALL: &[Self] = &[Self::Whatsapp];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of a channel that doesn't exist.
#[derive(Debug, thiserror::Error)]
#[error("there is no channel named {0:?}")]
pub struct UnknownChannel(String);

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|channel| channel.as_str() == name)
            .ok_or_else(|| UnknownChannel(name.chars().take(40).collect()))
    }
}
