//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | what Infobip proves itself with, by `auth_scheme`; required |
//! | secrets | `previous_signing_secret` | accepted too, while it is being changed |
//! | secrets | `access_token` | the credential of `token_type`; needed to send |
//! | settings | `token_type` | `app` (else): an API key; `bearer`: an OAuth 2.0 token; `basic`: `user:password`; `ibsso`: a session's token |
//! | settings | `auth_scheme` | `basic` (else): password; `header`: the header's value; `hmac`: key over the raw body |
//! | settings | `username` | of `basic`; required there |
//! | settings | `signature_header` | of `header` and `hmac`: the header's name; required there |
//! | settings | `hmac_algorithm` | of `hmac`: `sha1`, `sha256` (else), `sha512` |
//! | settings | `provider_account_id` | our number or name: the sender |
//! | settings | `channel` | `sms` (else) or `whatsapp` |
//! | settings | `public_base_url` | where delivery reports are to go, if not where the number's own setting says |
//! | settings | `api_base_url` | the account's own `https://….api.infobip.com`; else `https://api.infobip.com` |

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, header::AUTHORIZATION};
use reqwest::{RequestBuilder, Url};
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret};

use crate::{
    FieldError, SendError,
    settings::{self, Faults, text, unfit},
    signature::Hash,
};

pub(super) const DEFAULT_BASE_URL: &str = "https://api.infobip.com";

/// How the account's webhooks are proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof<'a> {
    Basic { username: &'a str },
    Header(HeaderName),
    Hmac { header: HeaderName, hash: Hash },
}

impl<'a> Proof<'a> {
    /// `Err` is the setting at fault. Nothing is assumed that would let more in.
    pub fn of(settings: &'a AccountSettings) -> Result<Self, &'static str> {
        let scheme = match settings.other.get("auth_scheme") {
            None | Some(Value::Null) => "basic",
            Some(name) => name.as_str().ok_or("auth_scheme")?,
        };
        let header = || {
            let name = text(settings, "signature_header").and_then(|name| name.parse::<HeaderName>().ok());
            name.ok_or("signature_header")
        };
        match scheme {
            "basic" => {
                // A colon would end the name and begin the password.
                let username = text(settings, "username").filter(|name| !name.contains(':'));
                username
                    .map(|username| Self::Basic { username })
                    .ok_or("username")
            }
            "header" => header().map(Self::Header),
            "hmac" => {
                let hash = match settings.other.get("hmac_algorithm") {
                    None | Some(Value::Null) => Hash::Sha256,
                    Some(name) => match name.as_str() {
                        Some("sha1") => Hash::Sha1,
                        Some("sha256") => Hash::Sha256,
                        Some("sha512") => Hash::Sha512,
                        _ => return Err("hmac_algorithm"),
                    },
                };
                let header = header()?;
                Ok(Self::Hmac { header, hash })
            }
            _ => Err("auth_scheme"),
        }
    }
}

/// The network a message goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    Sms,
    Whatsapp,
}

impl Via {
    fn of(settings: &AccountSettings) -> Option<Self> {
        match settings.other.get("channel") {
            None | Some(Value::Null) => Some(Self::Sms),
            Some(name) => match name.as_str()? {
                "sms" => Some(Self::Sms),
                "whatsapp" => Some(Self::Whatsapp),
                _ => None,
            },
        }
    }
}

pub(super) fn via(account: &ChannelAccount) -> Result<Via, SendError> {
    Via::of(&account.settings)
        .ok_or_else(|| unfit("The channel's setting `channel` is not one we send through."))
}

pub(super) fn sender(account: &ChannelAccount) -> Result<&str, SendError> {
    let sender = account.settings.provider_account_id.as_deref();
    sender.ok_or_else(|| unfit("The channel has no number or name to send from."))
}

pub(super) fn endpoint(account: &ChannelAccount, path: &[&str]) -> Result<Url, SendError> {
    settings::endpoint(&account.settings, DEFAULT_BASE_URL, path)
}

/// The scheme that our credential is of (Infobip docs, "API authentication"). `None`: it isn't one of Infobip's.
fn scheme(settings: &AccountSettings) -> Option<&'static str> {
    match settings.other.get("token_type") {
        None | Some(Value::Null) => Some("App"),
        Some(name) => match name.as_str()? {
            "app" => Some("App"),
            "bearer" => Some("Bearer"),
            "basic" => Some("Basic"),
            "ibsso" => Some("IBSSO"),
            _ => None,
        },
    }
}

/// An account whose scheme isn't known gets no further than its form.
pub(super) fn authorise(
    account: &ChannelAccount,
    token: &Secret,
) -> impl Fn(RequestBuilder) -> RequestBuilder + use<> {
    let scheme = scheme(&account.settings).unwrap_or("App");
    let credential = match scheme {
        "Basic" => STANDARD.encode(token.expose()),
        _ => token.expose().to_owned(),
    };
    let value = format!("{scheme} {credential}");
    move |request| request.header(AUTHORIZATION, &value)
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut faults = Faults::default();
    faults.basics(settings, secrets, "What Infobip proves itself with");
    if let Err(setting) = Proof::of(settings) {
        let message = "The way webhooks are proven is not complete: see auth_scheme and what belongs to it.";
        faults.unless(false, &format!("settings.{setting}"), message);
    }
    faults.unless(
        Via::of(settings).is_some(),
        "settings.channel",
        "One of sms and whatsapp is needed.",
    );
    faults.unless(
        scheme(settings).is_some(),
        "settings.token_type",
        "One of app, bearer, basic and ibsso is needed.",
    );
    if secrets.access_token().is_some() {
        faults.unless(
            settings.provider_account_id.is_some(),
            "settings.provider_account_id",
            "To send, a number or name of ours is needed.",
        );
    }
    faults.into_result()
}
