//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the channel secret of the Messaging API channel; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `access_token` | a channel access token; needed to send |
//! | settings | `api_base_url` | for everything, files too; else `https://api.line.me` and `https://api-data.line.me` |
//! | settings | `video_preview_url` | the picture shown for videos that we send; LINE takes none without |

use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const API: &str = "https://api.line.me";
/// Files are kept elsewhere than the rest (Messaging API, "Domain name").
const DATA_API: &str = "https://api-data.line.me";

/// The channel's secrets, the current one first. None: nobody can sign for this account.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

pub(super) fn access_token(account: &ChannelAccount) -> Result<&Secret, SendError> {
    let token = account.secrets.access_token();
    token.ok_or_else(|| unfit("The channel has no access token, so it can't send."))
}

/// `/v2/bot/` and `path`.
pub(super) fn api(account: &ChannelAccount, path: &[&str]) -> Result<Url, SendError> {
    url(&account.settings, API, path)
}

/// The same where files are.
pub(super) fn data_api(account: &ChannelAccount, path: &[&str]) -> Result<Url, SendError> {
    url(&account.settings, DATA_API, path)
}

fn url(settings: &AccountSettings, default: &str, path: &[&str]) -> Result<Url, SendError> {
    let invalid = || unfit("The channel's api_base_url is not a valid URL.");
    let mut url = base_url(settings, default).ok_or_else(invalid)?;
    url.path_segments_mut()
        .map_err(|()| invalid())?
        .pop_if_empty()
        .extend(["v2", "bot"])
        .extend(path);
    Ok(url)
}

pub(super) fn video_preview(settings: &AccountSettings) -> Option<&str> {
    let url = settings.other.get("video_preview_url")?.as_str()?;
    url.starts_with("https://").then_some(url)
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

fn base_url(settings: &AccountSettings, default: &str) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(default)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "The channel secret is required: without it nothing could be received.",
        ));
    }
    if base_url(settings, API).is_none() {
        errors.push(FieldError::new(
            "settings.api_base_url",
            "An http or https URL is needed.",
        ));
    }
    let preview = settings.other.get("video_preview_url");
    if preview.is_some_and(|preview| !preview.is_null()) && video_preview(settings).is_none() {
        errors.push(FieldError::new(
            "settings.video_preview_url",
            "LINE takes pictures from https:// addresses only.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
