//! Time-based one-time passwords (RFC 6238): six digits, 30 seconds, HMAC-SHA-1, as every authenticator app has them.

use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use switchboard_domain::{Timestamp, UserId};

use crate::{app::App, error::ApiError};

const STEP_SECS: i64 = 30;
/// Clocks of telephones differ; one step to either side is taken (section 5.2).
const DRIFT: i64 = 1;
/// RFC 4226, section 4: at least 128 bits, 160 recommended.
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;

pub fn fresh_secret() -> [u8; SECRET_BYTES] {
    let mut secret = [0u8; SECRET_BYTES];
    rand::rng().fill_bytes(&mut secret);
    secret
}

/// Codes for the day the telephone is lost: 80 bits each.
pub fn fresh_recovery_codes() -> Vec<String> {
    let code = |_| {
        let mut bytes = [0u8; 10];
        rand::rng().fill_bytes(&mut bytes);
        base32(&bytes).to_lowercase()
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// What is kept of a recovery code.
pub fn recovery_digest(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    hex::encode(Sha256::digest(plain.to_lowercase().as_bytes()))
}

/// RFC 4648, section 6, without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut five = [0u8; 8];
        five[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(five);
        let digits = (chunk.len() * 8).div_ceil(5);
        for place in 0..digits {
            let digit = (bits >> (35 - 5 * place)) & 31;
            text.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[digit as usize]));
        }
    }
    text
}

/// The time step in which `code` is right, if it is one of those around now.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let current = now.as_millis() / 1000 / STEP_SECS;
    let right = |step: &i64| bool::from(at(secret, *step).as_bytes().ct_eq(code.as_bytes()));
    (current - DRIFT..=current + DRIFT).find(right)
}

/// The code of a time step (RFC 4226, section 5.3).
fn at(secret: &[u8], step: i64) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let truncated = [
        hash[offset] & 0x7f,
        hash[offset + 1],
        hash[offset + 2],
        hash[offset + 3],
    ];
    format!("{:06}", u32::from_be_bytes(truncated) % 1_000_000)
}

/// Whether it is a code of the user's app, or a recovery code; it is used up with that.
pub async fn proves(app: &App, user: &UserId, given: &str) -> Result<bool, ApiError> {
    let totp = app.store.totp.get(user).await?;
    let Some(totp) = totp.filter(|totp| totp.enabled) else {
        return Ok(false);
    };
    Ok(match step_of(&totp.secret, given, app.clock.now()) {
        Some(step) => app.store.totp.use_step(user, step).await?,
        None => app.store.totp.use_recovery(user, &recovery_digest(given)).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_of_rfc_6238() {
        let secret = b"12345678901234567890";
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ];
        for (secs, code) in vectors {
            let now = Timestamp::from_secs(secs);
            assert_eq!(step_of(secret, code, now), Some(secs / 30));
            assert_eq!(
                step_of(secret, code, Timestamp::from_secs(secs + 30)),
                Some(secs / 30)
            );
            assert_eq!(step_of(secret, code, Timestamp::from_secs(secs + 90)), None);
        }
        assert_eq!(step_of(secret, "", Timestamp::from_secs(59)), None);
    }

    #[test]
    fn the_test_vectors_of_rfc_4648() {
        let vectors = ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"];
        for (length, expected) in vectors.iter().enumerate() {
            assert_eq!(base32(&b"foobar"[..length]), *expected);
        }
    }

    #[test]
    fn a_recovery_code_is_recognised_however_it_is_typed() {
        let codes = fresh_recovery_codes();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let typed = format!(" {}-{} ", codes[0][..4].to_uppercase(), &codes[0][4..]);
        assert_eq!(recovery_digest(&typed), recovery_digest(&codes[0]));
        assert_ne!(recovery_digest(&codes[1]), recovery_digest(&codes[0]));
    }
}
