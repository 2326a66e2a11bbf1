//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | what requests to us are signed with: `whsec_…` (HMAC) or `whpk_…` (Ed25519); required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `sending_secret` | what we sign with: `whsec_…` or `whsk_…`; else `signing_secret`, if it is a `whsec_…` |
//! | secrets | `access_token` | sent as a bearer token too, if there is one |
//! | settings | `api_base_url` | the whole URL that messages are posted to; needed to send |
//! | settings | `mapping` | where in a payload the parts of a message are; see `mapping.rs` |
//! | settings | `media_hosts` | hosts that files may be fetched from, besides that of `api_base_url` |

use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use super::mapping::Mapping;
use crate::{FieldError, SendError, standard_webhooks::Key};

const A_SHARED_SECRET: &str = "The secret is base64, with whsec_ in front or without.";

/// Whoever may sign for this account; `Err`: there are secrets, and none of them is a key.
pub(super) fn keys(account: &ChannelAccount) -> Result<Vec<Key>, &'static str> {
    let previous = account.secrets.get("previous_signing_secret");
    let mut secrets = account
        .secrets
        .signing_secret()
        .into_iter()
        .chain(previous)
        .peekable();
    if secrets.peek().is_none() {
        return Err("the account has no signing secret");
    }
    let keys: Vec<Key> = secrets.filter_map(Key::parse).collect();
    if keys.is_empty() {
        return Err("the account's signing secret is not a key");
    }
    Ok(keys)
}

/// Where messages go, and what signs them.
pub(super) struct Endpoint<'a> {
    pub url: Url,
    pub key: Key,
    pub access_token: Option<&'a Secret>,
}

pub(super) fn endpoint(account: &ChannelAccount) -> Result<Endpoint<'_>, SendError> {
    let secret = account
        .secrets
        .get("sending_secret")
        .or_else(|| account.secrets.signing_secret());
    let key = secret
        .and_then(Key::parse)
        .filter(|key| !matches!(key, Key::Public(_)))
        .ok_or_else(|| unfit("The channel has no secret to sign messages with, so it can't send."))?;
    let url = base_url(&account.settings)
        .ok_or_else(|| unfit("The channel has no valid api_base_url to send messages to."))?;
    Ok(Endpoint {
        url,
        key,
        access_token: account.secrets.access_token(),
    })
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

pub(super) fn base_url(settings: &AccountSettings) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref()?).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

pub(super) fn media_hosts(settings: &AccountSettings) -> impl Iterator<Item = &str> {
    let hosts = settings.other.get("media_hosts").and_then(Value::as_array);
    hosts.into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    check_secrets(secrets, &mut errors);
    if settings.api_base_url.is_some() && base_url(settings).is_none() {
        errors.push(FieldError::new(
            "settings.api_base_url",
            "An http or https URL is needed.",
        ));
    }
    if let Some(mapping) = settings.other.get("mapping").filter(|mapping| !mapping.is_null())
        && let Err(faults) = Mapping::parse(mapping)
    {
        errors.extend(faults);
    }
    let hosts = settings.other.get("media_hosts").filter(|hosts| !hosts.is_null());
    if hosts.is_some_and(|hosts| !is_list_of_hosts(hosts)) {
        errors.push(FieldError::new(
            "settings.media_hosts",
            "A list of host names is needed, as [\"files.example.com\"].",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_secrets(secrets: &AccountSecrets, errors: &mut Vec<FieldError>) {
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "A secret (whsec_…) or a public key (whpk_…) is required: without it nothing could be received.",
        ));
    }
    for name in ["signing_secret", "previous_signing_secret", "sending_secret"] {
        let Some(secret) = secrets.get(name) else { continue };
        let text = secret.expose().trim();
        let fault = match Key::parse(secret) {
            Some(Key::Public(_)) if name == "sending_secret" => {
                Some("A public key can't sign; what is needed is its private key (whsk_…).")
            }
            Some(Key::Private(_)) if name != "sending_secret" => {
                Some("A private key stays with the sender; what is needed is its public key (whpk_…).")
            }
            Some(_) => None,
            None if text.starts_with("whpk_") => Some("A public key is whpk_ and the base64 of 32 bytes."),
            None if text.starts_with("whsk_") => {
                Some("A private key is whsk_ and the base64 of 32 or 64 bytes.")
            }
            None => Some(A_SHARED_SECRET),
        };
        errors.extend(fault.map(|fault| FieldError::new(format!("secrets.{name}"), fault)));
    }
}

fn is_list_of_hosts(hosts: &Value) -> bool {
    let is_host =
        |host: &str| Url::parse(&format!("https://{host}/")).is_ok_and(|url| url.host_str() == Some(host));
    let is_host = |host: &Value| host.as_str().is_some_and(is_host);
    hosts.as_array().is_some_and(|hosts| hosts.iter().all(is_host))
}
