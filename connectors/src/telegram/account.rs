//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | `secret_token` of `setWebhook`; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `access_token` | the bot's token from @BotFather; needed to send |
//! | settings | `api_base_url` | else `https://api.telegram.org` |

use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const DEFAULT_BASE_URL: &str = "https://api.telegram.org";

/// The webhook's secrets, the current one first. None: nobody can prove to be Telegram.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

pub(super) fn token(account: &ChannelAccount) -> Result<&Secret, SendError> {
    account
        .secrets
        .access_token()
        .filter(|token| is_token(token.expose()))
        .ok_or_else(|| unfit("The channel has no valid bot token, so it can't send."))
}

/// `/bot{token}/{method}`: the token is part of the URL, which therefore must never be shown.
pub(super) fn method(account: &ChannelAccount, method: &str) -> Result<Url, SendError> {
    let token = token(account)?;
    url(account, &[&format!("bot{}", token.expose()), method])
}

/// `/file/bot{token}/{path}`, as `getFile` gave the path.
pub(super) fn file(account: &ChannelAccount, path: &str) -> Result<Url, SendError> {
    let token = token(account)?;
    let mut segments = vec!["file".to_owned(), format!("bot{}", token.expose())];
    for segment in path.split('/') {
        if matches!(segment, "" | "." | "..") {
            return Err(SendError::give_up(
                "media_elsewhere",
                "The file isn't where Telegram keeps files.",
            ));
        }
        segments.push(segment.to_owned());
    }
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    url(account, &segments)
}

fn url(account: &ChannelAccount, path: &[&str]) -> Result<Url, SendError> {
    let invalid = || unfit("The channel's api_base_url is not a valid URL.");
    let mut url = base_url(&account.settings).ok_or_else(invalid)?;
    url.path_segments_mut()
        .map_err(|()| invalid())?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

fn base_url(settings: &AccountSettings) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// `123456:ABC-DEF…`; it becomes part of the URL.
fn is_token(token: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':');
    !token.is_empty() && token.bytes().all(allowed)
}

/// What `setWebhook` takes (Bot API, "setWebhook"): 1 to 256 of `A-Z a-z 0-9 _ -`.
fn is_secret_token(secret: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=256).contains(&secret.len()) && secret.bytes().all(allowed)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut fault = |field: &str, message: &str| errors.push(FieldError::new(field, message));
    match secrets.signing_secret() {
        None => fault(
            "secrets.signing_secret",
            "The webhook's secret token is required: without it nothing could be received.",
        ),
        Some(secret) if !is_secret_token(secret.expose()) => fault(
            "secrets.signing_secret",
            "Telegram takes 1 to 256 letters, digits, _ and - as the secret token.",
        ),
        Some(_) => {}
    }
    if secrets
        .access_token()
        .is_some_and(|token| !is_token(token.expose()))
    {
        fault(
            "secrets.access_token",
            "A bot token looks like 123456:ABC-DEF1234ghIkl.",
        );
    }
    if base_url(settings).is_none() {
        fault("settings.api_base_url", "An http or https URL is needed.");
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
