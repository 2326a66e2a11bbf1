//! Secrets at rest: XChaCha20-Poly1305 under the deployment's key.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use mongodb::bson::{Binary, spec::BinarySubtype};
use rand::Rng;

const NONCE: usize = 24;

/// The key that seals channel secrets.
#[derive(Clone)]
pub struct SealKey(XChaCha20Poly1305);

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
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Seals `plain` for `owner`; moved to another owner it doesn't open.
    pub(crate) fn seal(&self, owner: &str, plain: &[u8]) -> Result<Binary, SealError> {
        let mut nonce = [0u8; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = self
            .0
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

    pub(crate) fn open(&self, owner: &str, sealed: &Binary) -> Result<Vec<u8>, SealError> {
        let (nonce, body) = sealed.bytes.split_at_checked(NONCE).ok_or(SealError)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealError)?;
        self.0
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: body,
                    aad: owner.as_bytes(),
                },
            )
            .map_err(|_| SealError)
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
        assert!(SealKey::new(&[8; 32]).open("whatsapp:a", &sealed).is_err());
    }
}
