//! Access tokens: short-lived JWTs signed with Ed25519 (RFC 8037), checked without a look at the database.

use std::{collections::HashMap, time::Duration};

use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use switchboard_domain::{Timestamp, UserId};

use crate::keys::Ring;

/// PKCS #8 (RFC 8410) is this, then the 32 bytes of the seed.
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Issues and checks access tokens with the deployment's key.
pub struct Tokens {
    encoding: EncodingKey,
    /// By key id: this deployment's key, and those it had before.
    decoding: HashMap<String, DecodingKey>,
    header: Header,
    validation: Validation,
    ttl: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    pub sub: UserId,
    /// The sign-in it belongs to: the family of its refresh tokens.
    pub sid: String,
    /// Seconds since the Unix epoch.
    pub iat: i64,
    pub exp: i64,
}

/// Not one of ours, or expired.
#[derive(Debug, thiserror::Error)]
#[error("the access token is not valid")]
pub struct TokenRefused;

impl Tokens {
    /// Signs with the first key; believes them all.
    pub fn new(keys: &Ring, ttl: Duration) -> Self {
        let previous: Vec<[u8; 32]> = keys.previous.iter().map(|keys| keys.access_tokens).collect();
        Self::with(&keys.current.access_tokens, &previous, ttl)
    }

    fn with(seed: &[u8; 32], previous: &[[u8; 32]], ttl: Duration) -> Self {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(public(seed).0);
        // Expiry is compared with the clock that is handed in.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        Self {
            encoding: EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), seed].concat()),
            decoding: std::iter::once(seed).chain(previous).map(public).collect(),
            header,
            validation,
            ttl,
        }
    }

    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    pub fn issue(
        &self,
        user: &UserId,
        session: &str,
        now: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: user.clone(),
            sid: session.to_owned(),
            iat: now.as_millis() / 1000,
            exp: now.plus(self.ttl).as_millis() / 1000,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.encoding)
    }

    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenRefused> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenRefused)?;
        let key = header
            .kid
            .and_then(|kid| self.decoding.get(&kid))
            .ok_or(TokenRefused)?;
        let decoded =
            jsonwebtoken::decode::<Claims>(token, key, &self.validation).map_err(|_| TokenRefused)?;
        if now.as_millis() / 1000 < decoded.claims.exp {
            Ok(decoded.claims)
        } else {
            Err(TokenRefused)
        }
    }
}

/// A key's id, and what its signatures are checked with.
fn public(seed: &[u8; 32]) -> (String, DecodingKey) {
    let public = SigningKey::from_bytes(seed).verifying_key();
    let id = hex::encode(&Sha256::digest(public.as_bytes())[..8]);
    (id, DecodingKey::from_ed_der(public.as_bytes()))
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    const NOW: i64 = 1_760_000_000;

    fn tokens(seed: u8) -> Tokens {
        Tokens::with(&[seed; 32], &[], Duration::from_mins(15))
    }

    #[test]
    fn a_token_holds_for_fifteen_minutes_on_every_node() {
        let token = tokens(1)
            .issue(&"u1".into(), "s1", Timestamp::from_secs(NOW))
            .unwrap();
        let claims = tokens(1).verify(&token, Timestamp::from_secs(NOW + 899)).unwrap();
        assert_eq!((claims.sub.as_str(), claims.sid.as_str()), ("u1", "s1"));
        assert!(tokens(1).verify(&token, Timestamp::from_secs(NOW + 900)).is_err());
        assert!(tokens(2).verify(&token, Timestamp::from_secs(NOW)).is_err());
    }

    #[test]
    fn a_rotated_key_still_proves_what_it_signed() {
        let now = Timestamp::from_secs(NOW);
        let rotated = Tokens::with(&[2; 32], &[[1; 32]], Duration::from_mins(15));
        let older = tokens(1).issue(&"u1".into(), "s1", now).unwrap();
        assert!(rotated.verify(&older, now).is_ok());
        let newer = rotated.issue(&"u1".into(), "s1", now).unwrap();
        assert!(tokens(1).verify(&newer, now).is_err() && tokens(2).verify(&newer, now).is_ok());
    }

    #[test]
    fn a_changed_or_unsigned_token_is_refused() {
        let now = Timestamp::from_secs(NOW);
        let token = tokens(1).issue(&"u1".into(), "s1", now).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let forged = URL_SAFE_NO_PAD.encode(format!(
            "{{\"sub\":\"u2\",\"sid\":\"s1\",\"iat\":{NOW},\"exp\":{}}}",
            NOW + 900
        ));
        assert!(
            tokens(1)
                .verify(&format!("{}.{forged}.{}", parts[0], parts[2]), now)
                .is_err()
        );
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert!(tokens(1).verify(&format!("{none}.{}.", parts[1]), now).is_err());
        assert!(tokens(1).verify("", now).is_err());
    }
}
