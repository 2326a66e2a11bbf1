//! The SMS API's webhooks: flat parameters, as a form or as JSON, and `sig` over them (Vonage docs, "Signing messages").

use std::{borrow::Cow, collections::BTreeMap};

use md5::{Digest, Md5};
use serde_json::value::RawValue;
use switchboard_domain::Secret;

use crate::{
    form::Form,
    json,
    lenient::Text,
    signature::{Encoding, Hash, hmac, same},
};

/// How `sig` is made: the account's setting at Vonage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// MD5 over the parameters followed by the secret, which is older than HMAC here.
    Md5Hash,
    Hmac(Hash),
}

impl Method {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "md5hash" => Self::Md5Hash,
            "md5" => Self::Hmac(Hash::Md5),
            "sha1" => Self::Hmac(Hash::Sha1),
            "sha256" => Self::Hmac(Hash::Sha256),
            "sha512" => Self::Hmac(Hash::Sha512),
            _ => return None,
        })
    }

    /// Those whose codes have so many hexadecimal digits.
    pub fn by_length(digits: usize) -> &'static [Self] {
        match digits {
            32 => &[Self::Md5Hash, Self::Hmac(Hash::Md5)],
            40 => &[Self::Hmac(Hash::Sha1)],
            64 => &[Self::Hmac(Hash::Sha256)],
            128 => &[Self::Hmac(Hash::Sha512)],
            _ => &[],
        }
    }

    fn code(self, secret: &Secret, message: &str) -> String {
        match self {
            Self::Md5Hash => hex::encode(Md5::digest(format!("{message}{}", secret.expose()))),
            Self::Hmac(hash) => hmac(
                hash,
                secret.expose().as_bytes(),
                message.as_bytes(),
                Encoding::LowerHex,
            ),
        }
    }
}

/// The parameters of one webhook, decoded.
pub(super) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// `None`: neither a form nor a JSON object.
    pub fn of(body: &'a [u8]) -> Option<Self> {
        if !is_json(body) {
            return Some(Self(Form::parse(body).into_pairs()));
        }
        let members: BTreeMap<String, &'a RawValue> = serde_json::from_str(json::text(body)?).ok()?;
        let pairs = members.into_iter().map(|(name, value)| {
            let text: Option<Text> = serde_json::from_str(value.get()).ok();
            let value = text.map_or(Cow::Borrowed(value.get()), |text| Cow::Owned(text.0));
            (Cow::Owned(name), value)
        });
        Some(Self(pairs.collect()))
    }

    /// The first parameter of this name that isn't empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_ref())
    }

    /// What is signed: all but `sig`, sorted by name; what would look like another parameter becomes `_`.
    fn signed(&self) -> String {
        let mut pairs: Vec<_> = self.0.iter().filter(|(name, _)| name != "sig").collect();
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        let written = pairs
            .iter()
            .map(|(name, value)| format!("&{name}={}", value.replace(['&', '='], "_")));
        written.collect()
    }

    /// Whether `given` is the code of these parameters under one of the secrets.
    pub fn signed_by<'s>(
        &self,
        secrets: impl IntoIterator<Item = &'s Secret>,
        method: Option<Method>,
        given: &str,
    ) -> bool {
        let given = given.to_ascii_lowercase();
        let message = self.signed();
        let by_length = Method::by_length(given.len());
        let methods = method.as_ref().map_or(by_length, std::slice::from_ref);
        secrets
            .into_iter()
            .filter(|secret| !secret.is_empty())
            .any(|secret| {
                methods
                    .iter()
                    .any(|method| same(&method.code(secret, &message), &given))
            })
    }
}

pub(super) fn is_json(body: &[u8]) -> bool {
    json::text(body).is_some_and(|text| text.trim_ascii_start().starts_with('{'))
}
