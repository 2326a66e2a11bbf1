//! What the accounts of several channels have in common.

use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{FieldError, SendError};

/// The secrets a webhook may be signed with, the current one first. None: nobody can sign for this account.
pub(crate) fn signing_secrets(account: &ChannelAccount) -> impl Iterator<Item = &Secret> {
    let previous = account.secrets.get("previous_signing_secret");
    account.secrets.signing_secret().into_iter().chain(previous)
}

/// A channel's own setting, if it is a text and not empty.
pub(crate) fn text<'a>(settings: &'a AccountSettings, name: &str) -> Option<&'a str> {
    settings
        .other
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Where the account's provider is.
pub(crate) fn base_url(settings: &AccountSettings, default: &str) -> Option<Url> {
    let url = Url::parse(settings.api_base_url.as_deref().unwrap_or(default)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// A path below it.
pub(crate) fn endpoint(settings: &AccountSettings, default: &str, path: &[&str]) -> Result<Url, SendError> {
    let no_url = || unfit("The channel's api_base_url is not a valid URL.");
    let mut url = base_url(settings, default).ok_or_else(no_url)?;
    url.path_segments_mut()
        .map_err(|()| no_url())?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

/// What goes out with every request, or why nothing can.
pub(crate) fn access_token(account: &ChannelAccount) -> Result<&Secret, SendError> {
    account
        .secrets
        .access_token()
        .ok_or_else(|| unfit("The channel has no access token, so it can't send."))
}

/// Not sendable with this account, said before the provider is asked.
pub(crate) fn unfit(message: &str) -> SendError {
    SendError::give_up("channel_settings", message)
}

/// Our own webhook's address for this account, if the account says where we are.
pub(crate) fn webhook_url(account: &ChannelAccount) -> Option<String> {
    let origin = account.settings.public_base_url.as_deref()?;
    let key = &account.key;
    Some(format!(
        "{}/webhooks/{}/{}",
        origin.trim_end_matches('/'),
        key.channel,
        key.account_id
    ))
}

/// Letters, digits, `_` and `-`: what may become a part of a URL's path.
pub(crate) fn is_path_segment(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=128).contains(&id.len()) && id.bytes().all(allowed)
}

/// The faults of an account, gathered.
#[derive(Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    pub fn unless(&mut self, fine: bool, field: &str, message: &str) {
        if !fine {
            self.0.push(FieldError::new(field, message));
        }
    }

    /// What every account of such a channel needs.
    pub fn basics(&mut self, settings: &AccountSettings, secrets: &AccountSecrets, secret: &str) {
        self.unless(
            secrets.signing_secret().is_some(),
            "secrets.signing_secret",
            &format!("{secret} is required: without it nothing could be received."),
        );
        self.unless(
            base_url(settings, "https://example.com").is_some(),
            "settings.api_base_url",
            "An http or https URL is needed.",
        );
    }

    pub fn into_result(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
