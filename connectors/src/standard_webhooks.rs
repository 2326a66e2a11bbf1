//! Standard Webhooks: how to sign a request and how to check it (standardwebhooks.com, "Specification"; Svix names the
//! same headers `svix-*`).
//!
//! What is signed is `{id}.{timestamp}.{body}`. `v1` is a base64 HMAC-SHA256 under a shared secret (`whsec_…`), `v1a` an
//! Ed25519 signature, made with a private key (`whsk_…`) and checked with its public one (`whpk_…`).

use std::time::Duration;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use http::HeaderMap;
use switchboard_domain::{Secret, Timestamp};

use crate::{
    Rejected,
    signature::{Encoding, Hash, hmac, same},
};

/// How far the sender's clock and ours may be apart, either way.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// A sender that rotates its keys sends a few signatures; each costs work.
const MAX_SIGNATURES: usize = 16;

/// The three headers of a request, as they are named.
struct Names {
    id: &'static str,
    timestamp: &'static str,
    signature: &'static str,
}

const NAMES: [Names; 2] = [
    Names {
        id: "webhook-id",
        timestamp: "webhook-timestamp",
        signature: "webhook-signature",
    },
    Names {
        id: "svix-id",
        timestamp: "svix-timestamp",
        signature: "svix-signature",
    },
];

/// Secrets are handed round with and without padding, and both mean the same.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a secret's text stands for.
pub enum Key {
    Shared(Vec<u8>),
    Public(Box<VerifyingKey>),
    Private(Box<SigningKey>),
}

impl Key {
    /// None: not base64, empty, or no key of its kind. Without a prefix it is a shared secret.
    pub fn parse(secret: &Secret) -> Option<Self> {
        let text = secret.expose().trim();
        if let Some(text) = text.strip_prefix("whpk_") {
            let key = VerifyingKey::from_bytes(&decode(text)?.try_into().ok()?).ok()?;
            return (!key.is_weak()).then(|| Self::Public(Box::new(key)));
        }
        if let Some(text) = text.strip_prefix("whsk_") {
            // The seed, alone or with the public key behind it.
            let bytes = decode(text)?;
            let key = match bytes.len() {
                32 => SigningKey::from_bytes(&bytes.try_into().ok()?),
                _ => SigningKey::from_keypair_bytes(&bytes.try_into().ok()?).ok()?,
            };
            return Some(Self::Private(Box::new(key)));
        }
        decode(text.strip_prefix("whsec_").unwrap_or(text)).map(Self::Shared)
    }

    /// The value of the signature header; None: a public key signs nothing.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> Option<String> {
        let message = message(id, &at.as_millis().div_euclid(1000).to_string(), body);
        match self {
            Self::Shared(key) => Some(format!(
                "v1,{}",
                hmac(Hash::Sha256, key, &message, Encoding::Base64)
            )),
            Self::Private(key) => {
                let signature = key.sign(&message);
                Some(format!(
                    "v1a,{}",
                    general_purpose::STANDARD.encode(signature.to_bytes())
                ))
            }
            Self::Public(_) => None,
        }
    }

    fn matches(&self, message: &[u8], signatures: &[(&str, &str)]) -> bool {
        let given = |version: &'static str| {
            let of_version = signatures.iter().filter(move |(of, _)| *of == version);
            of_version.map(|(_, signature)| *signature)
        };
        match self {
            Self::Shared(key) => {
                let expected = hmac(Hash::Sha256, key, message, Encoding::Base64);
                given("v1").any(|given| same(&expected, given))
            }
            Self::Public(key) => given("v1a").any(|given| is_by(key, message, given)),
            Self::Private(key) => given("v1a").any(|given| is_by(&key.verifying_key(), message, given)),
        }
    }
}

fn is_by(key: &VerifyingKey, message: &[u8], given: &str) -> bool {
    let signature = BASE64.decode(given).ok();
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    signature.is_some_and(|signature| key.verify_strict(message, &signature).is_ok())
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

fn message(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

/// Proves that one of the keys signed the request, and lately. The request's id, by which it is known when it comes
/// again.
///
/// Two requests can't be told apart by what is signed if a full stop may be moved from one part to the next. It can't:
/// the timestamp is a number, and whoever calls this accepts no body but a JSON object.
pub fn verify<'r>(
    keys: &[Key],
    headers: &'r HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<&'r str, Rejected> {
    let names = NAMES
        .iter()
        .find(|names| headers.contains_key(names.signature))
        .ok_or(Rejected::Unauthenticated("the signature header is missing"))?;
    let header = |name: &str| headers.get(name)?.to_str().ok().filter(|value| !value.is_empty());
    let id = header(names.id).ok_or(Rejected::Unauthenticated("the id header is missing"))?;
    let timestamp =
        header(names.timestamp).ok_or(Rejected::Unauthenticated("the timestamp header is missing"))?;
    let signatures =
        header(names.signature).ok_or(Rejected::Unauthenticated("the signature header is empty"))?;
    let at = seconds(timestamp).ok_or(Rejected::Unauthenticated("the timestamp is not in seconds"))?;
    if now.since(at) > TOLERANCE || at.since(now) > TOLERANCE {
        return Err(Rejected::Unauthenticated("the timestamp is too far from now"));
    }
    let signatures: Vec<_> = signatures
        .split(' ')
        .filter_map(|signature| signature.split_once(','))
        .take(MAX_SIGNATURES)
        .collect();
    let message = message(id, timestamp, body);
    if keys.iter().any(|key| key.matches(&message, &signatures)) {
        Ok(id)
    } else {
        Err(Rejected::Unauthenticated("the signature doesn't match"))
    }
}

/// Nothing but digits: `+1` and `1e9` are other spellings of what was signed.
fn seconds(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let secs = text.parse().ok().filter(|_| digits)?;
    Some(Timestamp::from_secs(secs))
}
