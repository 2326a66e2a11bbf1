//! Message authentication codes, as webhooks carry them.
//!
//! Comparing takes the same time wherever the first difference lies. Signing is here too, for those who play the
//! provider: the demo and tests.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use switchboard_domain::Secret;

/// How a provider writes a code down. Both are compared as text: hex in the wrong case isn't what a provider sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    LowerHex,
    Base64,
    /// With `-` and `_` and without padding, as JSON web tokens have it.
    Base64Url,
}

/// The hash beneath an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// HMAC of `message` (RFC 2104), written down. The key is bytes: some schemes decode their secret first.
pub fn hmac(hash: Hash, key: &[u8], message: &[u8], encoding: Encoding) -> String {
    let code = match hash {
        Hash::Md5 => code::<Hmac<Md5>>(key, message),
        Hash::Sha1 => code::<Hmac<Sha1>>(key, message),
        Hash::Sha256 => code::<Hmac<Sha256>>(key, message),
        Hash::Sha384 => code::<Hmac<Sha384>>(key, message),
        Hash::Sha512 => code::<Hmac<Sha512>>(key, message),
    };
    match encoding {
        Encoding::LowerHex => hex::encode(code),
        Encoding::Base64 => STANDARD.encode(code),
        Encoding::Base64Url => URL_SAFE_NO_PAD.encode(code),
    }
}

/// A key of any length is valid for HMAC, so the error can't happen; an empty code matches no signature.
fn code<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Whether `given` is the code of `message` under one of the secrets. No secret, or an empty one, matches nothing.
pub fn hmac_matches<'a>(
    hash: Hash,
    secrets: impl IntoIterator<Item = &'a Secret>,
    message: &[u8],
    given: &str,
    encoding: Encoding,
) -> bool {
    secrets
        .into_iter()
        .filter(|secret| !secret.is_empty())
        .any(|secret| same(&hmac(hash, secret.expose().as_bytes(), message, encoding), given))
}

/// [`hmac`] with SHA-256 and a secret that is used as it is written.
pub fn hmac_sha256(secret: &Secret, message: &[u8], encoding: Encoding) -> String {
    hmac(Hash::Sha256, secret.expose().as_bytes(), message, encoding)
}

/// [`hmac_matches`] with SHA-256.
pub fn hmac_sha256_matches<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    message: &[u8],
    given: &str,
    encoding: Encoding,
) -> bool {
    hmac_matches(Hash::Sha256, secrets, message, given, encoding)
}

/// The plain digest, in lower-case hex: what some schemes sign instead of the body itself.
pub fn sha256_hex(message: &[u8]) -> String {
    hex::encode(Sha256::digest(message))
}

/// Whether two texts are the same and not empty.
pub fn same(expected: &str, given: &str) -> bool {
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn known_answer() {
        let secret = Secret::new("Jefe");
        let message = b"what do ya want for nothing?";
        let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac_sha256(&secret, message, Encoding::LowerHex), hex);
        assert!(hmac_sha256_matches([&secret], message, hex, Encoding::LowerHex));
        assert!(!hmac_sha256_matches(
            [&secret],
            message,
            &hex.to_uppercase(),
            Encoding::LowerHex
        ));
        let base64 = hmac_sha256(&secret, message, Encoding::Base64);
        assert_eq!(base64, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
        assert!(hmac_sha256_matches(
            [&Secret::new("old"), &secret],
            message,
            &base64,
            Encoding::Base64
        ));
    }

    #[test]
    fn an_empty_secret_matches_nothing() {
        let empty = Secret::new("");
        let code = hmac_sha256(&empty, b"x", Encoding::LowerHex);
        assert!(!hmac_sha256_matches([&empty], b"x", &code, Encoding::LowerHex));
        assert!(!hmac_sha256_matches([], b"x", "", Encoding::LowerHex));
        assert!(!same("", ""));
    }
}
