//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the app's client secret, or the one the shop's admin shows beside its webhooks; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `access_token` | an Admin API token; only to check that it works |
//! | settings | `provider_account_id` | the shop's domain, as `acme.myshopify.com`; events name it |
//! | settings | `api_base_url` | else `https://` and the shop's domain |
//! | settings | `api_version` | else `2026-01` |

use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const DEFAULT_VERSION: &str = "2026-01";

/// The current secret first. None: nobody can sign for this account.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// Where the shop's GraphQL Admin API is.
pub(super) fn graphql(settings: &AccountSettings) -> Result<Url, SendError> {
    let version = version(settings).ok_or_else(|| unfit("The channel's api_version is not valid."))?;
    let mut url = base_url(settings)
        .ok_or_else(|| unfit("The channel needs the shop's domain (as acme.myshopify.com)."))?;
    url.path_segments_mut()
        .map_err(|()| unfit("The channel's api_base_url is not a valid URL."))?
        .pop_if_empty()
        .extend(["admin", "api", version, "graphql.json"]);
    Ok(url)
}

pub(super) fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

fn base_url(settings: &AccountSettings) -> Option<Url> {
    let url = match (&settings.api_base_url, &settings.provider_account_id) {
        (Some(url), _) => Url::parse(url),
        (None, Some(domain)) if is_shop_domain(domain) => Url::parse(&format!("https://{domain}")),
        (None, _) => return None,
    };
    url.ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Only Shopify gives such domains out, so a token sent there reaches nobody else.
fn is_shop_domain(domain: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    domain
        .strip_suffix(".myshopify.com")
        .is_some_and(|shop| !shop.is_empty() && shop.bytes().all(allowed))
}

/// A year and a month, as `2026-01`, or `unstable`; it becomes part of the URL.
fn version(settings: &AccountSettings) -> Option<&str> {
    let version = match settings.other.get("api_version") {
        None | Some(Value::Null) => return Some(DEFAULT_VERSION),
        Some(version) => version.as_str()?,
    };
    let number =
        |text: &str, digits: usize| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = version
        .split_once('-')
        .is_some_and(|(year, month)| number(year, 4) && number(month, 2));
    (is_month || version == "unstable").then_some(version)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "The app's client secret (or the shop's webhook secret) is required: without it nothing could be received.",
        ));
    }
    if let Some(domain) = &settings.provider_account_id
        && !is_shop_domain(domain)
    {
        errors.push(FieldError::new(
            "settings.provider_account_id",
            "The shop's domain ends in .myshopify.com.",
        ));
    }
    if settings.api_base_url.is_some() && base_url(settings).is_none() {
        errors.push(FieldError::new(
            "settings.api_base_url",
            "An http or https URL is needed.",
        ));
    }
    if version(settings).is_none() {
        errors.push(FieldError::new(
            "settings.api_version",
            "A version of the Admin API looks like 2026-01.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
