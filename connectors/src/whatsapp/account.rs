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

use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const DEFAULT_BASE_URL: &str = "https://graph.facebook.com";
const DEFAULT_VERSION: &str = "v23.0";

/// The app's secrets, the current one first. None: nobody can sign for this account.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// A node of the Graph API, and as whom to ask for it.
#[derive(Debug)]
pub(super) struct Endpoint<'a> {
    pub url: Url,
    pub access_token: &'a Secret,
}

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

/// `/{version}/` and `path` on the Graph API.
pub(super) fn endpoint<'a>(account: &'a ChannelAccount, path: &[&str]) -> Result<Endpoint<'a>, SendError> {
    let settings = &account.settings;
    let access_token = account
        .secrets
        .access_token()
        .ok_or_else(|| unfit("The channel has no access token, so it can't send."))?;
    let version = version(settings).ok_or_else(|| unfit("The channel's graph_version is not valid."))?;
    let mut url =
        base_url(settings).ok_or_else(|| unfit("The channel's api_base_url is not a valid URL."))?;
    url.path_segments_mut()
        .map_err(|()| unfit("The channel's api_base_url is not a valid URL."))?
        .pop_if_empty()
        .push(version)
        .extend(path);
    Ok(Endpoint { url, access_token })
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

fn base_url(settings: &AccountSettings) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// `v` and a number, as `v23.0`; it becomes part of the URL.
fn version(settings: &AccountSettings) -> Option<&str> {
    let version = match settings.other.get("graph_version") {
        None | Some(Value::Null) => DEFAULT_VERSION,
        Some(version) => version.as_str()?,
    };
    let (major, minor) = version.strip_prefix('v')?.split_once('.')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (number(major) && number(minor)).then_some(version)
}

pub(super) fn is_path_segment(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=128).contains(&id.len()) && id.bytes().all(allowed)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "The Meta app's secret is required: without it nothing could be received.",
        ));
    }
    if let Some(id) = &settings.provider_account_id
        && !is_path_segment(id)
    {
        errors.push(FieldError::new(
            "settings.provider_account_id",
            "The phone number id consists of digits.",
        ));
    }
    if base_url(settings).is_none() {
        errors.push(FieldError::new(
            "settings.api_base_url",
            "An http or https URL is needed.",
        ));
    }
    if version(settings).is_none() {
        errors.push(FieldError::new(
            "settings.graph_version",
            "A version of the Graph API looks like v23.0.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
