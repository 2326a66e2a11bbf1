//! What the connector needs of a channel account, beside what all mail channels share (`email::settings`).
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | `user:password` in the webhooks' URL (or the password alone, for any user); required |
//! | secrets | `previous_signing_secret` | accepted too, while they are being changed |
//! | secrets | `access_token` | the server's API token; needed to send |
//! | settings | `message_stream` | else `outbound` |
//! | settings | `api_base_url` | else `https://api.postmarkapp.com` |

use switchboard_domain::{AccountSecrets, AccountSettings};

use crate::{FieldError, email::settings};

pub(super) const DEFAULT_BASE_URL: &str = "https://api.postmarkapp.com";

pub(super) fn message_stream(settings: &AccountSettings) -> &str {
    settings::text(settings, "message_stream").unwrap_or("outbound")
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = settings::check(settings, secrets);
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "user:password as in the webhook's URL is required: without it nothing could be received.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
