//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the application's public key, in hex; required |
//! | secrets | `previous_signing_secret` | accepted too, while the key is being changed |
//! | secrets | `access_token` | the bot's token, needed to send |
//! | settings | `provider_account_id` | the application's id, if one key serves several accounts |
//! | settings | `api_base_url` | else `https://discord.com` |
//! | settings | `gateway` | `true`: ordinary messages are received, too, over a connection of ours; needs the bot's token |
//! | settings | `gateway_url` | another gateway than Discord's |
//! | settings | `command_answer` | what a slash command is answered with at once; else Discord shows that we think |

use ed25519_dalek::VerifyingKey;
use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use super::gateway;
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
    errors.extend(gateway_errors(settings, secrets));
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

fn gateway_errors(settings: &AccountSettings, secrets: &AccountSecrets) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let setting = |name: &str| settings.other.get(name).filter(|value| !value.is_null());
    if setting("gateway").is_some_and(|wanted| !wanted.is_boolean()) {
        errors.push(FieldError::new("settings.gateway", "true or false is needed."));
    }
    if setting("gateway").and_then(Value::as_bool) == Some(true) && secrets.access_token().is_none() {
        errors.push(FieldError::new(
            "secrets.access_token",
            "The bot's token is required to receive messages over the gateway.",
        ));
    }
    if setting("gateway_url").is_some_and(|url| !url.as_str().is_some_and(gateway::is_address)) {
        errors.push(FieldError::new(
            "settings.gateway_url",
            "A wss or ws URL is needed.",
        ));
    }
    errors
}
