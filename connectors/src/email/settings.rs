//! Settings and secrets that the mail channels share.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | settings | `from` | who writes: `Support <support@example.com>`; needed to send |
//! | settings | `reply_to` | where answers go, if not to `from` |
//! | settings | `plus_address` | `true`: answers go to `support+<message id>@…`, which tells the thread if nothing else does |
//! | settings | `subject` | of letters that answer none; else "Message from …" |
//! | secrets | `access_token` | the provider's API key or server token |
//! | secrets | `smtp_url` | sends by SMTP in place of the provider's API: `smtps://user:password@host`, or `smtp://…` with STARTTLS |

use lettre::message::Mailbox;
use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use super::smtp;
use crate::{FieldError, SendError};

pub(crate) fn text<'a>(settings: &'a AccountSettings, name: &str) -> Option<&'a str> {
    settings.other.get(name)?.as_str().filter(|text| !text.is_empty())
}

pub(crate) fn flag(settings: &AccountSettings, name: &str) -> bool {
    settings
        .other
        .get(name)
        .and_then(serde_json::Value::as_bool)
        .unwrap_or_default()
}

pub(crate) fn mailbox(settings: &AccountSettings, name: &str) -> Option<Mailbox> {
    text(settings, name)?.parse().ok()
}

/// The account's own address; `provider_account_id` may be one.
pub(crate) fn from(account: &ChannelAccount) -> Result<Mailbox, SendError> {
    let own = account.settings.provider_account_id.as_deref();
    mailbox(&account.settings, "from")
        .or_else(|| own?.parse().ok())
        .ok_or_else(|| unfit("The channel has no sender: its setting from has to be an e-mail address."))
}

pub(crate) fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

pub(crate) fn access_token(account: &ChannelAccount) -> Result<&Secret, SendError> {
    account
        .secrets
        .access_token()
        .ok_or_else(|| unfit("The channel has no access token, so it can't send."))
}

pub(crate) fn base_url(settings: &AccountSettings, default: &str) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(default)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host() && !url.cannot_be_a_base()).then_some(url)
}

/// `path` below the provider's origin, or below what stands for it.
pub(crate) fn endpoint(account: &ChannelAccount, default: &str, path: &[&str]) -> Result<Url, SendError> {
    let mut url = base_url(&account.settings, default)
        .ok_or_else(|| unfit("The channel's api_base_url is not a valid URL."))?;
    url.path_segments_mut()
        .map_err(|()| unfit("The channel's api_base_url is not a valid URL."))?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

/// The secrets that webhooks are proved by, the current one first.
pub(crate) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// Seconds in `signature_max_age_secs`, for providers whose signatures carry a time.
pub(crate) fn max_age(settings: &AccountSettings, default: u64) -> u64 {
    let set = settings.other.get("signature_max_age_secs");
    set.and_then(serde_json::Value::as_u64).unwrap_or(default)
}

/// `text` without what must not be read: providers repeat a bad key in their errors.
pub(crate) fn redacted(account: &ChannelAccount, text: &str) -> String {
    let secrets = account.secrets.0.values().filter(|secret| !secret.is_empty());
    secrets.fold(text.trim().to_owned(), |text, secret| {
        text.replace(secret.expose(), "…")
    })
}

/// Faults in the fields above.
pub(crate) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for name in ["from", "reply_to"] {
        if settings.other.get(name).is_some_and(|value| !value.is_null()) && mailbox(settings, name).is_none()
        {
            errors.push(FieldError::new(
                format!("settings.{name}"),
                "An e-mail address looks like support@example.com or Support <support@example.com>.",
            ));
        }
    }
    if base_url(settings, "https://localhost").is_none() {
        let message = "An http or https URL is needed.";
        errors.push(FieldError::new("settings.api_base_url", message));
    }
    if let Some(url) = secrets.get("smtp_url")
        && smtp::Server::parse(url).is_none()
    {
        let message = "An SMTP server looks like smtps://user:password@smtp.example.com.";
        errors.push(FieldError::new("secrets.smtp_url", message));
    }
    errors
}
