//! Ids with the look of the real ones.

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};

/// A message id, as Meta makes it: base64 of a small Thrift record with the customer's number and a random key.
/// `inbound` ones have a key of 20 hex digits, ours of 18.
pub(crate) fn wamid(wa_id: &str, inbound: bool) -> String {
    let key_length: usize = if inbound { 20 } else { 18 };
    let key = hex::encode_upper(rand::random::<[u8; 10]>());
    let mut record = vec![0x1c, 0x18, wa_id.len().min(127) as u8];
    record.extend(wa_id.bytes().take(127));
    record.extend([
        0x15,
        0x02,
        0x00,
        if inbound { 0x12 } else { 0x11 },
        0x18,
        key_length as u8,
    ]);
    record.extend(key.bytes().take(key_length));
    record.push(0);
    format!("wamid.{}", STANDARD.encode(record))
}

/// The `fbtrace_id` of an error.
pub(crate) fn trace() -> String {
    format!("A{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
}

/// A media object's id: digits.
pub(crate) fn media() -> String {
    format!(
        "{}",
        rand::random_range(100_000_000_000_000_u64..9_000_000_000_000_000)
    )
}

/// An unguessable part of a link.
pub(crate) fn token() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wamids_look_like_the_documented_one() {
        let id = wamid("16503879439", true);
        assert!(id.starts_with("wamid.HBgLMTY1MDM4Nzk0MzkVAgASGB"), "{id}");
        assert!(wamid("16503879439", false).starts_with("wamid.HBgLMTY1MDM4Nzk0MzkVAgARGB"));
        assert_ne!(wamid("16503879439", true), wamid("16503879439", true));
    }
}
