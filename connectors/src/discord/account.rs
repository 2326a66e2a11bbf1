//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the application's public key, in hex; required |
//! | secrets | `previous_signing_secret` | accepted too, while the key is being changed |
//! | secrets | `access_token` | the bot's token, needed to send |
//! | settings | `provider_account_id` | the application's id, if one key serves several accounts |
//! | settings | `api_base_url` | else `https://discord.com` |
//! | settings | `command_answer` | what a slash command is answered with at once; else Discord shows that we think |

use ed25519_dalek::VerifyingKey;
use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const DEFAULT_BASE_URL: &str = "https://discord.com";
const API: [&str; 2] = ["api", "v10"];

/// The application's keys, the current one first. None: nobody can sign for this account.
pub(super) fn public_keys(account: &ChannelAccount) -> impl Iterator<Item = VerifyingKey> {
    let previous = account.secrets.get("previous_signing_secret");
    let secrets = account.secrets.signing_secret().into_iter().chain(previous);
    secrets.filter_map(public_key)
}

fn public_key(secret: &Secret) -> Option<VerifyingKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(secret.expose().trim(), &mut bytes).ok()?;
    VerifyingKey::from_bytes(&bytes).ok()
}

/// A resource of the API, and as whom to ask for it.
pub(super) struct Endpoint<'a> {
    pub url: Url,
    pub access_token: &'a Secret,
}

/// An error is not sendable with this account, said before Discord is asked.
pub(super) fn endpoint<'a>(account: &'a ChannelAccount, path: &[&str]) -> Result<Endpoint<'a>, SendError> {
    let access_token = account
        .secrets
        .access_token()
        .ok_or_else(|| unfit("The channel has no access token, so it can't send."))?;
    let mut url =
        base_url(&account.settings).ok_or_else(|| unfit("The channel's api_base_url is not a valid URL."))?;
    url.path_segments_mut()
        .map_err(|()| unfit("The channel's api_base_url is not a valid URL."))?
        .pop_if_empty()
        .extend(API)
        .extend(path);
    Ok(Endpoint { url, access_token })
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

pub(super) fn base_url(settings: &AccountSettings) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Ids are snowflakes: 64 bits in decimal.
pub(super) fn is_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn command_answer(settings: &AccountSettings) -> Option<&str> {
    let answer = settings.other.get("command_answer").and_then(Value::as_str);
    answer.filter(|answer| !answer.trim().is_empty())
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if secrets.signing_secret().and_then(public_key).is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "The Discord application's public key is required, 64 characters of hex: without it nothing could be received.",
        ));
    }
    if settings
        .provider_account_id
        .as_deref()
        .is_some_and(|id| !is_id(id))
    {
        errors.push(FieldError::new(
            "settings.provider_account_id",
            "The application's id consists of digits.",
        ));
    }
    if base_url(settings).is_none() {
        errors.push(FieldError::new(
            "settings.api_base_url",
            "An http or https URL is needed.",
        ));
    }
    let answer = settings.other.get("command_answer");
    if answer.is_some_and(|answer| {
        !answer.is_null()
            && answer
                .as_str()
                .is_none_or(|text| text.chars().count() > super::MAX_TEXT_CHARS)
    }) {
        errors.push(FieldError::new(
            "settings.command_answer",
            "A text of 2,000 characters at most is needed.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
