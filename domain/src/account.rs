//! A channel account: one number, page or mailbox of ours at a provider.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{BranchId, Channel, QueueId, Secret, TeamId, Timestamp};

/// What names an account everywhere: `{channel}/{account}` in the webhook's URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountKey {
    pub channel: Channel,
    pub account_id: String,
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.channel, self.account_id)
    }
}

#[derive(Clone, Debug)]
pub struct ChannelAccount {
    pub key: AccountKey,
    pub name: String,
    pub settings: AccountSettings,
    pub secrets: AccountSecrets,
    /// Conversations belong to this team until a routing rule says otherwise.
    pub team_id: Option<TeamId>,
    pub branch_id: Option<BranchId>,
    /// Where conversations wait if no rule matches.
    pub queue_id: Option<QueueId>,
    pub enabled: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What isn't secret. Keys a channel needs beyond these are its own and stay in `other`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountSettings {
    /// The origin the provider knows us by, for schemes that sign the URL; else the deployment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_base_url: Option<String>,
    /// The origin we send to, when it isn't the provider's own: a proxy, or a test's server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_base_url: Option<String>,
    /// The provider's own id of this account (WhatsApp `phone_number_id`, a page id …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_account_id: Option<String>,
    #[serde(flatten)]
    pub other: BTreeMap<String, serde_json::Value>,
}

/// Write-only through the API, encrypted at rest. `signing_secret` serves every scheme's secret or public key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountSecrets(pub BTreeMap<String, Secret>);

impl AccountSecrets {
    /// A secret that is there and not empty. An empty one would let anybody sign.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name).filter(|secret| !secret.is_empty())
    }

    pub fn signing_secret(&self) -> Option<&Secret> {
        self.get("signing_secret")
    }

    pub fn access_token(&self) -> Option<&Secret> {
        self.get("access_token")
    }

    pub fn verify_token(&self) -> Option<&Secret> {
        self.get("verify_token")
    }
}
