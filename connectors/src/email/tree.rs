//! JSON as a tree, for bodies that `verify` found well-formed: mail isn't so frequent that every field needs its type.

use serde_json::Value;

use crate::json;

/// `None`: no JSON at all. Half an emoji (`\ud83d`), which JSON allows and text doesn't, becomes U+FFFD.
pub(crate) fn read(body: &[u8]) -> Option<Value> {
    let text = json::text(body)?;
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&mended(text)))
        .ok()
}

/// A member's text, if it is one and not empty.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The same where whole numbers may stand for text.
pub(crate) fn text_or_number(object: &Value, name: &str) -> Option<String> {
    let value = object.get(name)?;
    let number = value.as_number().map(ToString::to_string);
    number.or_else(|| text(object, name).map(str::to_owned))
}

pub(crate) fn items<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn mended(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let length = match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push('\u{fffd}');
                at += 6;
                continue;
            }
            // An escaped backslash isn't the beginning of anything.
            _ if text[at..].starts_with("\\\\") => 2,
            _ => character.len_utf8(),
        };
        mended.push_str(&text[at..at + length]);
        at += length;
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_emoji_is_mended_and_nothing_else() {
        let read = |body: &str| read(body.as_bytes());
        let tree = read(r#"{"a":"x\ud83d","b":"\ud83d\ude00\udc00","c":"\\ud83d"}"#).unwrap();
        assert_eq!(text(&tree, "a"), Some("x\u{fffd}"));
        assert_eq!(text(&tree, "b"), Some("😀\u{fffd}"));
        assert_eq!(text(&tree, "c"), Some("\\ud83d"));
        assert_eq!(read("{"), None);
        assert_eq!(
            text_or_number(&read(r#"{"a":15}"#).unwrap(), "a").as_deref(),
            Some("15")
        );
    }
}
