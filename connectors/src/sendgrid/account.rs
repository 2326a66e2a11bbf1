//! What the connector needs of a channel account, beside what all mail channels share (`email::settings`).
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the public key of the event webhook or of a security policy, in Base64; required, unless `webhook_credentials` are there |
//! | secrets | `previous_signing_secret` | accepted too, while the key is being changed |
//! | secrets | `webhook_credentials` | `user:password` in the URL of an Inbound Parse without a security policy |
//! | secrets | `access_token` | the API key; needed to send |
//! | settings | `api_base_url` | else `https://api.sendgrid.com` (`https://api.eu.sendgrid.com` for European subusers) |
//! | settings | `signature_max_age_secs` | else three days, as long as SendGrid may repeat a letter |

use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use super::verify;
use crate::{FieldError, email::settings};

pub(super) const DEFAULT_BASE_URL: &str = "https://api.sendgrid.com";

/// Events are repeated for a day, letters for three (Twilio SendGrid, "Inbound Parse"). The signature covers the whole
/// body, and the same event has one effect, so an old one does no harm.
pub(super) const MAX_AGE_SECS: u64 = 3 * 86_400;

pub(super) fn webhook_credentials(account: &ChannelAccount) -> Option<&Secret> {
    account.secrets.get("webhook_credentials")
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = settings::check(settings, secrets);
    match secrets.signing_secret() {
        Some(key) if verify::point(key).is_none() => errors.push(FieldError::new(
            "secrets.signing_secret",
            "A verification key of SendGrid begins with MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE.",
        )),
        None if secrets.get("webhook_credentials").is_none() => errors.push(FieldError::new(
            "secrets.signing_secret",
            "SendGrid's verification key is required: without it nothing could be received.",
        )),
        _ => {}
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
