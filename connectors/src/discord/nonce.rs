//! The nonce by which Discord recognises a second send of the same message, and by which we recognise its echo.
//!
//! It may have 25 characters. Our ids are 128 bits in hex, so they fit as base64 and can be read back; any other is hashed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use switchboard_domain::MessageId;

const READABLE: &str = "s";
const HASHED: &str = "h";

pub(super) fn of(id: &MessageId) -> String {
    let mut bytes = [0; 16];
    let hex_digits = !id.as_str().bytes().any(|byte| byte.is_ascii_uppercase());
    if hex_digits && hex::decode_to_slice(id.as_str(), &mut bytes).is_ok() {
        return format!("{READABLE}{}", URL_SAFE_NO_PAD.encode(bytes));
    }
    let hash = Sha256::digest(id.as_str().as_bytes());
    format!("{HASHED}{}", URL_SAFE_NO_PAD.encode(&hash[..16]))
}

/// The message whose nonce this is, if it can be read back.
pub(super) fn message(nonce: &str) -> Option<MessageId> {
    let bytes = URL_SAFE_NO_PAD.decode(nonce.strip_prefix(READABLE)?).ok()?;
    (bytes.len() == 16).then(|| MessageId::from(hex::encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_ids_come_back_and_every_nonce_is_short_enough() {
        let ours = MessageId::from("0123456789abcdef0123456789abcdef");
        assert_eq!(message(&of(&ours)), Some(ours.clone()));
        assert_ne!(
            of(&ours),
            of(&MessageId::from("0123456789abcdef0123456789abcdee"))
        );
        let other = MessageId::from("an id of another form, and a long one at that");
        assert_eq!(of(&other), of(&other.clone()));
        assert_ne!(of(&other), of(&MessageId::from("another")));
        assert_eq!(message(&of(&other)), None);
        for id in [&ours, &other] {
            assert!(of(id).len() <= 25);
        }
        for foreign in ["", "s", "1428340150000000000", "sAAAA", "s!!"] {
            assert_eq!(message(foreign), None, "{foreign}");
        }
    }
}
