//! The deployment's keys: one secret, one key for each purpose (HKDF-SHA-256, RFC 5869).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_domain::Secret;
use switchboard_store::SealKey;

use crate::config::Config;

/// Keys derived from the deployment's secret; every node that has the secret derives the same.
pub struct Keys {
    pub access_tokens: [u8; 32],
    pub seal: [u8; 32],
    pub file_links: [u8; 32],
    pub refresh: [u8; 32],
    pub sign_in: [u8; 32],
    pub codes: [u8; 32],
}

/// The keys of the secret this deployment has, and of those it had.
pub struct Ring {
    pub current: Keys,
    pub previous: Vec<Keys>,
}

impl Keys {
    pub fn derive(secret: &Secret) -> Self {
        let secret = secret.expose().as_bytes();
        Self {
            access_tokens: hkdf(b"switchboard", secret, b"access tokens, ed25519, 1"),
            seal: hkdf(b"switchboard", secret, b"sealed secrets, xchacha20-poly1305, 1"),
            file_links: hkdf(b"switchboard", secret, b"file links, hmac-sha256, 1"),
            refresh: hkdf(b"switchboard", secret, b"refresh tokens, hmac-sha-256, 1"),
            sign_in: hkdf(b"switchboard", secret, b"sign-ins under way, hmac-sha-256, 1"),
            codes: hkdf(b"switchboard", secret, b"one-time codes, hmac-sha-256, 1"),
        }
    }
}

impl Ring {
    pub fn of(config: &Config) -> Self {
        Self {
            current: Keys::derive(&config.secret_key),
            previous: config.previous_secret_keys.iter().map(Keys::derive).collect(),
        }
    }

    /// The same key of each secret, the current one first.
    pub fn each(&self, key: impl Fn(&Keys) -> [u8; 32]) -> Vec<[u8; 32]> {
        let all = std::iter::once(&self.current).chain(&self.previous);
        all.map(key).collect()
    }

    /// What seals and opens stored secrets.
    pub fn seal(&self) -> SealKey {
        let current = SealKey::new(&self.current.seal);
        let older = |key: SealKey, older: &Keys| key.and_previous(&older.seal);
        self.previous.iter().fold(current, older)
    }
}

/// The first block of HKDF: extract, then expand once.
fn hkdf(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; 32] {
    let pseudorandom = hmac(salt, &[secret]);
    hmac(&pseudorandom, &[info, &[1]])
}

pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_first_test_case_of_rfc_5869() {
        let salt = hex::decode("000102030405060708090a0b0c").unwrap();
        let info = hex::decode("f0f1f2f3f4f5f6f7f8f9").unwrap();
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
        assert_eq!(hex::encode(hkdf(&salt, &[0x0b; 22], &info)), expected);
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let keys = Keys::derive(&Secret::new("0123456789abcdef0123456789abcdef"));
        assert_ne!(keys.access_tokens, keys.seal);
        assert_ne!(keys.seal, keys.file_links);
    }
}
