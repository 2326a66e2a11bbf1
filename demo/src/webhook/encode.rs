//! Bytes and signature, as Meta makes them.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// JSON with everything beyond ASCII as lower-case `\uXXXX`, and `/` as `\/`: that text is what Meta signs.
pub(super) fn meta_json(value: &Value) -> String {
    let plain = value.to_string();
    let mut escaped = String::with_capacity(plain.len());
    // Both kinds of character occur within strings only, so that escaping them one by one keeps the JSON.
    for character in plain.chars() {
        match character {
            '/' => escaped.push_str("\\/"),
            ascii if ascii.is_ascii() => escaped.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a String doesn't fail.
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

/// The value of `X-Hub-Signature-256`.
pub(super) fn signature(app_secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A file's hash as webhooks give it.
pub(crate) fn sha256_base64(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_like_meta() {
        let json = meta_json(&serde_json::json!({"a": "é/😀\n"}));
        assert_eq!(json, r#"{"a":"\u00e9\/\ud83d\ude00\n"}"#);
    }

    #[test]
    fn signs_with_the_known_answer() {
        assert_eq!(
            signature("key", b"The quick brown fox jumps over the lazy dog"),
            "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
    }

    proptest::proptest! {
        #[test]
        fn escaping_keeps_the_value(text in ".*") {
            let value = serde_json::json!({"text": text});
            let json = meta_json(&value);
            proptest::prop_assert!(json.is_ascii());
            proptest::prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
        }
    }
}
