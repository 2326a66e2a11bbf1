//! Forms as providers post mail: url-encoded (WHATWG URL, 5.1) or multipart (RFC 7578), the latter without copying.

use std::borrow::Cow;

use http::header::CONTENT_TYPE;
use memchr::memmem::Finder;

use super::charset;
use crate::{Rejected, Verified};

/// More fields than any provider sends.
const MAX_FIELDS: usize = 2_000;
/// RFC 2046, 5.1.1.
const MAX_BOUNDARY: usize = 70;

#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub name: String,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub value: Cow<'a, [u8]>,
}

impl Field<'_> {
    /// Fields with a file name are files, whatever else they say.
    pub fn is_file(&self) -> bool {
        self.file_name.is_some()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Form<'a>(Vec<Field<'a>>);

impl<'a> Form<'a> {
    /// `None`: the body is no whole form of this type.
    pub fn read(content_type: &str, body: &'a [u8]) -> Option<Self> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            url_encoded(body).map(Self)
        } else if kind.eq_ignore_ascii_case("multipart/form-data") {
            multipart(&parameter(content_type, "boundary")?, body).map(Self)
        } else {
            None
        }
    }

    /// As [`Self::read`], of a request that was verified and had its content type kept.
    pub fn of(request: &'a Verified) -> Option<Self> {
        Self::read(request.header(CONTENT_TYPE.as_str())?, request.body())
    }

    fn field(&self, name: &str) -> Option<&Field<'a>> {
        self.0.iter().find(|field| field.name == name && !field.is_file())
    }

    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.field(name).map(|field| field.value.as_ref())
    }

    /// The last field of this name, unless it is empty: a provider's own, where others may have put theirs before it.
    pub fn last(&self, name: &str) -> Option<String> {
        let mut fields = self.0.iter().rev();
        let field = fields.find(|field| field.name == name && !field.is_file())?;
        Some(String::from_utf8_lossy(&field.value).into_owned()).filter(|text| !text.is_empty())
    }

    /// The first field of this name, which isn't empty, in the charset that it says of itself.
    pub fn text(&self, name: &str) -> Option<String> {
        self.text_in(name, None)
    }

    /// The same for a form that tells the charset of a field elsewhere.
    pub fn text_in(&self, name: &str, charset: Option<&str>) -> Option<String> {
        let field = self.field(name).filter(|field| !field.value.is_empty())?;
        let own = field
            .content_type
            .as_deref()
            .and_then(|of| parameter(of, "charset"));
        Some(charset::decode(&field.value, charset.or(own.as_deref())))
    }

    pub fn files(&self) -> impl Iterator<Item = &Field<'a>> {
        self.0.iter().filter(|field| field.is_file())
    }
}

pub(crate) fn malformed() -> Rejected {
    Rejected::Malformed("the body is not a form".to_owned())
}

fn url_encoded(body: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let at = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let (name, value) = (&pair[..at], pair.get(at + 1..).unwrap_or_default());
        if fields.len() == MAX_FIELDS {
            return None;
        }
        fields.push(Field {
            name: String::from_utf8_lossy(&percent_decoded(name)).into_owned(),
            file_name: None,
            content_type: None,
            value: percent_decoded(value),
        });
    }
    Some(fields)
}

/// A percent sign that isn't followed by two digits stands for itself.
fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return Cow::Borrowed(text);
    }
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match (byte, digit(text.get(at)), digit(text.get(at + 1))) {
            (b'+', ..) => decoded.push(b' '),
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 2;
            }
            _ => decoded.push(*byte),
        }
    }
    Cow::Owned(decoded)
}

/// Line ends may be LF alone, as some relays make them.
fn multipart<'a>(boundary: &str, body: &'a [u8]) -> Option<Vec<Field<'a>>> {
    if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
        return None;
    }
    let delimiter = format!("--{boundary}");
    let mut fields = Vec::new();
    let mut start = None;
    for at in Finder::new(&delimiter).find_iter(body) {
        if at > 0 && body[at - 1] != b'\n' {
            continue;
        }
        let rest = &body[at + delimiter.len()..];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        let closes = line.starts_with(b"--");
        // The boundary may be the beginning of a longer line.
        if !closes && !line.trim_ascii().is_empty() {
            continue;
        }
        if let Some(start) = start {
            if fields.len() == MAX_FIELDS {
                return None;
            }
            fields.extend(part(body.get(start..at)?));
        }
        if closes {
            return Some(fields);
        }
        start = Some(at + delimiter.len() + line.len() + 1);
    }
    None
}

fn part(bytes: &[u8]) -> Option<Field<'_>> {
    // The line end before a delimiter is the delimiter's.
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let (head, value) = split_head(bytes)?;
    let head = String::from_utf8_lossy(head);
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    Some(Field {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename*")
            .map(|name| extended(&name))
            .or_else(|| parameter(disposition, "filename")),
        content_type: header("content-type").map(str::to_owned),
        value: Cow::Borrowed(value),
    })
}

fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = |end: &[u8]| memchr::memmem::find(bytes, end).map(|at| (at, at + end.len()));
    let (end, start) = match (blank(b"\r\n\r\n"), blank(b"\n\n")) {
        (Some(crlf), Some(lf)) => crlf.min(lf),
        (found, None) | (None, found) => found?,
    };
    Some((&bytes[..end], &bytes[start..]))
}

/// `name="value"` or `name=value` in a header's value.
pub(crate) fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some(at) = rest.find(';') {
        rest = rest[at + 1..].trim_start();
        let Some((given, after)) = rest.split_once('=') else {
            continue;
        };
        let is_it = given.trim().eq_ignore_ascii_case(name);
        let after = after.trim_start();
        if let Some(quoted) = after.strip_prefix('"') {
            let (text, length) = unquoted(quoted);
            if is_it {
                return Some(text);
            }
            rest = &quoted[length..];
        } else if is_it {
            return Some(after.split(';').next().unwrap_or_default().trim().to_owned());
        }
    }
    None
}

/// Up to the closing quote, and how long that was. Browsers write a quote as `%22`, others with a backslash.
fn unquoted(text: &str) -> (String, usize) {
    let mut content = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (content.replace("%22", "\""), at),
            // Internet Explorer sent whole paths, in which a backslash is only that.
            '\\' if text[at + 1..].starts_with(['"', '\\']) => {
                content.extend(characters.next().map(|(_, escaped)| escaped));
            }
            _ => content.push(character),
        }
    }
    (content, text.len())
}

/// `UTF-8''na%C3%AFve.txt` (RFC 8187).
fn extended(value: &str) -> String {
    let mut pieces = value.splitn(3, '\'');
    match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(charset), Some(_), Some(text)) => {
            // Only the percent signs: a plus stands for itself here.
            let text = text.replace('+', "%2B");
            charset::decode(&percent_decoded(text.as_bytes()), Some(charset))
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MULTIPART: &str = "multipart/form-data; boundary=\"x y\"";

    type Plain = (String, Option<String>, Vec<u8>);

    fn fields(content_type: &str, body: &[u8]) -> Option<Vec<Plain>> {
        let form = Form::read(content_type, body)?;
        let plain = |field: Field<'_>| (field.name, field.file_name, field.value.into_owned());
        Some(form.0.into_iter().map(plain).collect())
    }

    #[test]
    fn pairs_are_decoded_and_damage_stands_for_itself() {
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let read = fields(kind, b"a=1+2&b=%C3%A9%&&c&d=x=y&%zz=%4").unwrap();
        let expected: [(&str, &[u8]); 5] = [
            ("a", b"1 2"),
            ("b", "é%".as_bytes()),
            ("c", b""),
            ("d", b"x=y"),
            ("%zz", b"%4"),
        ];
        for (read, (name, value)) in read.iter().zip(expected) {
            assert_eq!((read.0.as_str(), read.2.as_slice()), (name, value));
        }
        assert_eq!(read.len(), 5);
        assert!(fields("text/plain", b"a=1").is_none());
    }

    #[test]
    fn parts_keep_their_bytes() {
        let body = b"preamble\r\n--x y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x yz\r\n\r\n\
            --x y \r\ncontent-disposition: form-data; filename=\"a \\\"b\\\";c.bin\"; name=file\r\nContent-Type: x/y\r\n\r\n\xff\n\r\n\r\n\
            --x y\r\nContent-Disposition: form-data; name=\"n\"; filename*=UTF-8''na%C3%AFve+1.txt\r\n\r\n\r\n--x y--\r\nepilogue";
        let read = fields(MULTIPART, body).unwrap();
        assert_eq!(read[0], ("a".into(), None, b"1\r\n--x yz\r\n".to_vec()));
        assert_eq!(
            read[1],
            (
                "file".into(),
                Some("a \"b\";c.bin".into()),
                b"\xff\n\r\n".to_vec()
            )
        );
        assert_eq!(read[2], ("n".into(), Some("naïve+1.txt".into()), Vec::new()));
        let with_lf = b"--x y\nContent-Disposition: form-data; name=a\n\n1\n\n2\n--x y--";
        assert_eq!(fields(MULTIPART, with_lf).unwrap()[0].2, b"1\n\n2");
    }

    #[test]
    fn half_a_form_is_none() {
        for body in [
            &b""[..],
            b"--x y",
            b"--x y\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
            b"a--x y--",
        ] {
            assert!(fields(MULTIPART, body).is_none(), "{body:?}");
        }
        assert_eq!(fields(MULTIPART, b"--x y--"), Some(Vec::new()));
        assert!(fields("multipart/form-data", b"--x y--").is_none());
        let many = "a&".repeat(MAX_FIELDS + 1);
        assert!(fields("application/x-www-form-urlencoded", many.as_bytes()).is_none());
    }

    #[test]
    fn a_field_has_its_own_charset_or_the_forms() {
        let body = b"--x y\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=\"koi8-r\"\r\n\r\n\xf0\xf2\xe9\r\n--x y--";
        let form = Form::read(MULTIPART, body).unwrap();
        assert_eq!(form.text("a").as_deref(), Some("ПРИ"));
        assert_eq!(form.text_in("a", Some("iso-8859-1")).as_deref(), Some("ðòé"));
        assert_eq!(form.text("b"), None);
    }
}
