//! Letters within letters. A parser that reads them too makes a tree, and whoever sends thirty bytes a level makes one
//! whose end no stack can wait for. Here they are files like others, so the parser is told that they are.

use std::{borrow::Cow, ops::Range};

/// What stands for `message` and `digest`, as long as these.
const LETTER: (&[u8], &[u8]) = (b"message", b"unknown");
const DIGEST: (&[u8], &[u8]) = (b"digest", b"x-mail");

/// The type of a letter that is a file, as it is called in what [`flat`] made.
pub(crate) const FLAT_LETTER: &str = "unknown";

/// The letter with other types for the letters inside; the same bytes otherwise.
///
/// It looks for `Content-Type` wherever the parser could: white space in a name and the place in a line don't matter.
pub(crate) fn flat(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut flat = Cow::Borrowed(raw);
    let mut begin = 0;
    while begin < raw.len() {
        let end = begin + header_length(&raw[begin..]);
        if let Some(kind) = kind(&raw[begin..end]) {
            rename(&mut flat, begin + kind.start..begin + kind.end);
        }
        begin = end;
    }
    flat
}

fn rename(flat: &mut Cow<'_, [u8]>, kind: Range<usize>) {
    let is_there = |word: &[u8]| places(&flat[kind.clone()], word).next().is_some();
    let is_letter = is_there(b"rfc822") || is_there(b"global");
    for ((name, other), is_meant) in [(LETTER, is_letter), (DIGEST, true)] {
        let found: Vec<usize> = places(&flat[kind.clone()], name).filter(|_| is_meant).collect();
        for at in found {
            flat.to_mut()[kind.start + at..][..name.len()].copy_from_slice(other);
        }
    }
}

/// A line, and those that it goes on in.
fn header_length(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text)
        .find(|at| !matches!(text.get(at + 1), Some(b' ' | b'\t')))
        .map_or(text.len(), |at| at + 1)
}

/// Where the type is: up to the parameters, if nothing hides where these begin.
fn kind(header: &[u8]) -> Option<Range<usize>> {
    let mut colons = memchr::memchr_iter(b':', header).filter(|at| ends_in_content_type(&header[..*at]));
    let start = colons.next()?;
    let is_plain = colons.next().is_none() && !header[start..].contains(&b'(');
    let parameters = memchr::memchr(b';', &header[start..]).filter(|_| is_plain);
    Some(start..parameters.map_or(header.len(), |at| start + at))
}

fn ends_in_content_type(before: &[u8]) -> bool {
    let line = before.iter().rev().take_while(|byte| **byte != b'\n');
    let name = line.filter(|byte| !byte.is_ascii_whitespace());
    name.map(u8::to_ascii_lowercase)
        .take(12)
        .eq(b"content-type".iter().rev().copied())
}

fn places(text: &[u8], word: &[u8]) -> impl Iterator<Item = usize> {
    let windows = text.windows(word.len()).enumerate();
    windows
        .filter(move |(_, window)| window.eq_ignore_ascii_case(word))
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flattened(raw: &str) -> String {
        String::from_utf8(flat(raw.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn letters_within_are_renamed() {
        for (raw, expected) in [
            ("Content-Type: message/rfc822\r\n", "unknown/rfc822"),
            ("content-type:MESSAGE/RFC822", "unknown/RFC822"),
            ("C ontent-Type\t: message\r\n /global", "unknown\r\n /global"),
            ("--bContent-Type: message/rfc822", "unknown/rfc822"),
            ("Content-Type: (message;)message/(x)rfc822", ")unknown/(x)rfc822"),
            (
                "--a: Content-Type:;: Content-Type: message/rfc822",
                ": unknown/rfc822",
            ),
            (
                "a\r\nContent-Type: message/rfc822\r\n\r\nb",
                "unknown/rfc822\r\n\r\nb",
            ),
            ("Content-Type: multipart/digest; boundary=x", "multipart/x-mail;"),
        ] {
            assert!(flattened(raw).contains(expected), "{raw}: {}", flattened(raw));
        }
    }

    #[test]
    fn all_else_stays() {
        for raw in [
            "Content-Type: message/delivery-status\r\n",
            "Content-Type: text/rfc822-headers; name=message\r\n",
            "Content-Type: multipart/mixed; boundary=\"message-digest-rfc822\"\r\n",
            "Subject: message/rfc822\r\n",
            "A message/rfc822 and a digest: these are global",
            ":",
            "",
        ] {
            assert_eq!(flattened(raw), raw);
        }
    }
}
