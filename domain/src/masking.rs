//! What is left of a phone number or an e-mail address when it is masked.
//!
//! A *field* that holds an address is masked whenever it looks like one, on whichever channel: a provider's id that
//! happens to be a row of digits is masked too, since nobody needs to read it. In *words* only what can't be anything
//! else is masked (an e-mail address, a number with its `+`): an order number stays readable.

use serde_json::Value;

const DOTS: &str = "•••";
/// The least and most digits of a phone number (E.164).
const SHORTEST: usize = 7;
const LONGEST: usize = 15;

/// A field: a phone number, an e-mail address, a provider's id of a person, a name that is one of these.
pub fn address(text: &str) -> String {
    if let Some((local, domain)) = text.rsplit_once('@') {
        let first: String = local.chars().take(1).collect();
        return format!("{first}{DOTS}@{domain}");
    }
    // As in `whatsapp:+15551230001`, `tel:…`.
    let number = text.rsplit_once(':').map_or(text, |(_, number)| number).trim();
    let spelled = |c: char| c.is_ascii_digit() || is_between(c) || c == '+';
    let is_number = digits(number).count() >= SHORTEST && number.chars().all(spelled);
    if is_number { shortened(number) } else { words(text) }
}

/// Words: whatever in them is an address beyond doubt.
pub fn words(text: &str) -> String {
    scan(text, false)
}

/// Words in which any long row of digits is a number: a provider's notice, an address-book card.
pub fn strict(text: &str) -> String {
    scan(text, true)
}

