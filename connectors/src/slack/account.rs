//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the Slack app's signing secret; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `access_token` | the bot's token (`xoxb-…`), needed to send and to fetch files |
//! | settings | `provider_account_id` | the workspace's id (`T…`), if one app serves several workspaces |
//! | settings | `api_base_url` | else `https://slack.com` |

use reqwest::Url;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

const DEFAULT_BASE_URL: &str = "https://slack.com";

/// The app's secrets, the current one first. None: nobody can sign for this account.
pub(super) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// A method of the Web API, and as whom to call it.
pub(super) struct Endpoint<'a> {
    pub url: Url,
    pub access_token: &'a Secret,
}

/// An error is not sendable with this account, said before Slack is asked.
pub(super) fn endpoint<'a>(account: &'a ChannelAccount, method: &str) -> Result<Endpoint<'a>, SendError> {
    let access_token = account
        .secrets
        .access_token()
        .ok_or_else(|| unfit("The channel has no access token, so it can't send."))?;
    let mut url =
        base_url(&account.settings).ok_or_else(|| unfit("The channel's api_base_url is not a valid URL."))?;
    url.path_segments_mut()
        .map_err(|()| unfit("The channel's api_base_url is not a valid URL."))?
        .pop_if_empty()
        .extend(["api", method]);
    Ok(Endpoint { url, access_token })
}

fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

pub(super) fn base_url(settings: &AccountSettings) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if secrets.signing_secret().is_none() {
        errors.push(FieldError::new(
            "secrets.signing_secret",
            "The Slack app's signing secret is required: without it nothing could be received.",
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
