//! Secrets at rest: XChaCha20-Poly1305 under the deployment's key.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use mongodb::bson::{Binary, spec::BinarySubtype};
use rand::Rng;

const NONCE: usize = 24;

/// The key that seals channel secrets, and those before it, which still open what they sealed.
#[derive(Clone)]
pub struct SealKey {
    current: XChaCha20Poly1305,
    previous: Vec<XChaCha20Poly1305>,
}

/// A sealed value that this key can't open: another key sealed it, or it was changed.
#[derive(Debug, thiserror::Error)]
#[error("a stored secret can't be opened with this deployment's secret key")]
pub struct SealError;

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            current: XChaCha20Poly1305::new(key.into()),
            previous: Vec::new(),
        }
    }

    /// The same, and `key` still opens.
    #[must_use]
    pub fn and_previous(mut self, key: &[u8; 32]) -> Self {
        self.previous.push(XChaCha20Poly1305::new(key.into()));
        self
    }

    /// Seals `plain` for `owner`; moved to another owner it doesn't open.
    pub(crate) fn seal(&self, owner: &str, plain: &[u8]) -> Result<Binary, SealError> {
        let mut nonce = [0u8; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = self
            .current
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: owner.as_bytes(),
                },
            )
            .map_err(|_| SealError)?;
        Ok(Binary {
            subtype: BinarySubtype::Generic,
            bytes: [nonce.as_slice(), &sealed].concat(),
        })
    }

    /// The same, sealed with the current key.
    pub(crate) fn anew(&self, owner: &str, sealed: &Binary) -> Result<Binary, SealError> {
        self.seal(owner, &self.open(owner, sealed)?)
    }

    pub(crate) fn open(&self, owner: &str, sealed: &Binary) -> Result<Vec<u8>, SealError> {
        let (nonce, body) = sealed.bytes.split_at_checked(NONCE).ok_or(SealError)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealError)?;
        let payload = || Payload {
            msg: body,
            aad: owner.as_bytes(),
        };
        std::iter::once(&self.current)
            .chain(&self.previous)
            .find_map(|key| key.decrypt(&XNonce::from(nonce), payload()).ok())
            .ok_or(SealError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_for_its_owner_and_key() {
        let key = SealKey::new(&[7; 32]);
        let sealed = key.seal("whatsapp:a", b"token").unwrap();
        assert!(!sealed.bytes.windows(5).any(|window| window == b"token"));
        assert_eq!(key.open("whatsapp:a", &sealed).unwrap(), b"token");
        assert!(key.open("whatsapp:b", &sealed).is_err());
        let newer = SealKey::new(&[8; 32]);
        assert!(newer.open("whatsapp:a", &sealed).is_err());
        let newer = newer.and_previous(&[7; 32]);
        assert_eq!(newer.open("whatsapp:a", &sealed).unwrap(), b"token");
        let sealed = newer.seal("whatsapp:a", b"token").unwrap();
        assert!(key.open("whatsapp:a", &sealed).is_err());
    }
}