/// Every text within, by `mask`.
pub fn within(value: &mut Value, mask: fn(&str) -> String) {
    match value {
        Value::String(text) => *text = mask(text),
        Value::Array(values) => values.iter_mut().for_each(|value| within(value, mask)),
        Value::Object(fields) => fields.values_mut().for_each(|value| within(value, mask)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Words without what is known to be somebody's own (their name, their addresses) and without addresses of any kind: for
/// what is kept longer than they are.
pub fn redacted<'a>(text: &str, own: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = strict(text);
    for known in own {
        // Their name in parts, too; a part of two letters says nothing of anybody.
        for part in std::iter::once(known).chain(known.split_whitespace()) {
            if part.chars().count() > 2 {
                text = without(&text, part);
            }
        }
    }
    text
}

/// Whatever its case.
fn without(text: &str, part: &str) -> String {
    let (folded, part) = (text.to_lowercase(), part.to_lowercase());
    // Lower case of the same length, letter by letter, is the rule; where it isn't, the whole text goes rather than a wrong part.
    if !folded.contains(&part) {
        return text.to_owned();
    }
    if folded.len() != text.len() {
        return DOTS.to_owned();
    }
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in folded.match_indices(&part) {
        let (Some(before), true) = (text.get(from..at), text.is_char_boundary(at + found.len())) else {
            return DOTS.to_owned();
        };
        left.push_str(before);
        left.push_str(DOTS);
        from = at + found.len();
    }
    left.push_str(text.get(from..).unwrap_or_default());
    left
}

fn digits(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(char::is_ascii_digit)
}

/// The last four digits, of a short number two.
fn shortened(number: &str) -> String {
    let digits: Vec<char> = digits(number).collect();
    let shown = if digits.len() >= 10 { 4 } else { 2 };
    let end: String = digits[digits.len() - shown..].iter().collect();
    format!("{DOTS}{end}")
}

/// What people write between digits.
fn is_between(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}')
}

fn scan(text: &str, bare: bool) -> String {
    let may_hold_one = text.contains(['@', '+']) || bare && text.contains(|c: char| c.is_ascii_digit());
    if !may_hold_one {
        return text.to_owned();
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let fresh = !masked.ends_with(|c: char| c.is_alphanumeric());
        let found = email(rest)
            .filter(|_| fresh)
            .or_else(|| number(rest, bare).filter(|_| fresh));
        let length = found.unwrap_or(first.len_utf8());
        if found.is_some() {
            masked.push_str(&address(&rest[..length]));
        } else {
            masked.push(first);
        }
        rest = &rest[length..];
    }
    masked
}

/// The length of the e-mail address that `text` begins with.
fn email(text: &str) -> Option<usize> {
    let local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let (name, after) = text.split_once('@')?;
    if name.is_empty() || !name.chars().all(local) {
        return None;
    }
    let host = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let end = after.find(|c| !host(c)).unwrap_or(after.len());
    let domain = after[..end].trim_end_matches(['.', '-']);
    let dotted = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
    dotted.then_some(name.len() + 1 + domain.len())
}

/// The length of the phone number that `text` begins with: after a `+`, or `bare`.
fn number(text: &str, bare: bool) -> Option<usize> {
    let plus = text.starts_with('+');
    let begins = plus || bare && text.starts_with(|c: char| c.is_ascii_digit());
    if !begins {
        return None;
    }
    let (mut count, mut end) = (0, 0);
    for (at, c) in text.char_indices().skip(usize::from(plus)) {
        if c.is_ascii_digit() {
            count += 1;
            end = at + 1;
        } else if !is_between(c) || at > end + 2 {
            break;
        }
    }
    (SHORTEST..=LONGEST).contains(&count).then_some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_are_addresses() {
        for (plain, masked) in [
            ("15551230001", "•••0001"),
            ("+49 (171) 000-0001", "•••0001"),
            ("whatsapp:+15551230001", "•••0001"),
            ("1234567", "•••67"),
            ("ann.smith@example.com", "a•••@example.com"),
            ("15551230001@s.whatsapp.net", "1•••@s.whatsapp.net"),
            ("Ann Smith", "Ann Smith"),
            ("U024BE7LH", "U024BE7LH"),
            ("visitor-9f", "visitor-9f"),
            ("", ""),
        ] {
            assert_eq!(address(plain), masked);
        }
    }

    #[test]
    fn words_keep_what_may_be_something_else() {
        for (plain, masked) in [
            (
                "call +49 171 0000001, or write to a.b@c.example.",
                "call •••0001, or write to a•••@c.example.",
            ),
            ("order 4711000000001", "order 4711000000001"),
            ("1+1=2, 5+3", "1+1=2, 5+3"),
            ("@all: look", "@all: look"),
            (
                "<a href=\"mailto:bob@x.test\">",
                "<a href=\"mailto:b•••@x.test\">",
            ),
            ("no@domain", "no@domain"),
        ] {
            assert_eq!(words(plain), masked);
        }
        assert_eq!(
            strict("changed from 15551230001 to 15551239999"),
            "changed from •••0001 to •••9999"
        );
    }

    #[test]
    fn what_is_kept_names_nobody() {
        let own = ["15551230001", "Ann Smith"];
        assert_eq!(
            redacted("ann asked, Mrs SMITH of 15551230001 (ann@x.test)", own),
            "••• asked, Mrs ••• of •••0001 (a•••@x.test)"
        );
        assert_eq!(redacted("a refund", own), "a refund");
        assert_eq!(redacted("İ Ann", own), DOTS);
    }

    #[test]
    fn every_text_of_a_card() {
        let mut card = json!({ "name": "Bob", "phones": [{ "phone": "+1 555 123 0001", "wa_id": "15551230001" }], "n": 1 });
        within(&mut card, address);
        assert_eq!(
            card,
            json!({ "name": "Bob", "phones": [{ "phone": "•••0001", "wa_id": "•••0001" }], "n": 1 })
        );
    }

    proptest! {
        #[test]
        fn any_text_can_be_masked(text in any::<String>()) {
            let _ = (address(&text), words(&text), strict(&text));
        }

        #[test]
        fn no_number_comes_through(before in "[a-z ,.]{0,9}", number in "[1-9][0-9]{6,13}", after in "[a-z ,]{0,9}") {
            let text = format!("{before} +{number} {after}");
            prop_assert!(!words(&text).contains(&number));
            prop_assert!(!address(&number).contains(&number));
        }
    }
}
