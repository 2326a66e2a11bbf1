//! The key `WooCommerce` makes of a webhook's secret: it undoes the escaping of `WordPress` before it signs
//! (`WC_Webhook::generate_signature`, `wp_specialchars_decode` with `ENT_QUOTES`).

use std::borrow::Cow;

use switchboard_domain::Secret;

/// The keys that a secret may stand for: with its entities undone, and as it is, since `WordPress` may have escaped what
/// somebody typed before it was stored.
pub(super) fn keys(secret: &Secret) -> impl Iterator<Item = Secret> {
    let text = secret.expose();
    let decoded = match decode(text) {
        Cow::Owned(decoded) => Some(decoded),
        Cow::Borrowed(_) => None,
    };
    [Some(text.to_owned()), decoded]
        .into_iter()
        .flatten()
        .map(Secret::new)
        .filter(|key| !key.is_empty())
}

/// One pass from left to right, so that `&amp;lt;` becomes `&lt;`.
fn decode(text: &str) -> Cow<'_, str> {
    let mut decoded = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(start) = text[at..].find('&').map(|found| at + found) {
        at = start + 1;
        let Some(length) = text[at..].find(';') else { break };
        if let Some(character) = entity(&text[at..at + length]) {
            decoded.push_str(&text[kept..start]);
            decoded.push(character);
            at += length + 1;
            kept = at;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    decoded.push_str(&text[kept..]);
    Cow::Owned(decoded)
}

/// Only what `WordPress` escapes. Leading zeros are nothing, and `&#x3c;` isn't among the forms it knows.
fn entity(name: &str) -> Option<char> {
    let zeros_off = |digits: &'static str| move |number: &str| number.trim_start_matches('0') == digits;
    let decimal = |digits| name.strip_prefix('#').is_some_and(zeros_off(digits));
    let hex = |digits| {
        let number = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X"));
        number.is_some_and(zeros_off(digits))
    };
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ if decimal("60") => '<',
        _ if decimal("62") => '>',
        _ if decimal("38") || hex("26") => '&',
        _ if decimal("34") || hex("22") => '"',
        _ if decimal("39") || hex("27") => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_undone_once() {
        for (escaped, plain) in [
            ("a&amp;b", "a&b"),
            ("&amp;lt;", "&lt;"),
            (
                "&lt;&gt;&quot;&#039;&#39;&#x27;&#X0027;&#038;&#060;",
                "<>\"''''&<",
            ),
            ("&&amp;;", "&&;"),
            ("é&amp;é", "é&é"),
        ] {
            assert_eq!(decode(escaped), plain, "{escaped}");
        }
        for untouched in ["", "plain", "a&b", "a&b;c", "&nbsp;", "&#x3c;", "&apos;", "&"] {
            assert!(matches!(decode(untouched), Cow::Borrowed(_)), "{untouched}");
        }
    }

    #[test]
    fn a_secret_never_stands_for_an_empty_key() {
        assert_eq!(keys(&Secret::new("")).count(), 0);
        assert_eq!(keys(&Secret::new("plain")).count(), 1);
        assert_eq!(keys(&Secret::new("a&amp;b")).count(), 2);
    }
}
