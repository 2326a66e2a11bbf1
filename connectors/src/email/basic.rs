//! Basic credentials in a webhook's URL (RFC 7617), for providers that sign nothing.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use switchboard_domain::Secret;

use crate::signature::same;

/// Whether the `Authorization` header carries `secret`: `user:password`, or a password that any user may have.
pub(crate) fn basic_credentials_match(secret: &Secret, header: &HeaderValue) -> bool {
    let given = header.to_str().ok().and_then(|value| value.split_once(' '));
    let Some((_, encoded)) = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")) else {
        return false;
    };
    let decoded = STANDARD
        .decode(encoded.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(credentials) = decoded else {
        return false;
    };
    if secret.expose().contains(':') {
        return same(secret.expose(), &credentials);
    }
    let password = credentials.split_once(':').map(|(_, password)| password);
    password.is_some_and(|password| same(secret.expose(), password))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(secret: &str, header: &str) -> bool {
        basic_credentials_match(&Secret::new(secret), &HeaderValue::from_str(header).unwrap())
    }

    #[test]
    fn only_the_secret_passes() {
        let header = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        assert!(matches("user:pass", &header("user:pass")));
        assert!(matches("user:pa:ss", &header("user:pa:ss")));
        assert!(matches("pass", &header("anybody:pass")));
        for (secret, given) in [
            ("user:pass", header("user:")),
            ("user:pass", header("other:pass")),
            ("user:pass", header("user:pass ")),
            ("pass", header("pass")),
            ("pass", header(":")),
            ("", header("")),
            ("", header(":")),
            ("user:pass", "Basic user:pass".to_owned()),
            ("user:pass", "Bearer dXNlcjpwYXNz".to_owned()),
            ("user:pass", "Basic".to_owned()),
            ("user:pass", String::new()),
        ] {
            assert!(!matches(secret, &given), "{secret:?} {given:?}");
        }
    }
}
