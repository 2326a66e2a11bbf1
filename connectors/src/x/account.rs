//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the app's consumer secret (API key secret); required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `access_token` | the user's OAuth 2.0 token with `dm.write`, needed to send |
//! | settings | `provider_account_id` | the user's id, if one app serves several users |
//! | settings | `api_base_url` | else `https://api.x.com` |

use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const DEFAULT_BASE_URL: &str = "https://api.x.com";

/// The app's secrets, the current one first. None: nobody can sign for this account.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// A resource of the API, and as whom to ask for it.
pub(super) struct Endpoint<'a> {
    pub url: Url,
    pub access_token: &'a Secret,
}

/// An error is not sendable with this account, said before X is asked.
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
        .push("2")
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

pub(super) fn is_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "The X app's consumer secret is required: without it nothing could be received.",
        ));
    }
    if settings
        .provider_account_id
        .as_deref()
        .is_some_and(|id| !is_id(id))
    {
        errors.push(FieldError::new(
            "settings.provider_account_id",
            "The user's id consists of digits; it isn't the name with the @.",
        ));
    }
    if base_url(settings).is_none() {
        errors.push(FieldError::new(
            "settings.api_base_url",
            "An http or https URL is needed.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
