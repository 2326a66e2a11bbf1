//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | the account's signature secret; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `access_token` | needed to send: the API secret of `api_key`, or a JWT of the application |
//! | settings | `api_key` | needed to send with the API secret; a webhook of another key is refused |
//! | settings | `provider_account_id` | our number, page or Viber service id: the sender |
//! | settings | `channel` | `sms` (else), `mms`, `whatsapp`, `messenger`, `viber_service` |
//! | settings | `signature_method` | of SMS webhooks: `md5hash`, `md5`, `sha1`, `sha256`, `sha512`; else told by its length |
//! | settings | `api_base_url` | else `https://api.nexmo.com`; WhatsApp's read receipts want the number's region |

use reqwest::{RequestBuilder, Url};
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use super::sms::Method;
use crate::{
    FieldError, SendError,
    settings::{self, Faults, text, unfit},
};

pub(super) const DEFAULT_BASE_URL: &str = "https://api.nexmo.com";
/// Where accounts, rather than messages, are asked about.
const ACCOUNT_BASE_URL: &str = "https://rest.nexmo.com";

/// As whom to ask Vonage.
pub(super) enum Credentials<'a> {
    Basic { api_key: &'a str, secret: &'a Secret },
    Bearer(&'a Secret),
}

impl<'a> Credentials<'a> {
    pub fn of(account: &'a ChannelAccount) -> Result<Self, SendError> {
        let secret = settings::access_token(account)?;
        // A JSON web token, whose header is an object.
        if secret.expose().starts_with("eyJ") && secret.expose().matches('.').count() == 2 {
            return Ok(Self::Bearer(secret));
        }
        let api_key = text(&account.settings, "api_key")
            .ok_or_else(|| unfit("The channel has no api_key, so it can't send."))?;
        Ok(Self::Basic { api_key, secret })
    }

    pub fn authorise(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Basic { api_key, secret } => request.basic_auth(api_key, Some(secret.expose())),
            Self::Bearer(token) => request.bearer_auth(token.expose()),
        }
    }

    pub fn secret(&self) -> &Secret {
        match self {
            Self::Basic { secret, .. } | Self::Bearer(secret) => secret,
        }
    }
}

/// The network a message goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    Sms,
    Mms,
    Whatsapp,
    Messenger,
    Viber,
}

impl Via {
    pub fn of(settings: &AccountSettings) -> Option<Self> {
        match settings.other.get("channel") {
            None | Some(Value::Null) => Some(Self::Sms),
            Some(name) => Some(match name.as_str()? {
                "sms" => Self::Sms,
                "mms" => Self::Mms,
                "whatsapp" => Self::Whatsapp,
                "messenger" => Self::Messenger,
                "viber_service" => Self::Viber,
                _ => return None,
            }),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mms => "mms",
            Self::Whatsapp => "whatsapp",
            Self::Messenger => "messenger",
            Self::Viber => "viber_service",
        }
    }
}

pub(super) fn via(account: &ChannelAccount) -> Result<Via, SendError> {
    Via::of(&account.settings).ok_or_else(|| unfit("The channel's setting `channel` is not one of Vonage's."))
}

pub(super) fn sender(account: &ChannelAccount) -> Result<&str, SendError> {
    let sender = account.settings.provider_account_id.as_deref();
    sender.ok_or_else(|| unfit("The channel has no number or id to send from."))
}

pub(super) fn messages(account: &ChannelAccount, path: &[&str]) -> Result<Url, SendError> {
    let path: Vec<&str> = ["v1", "messages"]
        .into_iter()
        .chain(path.iter().copied())
        .collect();
    settings::endpoint(&account.settings, DEFAULT_BASE_URL, &path)
}

pub(super) fn balance(account: &ChannelAccount) -> Result<Url, SendError> {
    settings::endpoint(&account.settings, ACCOUNT_BASE_URL, &["account", "get-balance"])
}

/// The way SMS webhooks are signed, if the account insists on one.
pub(super) fn signature_method(settings: &AccountSettings) -> Result<Option<Method>, ()> {
    match settings.other.get("signature_method") {
        None | Some(Value::Null) => Ok(None),
        Some(name) => name.as_str().and_then(Method::named).map(Some).ok_or(()),
    }
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut faults = Faults::default();
    faults.basics(settings, secrets, "Vonage's signature secret");
    faults.unless(
        Via::of(settings).is_some(),
        "settings.channel",
        "One of sms, mms, whatsapp, messenger and viber_service is needed.",
    );
    faults.unless(
        signature_method(settings).is_ok(),
        "settings.signature_method",
        "One of md5hash, md5, sha1, sha256 and sha512 is needed.",
    );
    if let Some(token) = secrets.access_token() {
        faults.unless(
            token.expose().starts_with("eyJ") || text(settings, "api_key").is_some(),
            "settings.api_key",
            "To send with an API secret, its API key is needed.",
        );
        faults.unless(
            settings.provider_account_id.is_some(),
            "settings.provider_account_id",
            "To send, a number or id of ours is needed.",
        );
    }
    faults.into_result()
}
