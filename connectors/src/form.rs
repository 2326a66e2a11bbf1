//! Bodies in `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use crate::Rejected;

/// Whether a body can be such a form: at least one named field, and nothing that its encoding leaves no room for.
pub(crate) fn check(body: &[u8]) -> Result<(), Rejected> {
    if !body.iter().all(u8::is_ascii_graphic) || !is_encoded(body) {
        return Err(malformed());
    }
    let named = |piece: &[u8]| {
        piece
            .iter()
            .position(|byte| *byte == b'=')
            .is_some_and(|at| at > 0)
    };
    if body.split(|byte| *byte == b'&').any(named) {
        Ok(())
    } else {
        Err(malformed())
    }
}

/// After each `%` two hexadecimal digits.
fn is_encoded(body: &[u8]) -> bool {
    let mut escapes = body.split(|byte| *byte == b'%').skip(1);
    escapes.all(|rest| rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit))
}

fn malformed() -> Rejected {
    Rejected::Malformed("the body is not a form".to_owned())
}

/// The fields, decoded, in their order. What isn't UTF-8 becomes U+FFFD.
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    pub fn parse(body: &'a [u8]) -> Self {
        Self(form_urlencoded::parse(body).collect())
    }

    pub fn pairs(&self) -> &[(Cow<'a, str>, Cow<'a, str>)] {
        &self.0
    }

    pub fn into_pairs(self) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        self.0
    }

    /// The first field of this name that isn't empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_ref())
    }

    /// The same as something to keep.
    pub fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

/// Fields as a body.
pub(crate) fn encode<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_pass_and_other_bodies_do_not() {
        for body in ["a=b", "a=", "a=b&c", "&a=b", "Body=It%27s+%00%FF"] {
            assert_eq!(check(body.as_bytes()), Ok(()), "{body}");
        }
        let refused: [&[u8]; 10] = [
            b"",
            b"garbage",
            b"{\"a\":1}",
            b"=a",
            b"a=b c",
            b"a=\xff",
            b"a=b\n",
            b"a=%",
            b"a=%f&b=",
            b"a=%%20",
        ];
        for body in refused {
            assert!(check(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn fields_are_decoded_and_the_first_that_says_something_counts() {
        let form = Form::parse(b"a=&a=1+2%2B3&b=%00%ff&a=4");
        assert_eq!(form.get("a"), Some("1 2+3"));
        assert_eq!(form.get("b"), Some("\0\u{fffd}"));
        assert_eq!(form.get("c"), None);
        assert_eq!(form.pairs().len(), 4);
        assert_eq!(encode([("a b", "ü&"), ("c", "")]), "a+b=%C3%BC%26&c=");
    }
}
