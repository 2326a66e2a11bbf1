//! Bytes to text, by the charset's name or without one.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Never fails: what isn't in the charset becomes U+FFFD. Without a (known) name it is UTF-8 or, where that doesn't
/// fit, what Western senders mean when they say nothing.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let named = label.and_then(|label| Encoding::for_label_no_replacement(label.trim().as_bytes()));
    let encoding = named.unwrap_or_else(|| {
        let is_utf8 = std::str::from_utf8(bytes).is_ok();
        if is_utf8 { UTF_8 } else { WINDOWS_1252 }
    });
    encoding.decode(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn each_charset_by_its_name_and_a_guess_without() {
        assert_eq!(decode("café".as_bytes(), Some("UTF-8")), "café");
        assert_eq!(decode(b"caf\xe9", Some("ISO-8859-1")), "café");
        assert_eq!(decode(b"\x93\xfa\x96\x7b", Some(" Shift_JIS ")), "日本");
        assert_eq!(decode(b"\x1b$BF|K\\\x1b(B", Some("iso-2022-jp")), "日本");
        assert_eq!(decode(b"caf\xe9", None), "café");
        assert_eq!(decode("café".as_bytes(), Some("x-unknown")), "café");
        assert_eq!(decode(b"a\xffb", Some("utf-8")), "a\u{fffd}b");
    }
}
