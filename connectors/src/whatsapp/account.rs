//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the Meta app's secret; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `verify_token` | what Meta's handshake must bring along |
//! | secrets | `access_token` | needed to send |
//! | settings | `provider_account_id` | the phone number id; else the account's own id |
//! | settings | `api_base_url` | else `https://graph.facebook.com` |
//! | settings | `graph_version` | else `v23.0` |
//! | settings | `media` | `upload`: files are handed to Meta as bytes; else it fetches them by a link |

use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount};

use crate::{
    FieldError, SendError,
    meta::graph::{self, Endpoint, is_path_segment, unfit},
};

const BASE_URL: &str = "https://graph.facebook.com";

/// Where the account's messages go. An error is not sendable with this account, said before the provider is asked.
pub(super) fn messages(account: &ChannelAccount) -> Result<Endpoint<'_>, SendError> {
    let phone_number_id = phone_number_id(account);
    if !is_path_segment(phone_number_id) {
        return Err(unfit("The channel's phone number id is not valid."));
    }
    endpoint(account, &[phone_number_id, "messages"])
}

pub(super) fn phone_number_id(account: &ChannelAccount) -> &str {
    let configured = account.settings.provider_account_id.as_deref();
    configured.unwrap_or(&account.key.account_id)
}

pub(super) fn endpoint<'a>(account: &'a ChannelAccount, path: &[&str]) -> Result<Endpoint<'a>, SendError> {
    graph::endpoint(account, BASE_URL, path)
}

/// Where files go that are handed over as bytes.
pub(super) fn media(account: &ChannelAccount) -> Result<Endpoint<'_>, SendError> {
    let phone_number_id = phone_number_id(account);
    if !is_path_segment(phone_number_id) {
        return Err(unfit("The channel's phone number id is not valid."));
    }
    endpoint(account, &[phone_number_id, "media"])
}

pub(super) fn uploads(settings: &AccountSettings) -> bool {
    settings.other.get("media").and_then(Value::as_str) == Some("upload")
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let common = graph::check(settings, secrets, "The phone number id consists of digits.");
    let is_known = match settings.other.get("media") {
        None | Some(Value::Null) => true,
        Some(media) => matches!(media.as_str(), Some("upload" | "link")),
    };
    if is_known {
        return common;
    }
    let mut errors = common.err().unwrap_or_default();
    errors.push(FieldError::new("settings.media", "Either upload or link."));
    Err(errors)
}
