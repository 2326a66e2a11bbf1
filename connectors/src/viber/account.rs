//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the bot's authentication token, with which Viber signs; required |
//! | secrets | `previous_signing_secret` | accepted too, while the token is being changed |
//! | secrets | `access_token` | what to send with, if it isn't the `signing_secret`: Viber has one token for both |
//! | settings | `sender_name` | what customers see as the sender, at most 28 characters; else the account's name |
//! | settings | `sender_avatar` | https:// address of the sender's picture |
//! | settings | `api_base_url` | else `https://chatapi.viber.com` |

use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const DEFAULT_BASE_URL: &str = "https://chatapi.viber.com";
const MAX_NAME_CHARS: usize = 28;

/// The bot's tokens, the current one first. None: nobody can sign for this account.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

pub(super) fn token(account: &ChannelAccount) -> Result<&Secret, SendError> {
    let secrets = &account.secrets;
    secrets
        .access_token()
        .or(secrets.signing_secret())
        .ok_or_else(|| unfit("The channel has no authentication token, so it can't send."))
}

/// `/pa/{method}`.
pub(super) fn method(account: &ChannelAccount, method: &str) -> Result<Url, SendError> {
    let invalid = || unfit("The channel's api_base_url is not a valid URL.");
    let mut url = base_url(&account.settings).ok_or_else(invalid)?;
    url.path_segments_mut()
        .map_err(|()| invalid())?
        .pop_if_empty()
        .extend(["pa", method]);
    Ok(url)
}

/// Whom customers see, cut to what Viber takes.
pub(super) fn sender_name(account: &ChannelAccount) -> String {
    let configured = text(&account.settings, "sender_name");
    let name = configured.unwrap_or(&account.name).trim();
    let name: String = name.chars().take(MAX_NAME_CHARS).collect();
    // Viber refuses a message from nobody.
    if name.is_empty() {
        "Support".to_owned()
    } else {
        name
    }
}

pub(super) fn sender_avatar(account: &ChannelAccount) -> Option<&str> {
    text(&account.settings, "sender_avatar").filter(|url| url.starts_with("https://"))
}

fn text<'s>(settings: &'s AccountSettings, name: &str) -> Option<&'s str> {
    settings
        .other
        .get(name)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

pub(super) fn base_url(settings: &AccountSettings) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut fault = |field: &str, message: &str| errors.push(FieldError::new(field, message));
    if secrets.signing_secret().is_none() {
        fault(
            "secrets.signing_secret",
            "The bot's authentication token is required: without it nothing could be received.",
        );
    }
    if base_url(settings).is_none() {
        fault("settings.api_base_url", "An http or https URL is needed.");
    }
    if text(settings, "sender_name").is_some_and(|name| name.chars().count() > MAX_NAME_CHARS) {
        fault(
            "settings.sender_name",
            "Viber takes at most 28 characters as the sender's name.",
        );
    }
    if text(settings, "sender_avatar").is_some_and(|url| !url.starts_with("https://")) {
        fault(
            "settings.sender_avatar",
            "The picture's address has to start with https://.",
        );
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
