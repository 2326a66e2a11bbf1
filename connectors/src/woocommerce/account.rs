//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the webhook's own secret, as `WooCommerce` shows it; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `consumer_key`, `consumer_secret` | of the REST API; only to check that they work |
//! | settings | `provider_account_id` | the shop's address, as in `X-WC-Webhook-Source` without the last slash |
//! | settings | `api_base_url` | else `provider_account_id` |

use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

/// The current secret first. None: nobody can sign for this account.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// A resource of the shop's REST API, and as whom to ask for it.
pub(super) struct Endpoint<'a> {
    pub url: Url,
    pub key: &'a Secret,
    pub secret: &'a Secret,
}

/// `/wp-json/wc/v3/` and `path`.
pub(super) fn endpoint<'a>(account: &'a ChannelAccount, path: &str) -> Result<Endpoint<'a>, SendError> {
    let keys = (
        account.secrets.get("consumer_key"),
        account.secrets.get("consumer_secret"),
    );
    let (Some(key), Some(secret)) = keys else {
        return Err(unfit(
            "The channel has no consumer key and secret. Orders are received without them.",
        ));
    };
    let bad_url = || unfit("The channel needs the shop's address as api_base_url.");
    let mut url = base_url(&account.settings).ok_or_else(bad_url)?;
    url.path_segments_mut()
        .map_err(|()| bad_url())?
        .pop_if_empty()
        .extend(["wp-json", "wc", "v3", path]);
    Ok(Endpoint { url, key, secret })
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

fn base_url(settings: &AccountSettings) -> Option<Url> {
    let text = settings
        .api_base_url
        .as_ref()
        .or(settings.provider_account_id.as_ref())?;
    web_address(text)
}

fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "The webhook's secret is required: without it nothing could be received.",
        ));
    }
    let (key, secret) = (secrets.get("consumer_key"), secrets.get("consumer_secret"));
    if key.is_some() != secret.is_some() {
        let missing = if key.is_none() {
            "consumer_key"
        } else {
            "consumer_secret"
        };
        errors.push(FieldError::new(
            format!("secrets.{missing}"),
            "Consumer key and consumer secret belong together.",
        ));
    }
    if let Some(url) = &settings.api_base_url
        && web_address(url).is_none()
    {
        errors.push(FieldError::new(
            "settings.api_base_url",
            "An http or https URL is needed.",
        ));
    }
    if let Some(id) = &settings.provider_account_id
        && (web_address(id).is_none() || id.ends_with('/'))
    {
        errors.push(FieldError::new(
            "settings.provider_account_id",
            "The shop's address looks like https://shop.example, without a slash at its end.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
