//! Whether a body is JSON that can be read safely, without building a tree of it: this stands before every 200.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::Rejected;

/// Deeper nesting than any provider uses, and shallow enough for every reader after us.
const MAX_NESTING: usize = 128;

/// The body's text without a byte order mark, if it is one JSON object in UTF-8.
pub(crate) fn check_object(body: &[u8]) -> Result<(), Rejected> {
    check(body, '{', "the body is not a JSON object")
}

/// The same for a list, as some providers send events.
pub(crate) fn check_list(body: &[u8]) -> Result<(), Rejected> {
    check(body, '[', "the body is not a JSON list")
}

fn check(body: &[u8], opening: char, otherwise: &str) -> Result<(), Rejected> {
    let text = text(body).ok_or_else(|| malformed("the body is not UTF-8"))?;
    if !text.trim_ascii_start().starts_with(opening) {
        return Err(malformed(otherwise));
    }
    if brackets(text.as_bytes()) > MAX_NESTING && nesting(text.as_bytes()) > MAX_NESTING {
        return Err(malformed("the body is nested too deeply"));
    }
    serde_json::from_str::<IgnoredAny>(text)
        .map(drop)
        .map_err(|error| Rejected::Malformed(format!("the body is not JSON: {error}")))
}

/// Some senders and proxies put a byte order mark in front, which RFC 8259 lets a reader ignore.
pub(crate) fn text(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The whole tree, for those who look up what others configured. Half an emoji, as cutting a text to length leaves
/// behind, becomes U+FFFD rather than an error. None: not JSON, or a number that no reader can hold.
pub(crate) fn tree(body: &[u8]) -> Option<Value> {
    let text = text(body)?;
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&whole_escapes(text)))
        .ok()
}

/// Replaces each escaped surrogate that has no partner. Escapes are the only place where UTF-8 text can hold one.
fn whole_escapes(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| -> Option<u16> {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut whole = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(next) = text[at..].find('\\').map(|found| at + found) {
        let length = match (unit(next), unit(next + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push_str(&text[kept..next]);
                whole.push('\u{fffd}');
                kept = next + 6;
                6
            }
            (Some(_), _) => 6,
            // Any other escape is two bytes long; one of a wider character is no JSON, and the parser will say so.
            _ => 1 + text[next + 1..].chars().next().map_or(0, char::len_utf8),
        };
        at = next + length;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    whole.push_str(&text[kept..]);
    Cow::Owned(whole)
}

fn malformed(reason: &str) -> Rejected {
    Rejected::Malformed(reason.to_owned())
}

/// All that open, in strings too: with so few as most bodies have, nothing can be nested too deeply.
fn brackets(text: &[u8]) -> usize {
    text.iter().filter(|byte| matches!(byte, b'{' | b'[')).count()
}

/// The deepest level of brackets outside strings.
fn nesting(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
    }

    #[test]
    fn objects_pass_whatever_is_in_their_strings() {
        let accepted = [
            "{}",
            " \r\n{\"a\":1} \n",
            "\u{feff}{\"a\":null}",
            r#"{"a":"[[\"{{\\"}"#,
            r#"{"a":"\ud83d"}"#,
        ];
        for body in accepted {
            assert_eq!(check_object(body.as_bytes()), Ok(()), "{body}");
        }
        assert_eq!(check_object(nested(MAX_NESTING).as_bytes()), Ok(()));
    }

    #[test]
    fn half_an_emoji_costs_no_more_than_itself() {
        let read =
            |json: &str| tree(json.as_bytes()).map(|tree| tree["a"].as_str().unwrap_or_default().to_owned());
        let cases = [
            (r#"{"a":"\ud83d\ude00"}"#, "😀"),
            (r#"{"a":"hi \ud83d"}"#, "hi \u{fffd}"),
            (
                r#"{"a":"\ude00\ud83d\ud83d\ude00\n\u00e9"}"#,
                "\u{fffd}\u{fffd}😀\né",
            ),
            (r#"{"a":"\\ud83d"}"#, r"\ud83d"),
            (r#"{"a":"\ud83d\\\ude00\""}"#, "\u{fffd}\\\u{fffd}\""),
        ];
        for (json, expected) in cases {
            assert_eq!(read(json).as_deref(), Some(expected), "{json}");
        }
        for json in [
            r#"{"a":"\ud83"}"#,
            r#"{"a":"\"#,
            r#"{"a":"\é"}"#,
            r#"{"a":1e999}"#,
        ] {
            assert_eq!(tree(json.as_bytes()), None, "{json}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        let refused: [&[u8]; 11] = [
            b"",
            b"null",
            b"[]",
            b"\"text\"",
            b"{\"a\":1",
            b"{\"a\":1}}",
            b"{\"a\":1}{}",
            b"{\"a\":NaN}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\n\"}",
            b"\xef\xbb\xbf",
        ];
        for body in refused {
            assert!(
                matches!(check_object(body), Err(Rejected::Malformed(_))),
                "{body:?}"
            );
        }
        assert!(check_object(nested(MAX_NESTING + 1).as_bytes()).is_err());
        assert!(check_object("[".repeat(1_000_000).as_bytes()).is_err());
        assert!(check_object(format!("{{\"a\":{}", "[".repeat(1_000_000)).as_bytes()).is_err());
    }
}
