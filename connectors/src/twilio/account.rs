//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the auth token, with which Twilio signs (or the secret of a shared key); required |
//! | secrets | `previous_signing_secret` | accepted too: the secondary auth token, while it is being changed |
//! | secrets | `access_token` | needed to send: the auth token, or the secret of `api_key_sid` |
//! | settings | `account_sid` | `AC…`; needed to send |
//! | settings | `api_key_sid` | `SK…`, if `access_token` is an API key's secret |
//! | settings | `provider_account_id` | our number (`+1555…`, `whatsapp:+1555…`, a short code): the sender |
//! | settings | `messaging_service_sid` | `MG…`: sends in the number's stead |
//! | settings | `public_base_url` | the origin Twilio knows us by, since it signs the URL; also for status callbacks |
//! | settings | `status_callback` | where statuses go, if not to this account's own webhook |
//! | settings | `api_base_url` | else `https://api.twilio.com` |

use reqwest::{RequestBuilder, Url};
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{
    FieldError, SendError,
    settings::{self, Faults, text, unfit},
};

pub(super) const DEFAULT_BASE_URL: &str = "https://api.twilio.com";

/// As whom to ask Twilio.
pub(super) struct Credentials<'a> {
    user: &'a str,
    pub token: &'a Secret,
}

impl<'a> Credentials<'a> {
    pub fn of(account: &'a ChannelAccount) -> Result<Self, SendError> {
        let token = settings::access_token(account)?;
        let user = text(&account.settings, "api_key_sid").map_or_else(|| account_sid(account), Ok)?;
        Ok(Self { user, token })
    }

    pub fn authorise(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(self.user, Some(self.token.expose()))
    }
}

fn account_sid(account: &ChannelAccount) -> Result<&str, SendError> {
    text(&account.settings, "account_sid")
        .filter(|sid| settings::is_path_segment(sid))
        .ok_or_else(|| unfit("The channel has no valid account_sid, so it can't send."))
}

/// `/2010-04-01/Accounts/{Sid}` and what follows it.
pub(super) fn endpoint(account: &ChannelAccount, rest: &str) -> Result<Url, SendError> {
    let last = format!("{}{rest}", account_sid(account)?);
    let path: Vec<&str> = ["2010-04-01", "Accounts"]
        .into_iter()
        .chain(last.split('/'))
        .collect();
    settings::endpoint(&account.settings, DEFAULT_BASE_URL, &path)
}

fn is_account_sid(sid: &str) -> bool {
    sid.starts_with("AC") && settings::is_path_segment(sid)
}

/// The field that says who writes, and its value.
pub(super) fn sender(settings: &AccountSettings) -> Result<(&'static str, &str), SendError> {
    if let Some(service) = text(settings, "messaging_service_sid") {
        return Ok(("MessagingServiceSid", service));
    }
    settings
        .provider_account_id
        .as_deref()
        .map(|number| ("From", number))
        .ok_or_else(|| unfit("The channel has neither a number nor a messaging service to send from."))
}

/// Where Twilio is to tell what became of a message.
pub(super) fn status_callback(account: &ChannelAccount) -> Option<String> {
    let configured = text(&account.settings, "status_callback").map(str::to_owned);
    configured.or_else(|| settings::webhook_url(account))
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut faults = Faults::default();
    faults.basics(settings, secrets, "Twilio's auth token");
    faults.unless(
        text(settings, "account_sid").is_none_or(is_account_sid),
        "settings.account_sid",
        "An account SID starts with AC.",
    );
    faults.unless(
        text(settings, "messaging_service_sid").is_none_or(|sid| sid.starts_with("MG")),
        "settings.messaging_service_sid",
        "The SID of a messaging service starts with MG.",
    );
    faults.unless(
        text(settings, "api_key_sid").is_none_or(|sid| sid.starts_with("SK")),
        "settings.api_key_sid",
        "The SID of an API key starts with SK.",
    );
    if secrets.access_token().is_some() {
        faults.unless(
            text(settings, "account_sid").is_some(),
            "settings.account_sid",
            "To send, the account SID is needed.",
        );
        faults.unless(
            sender(settings).is_ok(),
            "settings.provider_account_id",
            "To send, a number of ours or a messaging service is needed.",
        );
    }
    faults.into_result()
}
