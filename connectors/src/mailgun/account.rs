//! What the connector needs of a channel account, beside what all mail channels share (`email::settings`).
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the HTTP webhook signing key (not the API key); required |
//! | secrets | `previous_signing_secret` | accepted too, while the key is being changed |
//! | secrets | `access_token` | the API key; needed to send |
//! | settings | `domain` | the sending domain; else `provider_account_id`, else the one of `from` |
//! | settings | `region` | `eu` for the European region |
//! | settings | `api_base_url` | else `https://api.mailgun.net` |
//! | settings | `signature_max_age_secs` | else eight and a half hours: Mailgun repeats for eight, with the first signature |

use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount};

use crate::{
    FieldError, SendError,
    email::settings::{self, text},
};

/// Mailgun repeats a webhook for eight hours (user manual, "Webhook retries").
pub(super) const MAX_AGE_SECS: u64 = 30_600;

pub(super) fn default_base_url(settings: &AccountSettings) -> &'static str {
    match text(settings, "region") {
        Some(region) if region.eq_ignore_ascii_case("eu") => "https://api.eu.mailgun.net",
        _ => "https://api.mailgun.net",
    }
}

/// `/v3/{before}/{domain}/{after}`.
pub(super) fn endpoint(account: &ChannelAccount, before: &[&str], after: &[&str]) -> Result<Url, SendError> {
    let domain = match configured_domain(&account.settings) {
        Some(domain) => domain.to_owned(),
        None => settings::from(account)?.email.domain().to_owned(),
    };
    if !is_domain(&domain) {
        return Err(settings::unfit("The channel's Mailgun domain is not valid."));
    }
    let path = [&["v3"], before, &[&domain], after].concat();
    settings::endpoint(account, default_base_url(&account.settings), &path)
}

fn configured_domain(settings: &AccountSettings) -> Option<&str> {
    let own = settings.provider_account_id.as_deref();
    text(settings, "domain").or_else(|| own.filter(|id| !id.contains('@')))
}

fn is_domain(domain: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=253).contains(&domain.len()) && domain.bytes().all(allowed) && !domain.starts_with('.')
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = settings::check(settings, secrets);
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "Mailgun's HTTP webhook signing key is required: without it nothing could be received.",
        ));
    }
    if configured_domain(settings).is_some_and(|domain| !is_domain(domain)) {
        errors.push(FieldError::new(
            "settings.domain",
            "A domain looks like mg.example.com.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
