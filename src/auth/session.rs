//! Refresh sessions: a random token in a cookie that scripts can't read, new at every use; only its digest is stored.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header::COOKIE};
use rand::Rng;
use sha2::{Digest, Sha256};
use switchboard_domain::{Timestamp, UserId};
use switchboard_store::Session;

const NAME: &str = "switchboard_refresh";
/// The only place that reads it, so that it is sent nowhere else.
const PATH: &str = "/api/v1/auth";

/// A refresh token as the browser holds it.
pub struct RefreshToken(String);

impl RefreshToken {
    pub fn fresh() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random()))
    }

    /// From the request's cookies.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == NAME && !value.is_empty())
            .map(|(_, value)| Self(value.to_owned()))
    }

    /// What the store knows it by.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    pub fn session(&self, user_id: UserId, family: String, now: Timestamp, ttl: Duration) -> Session {
        Session {
            digest: self.digest(),
            family,
            user_id,
            expires_at: now.plus(ttl),
        }
    }

    /// The `Set-Cookie` that hands it to the browser.
    pub fn cookie(&self, ttl: Duration, secure: bool) -> Option<HeaderValue> {
        cookie(&self.0, ttl.as_secs(), secure)
    }
}

/// The `Set-Cookie` that takes it away.
pub fn cleared(secure: bool) -> Option<HeaderValue> {
    cookie("", 0, secure)
}

/// Names a sign-in: all refresh tokens that follow from it.
pub fn fresh_family() -> String {
    hex::encode(&random()[..16])
}

fn random() -> [u8; 32] {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn cookie(value: &str, max_age: u64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{NAME}={value}; HttpOnly{secure}; SameSite=Strict; Path={PATH}; Max-Age={max_age}");
    let mut header = HeaderValue::from_str(&text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_comes_back_among_others() {
        let token = RefreshToken::fresh();
        let set = token.cookie(Duration::from_mins(1), true).unwrap();
        let set = set.to_str().unwrap();
        assert!(
            set.contains("; HttpOnly; Secure; SameSite=Strict; Path=/api/v1/auth; Max-Age=60"),
            "{set}"
        );
        let pair = set.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("theme=dark; {pair}").parse().unwrap());
        assert_eq!(
            RefreshToken::from_headers(&headers).unwrap().digest(),
            token.digest()
        );
    }

    #[test]
    fn a_cleared_cookie_is_no_session() {
        let cleared = cleared(false).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            COOKIE,
            cleared
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .parse()
                .unwrap(),
        );
        assert!(RefreshToken::from_headers(&headers).is_none());
        assert!(!cleared.to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn tokens_differ_and_their_digest_is_no_token() {
        let (one, two) = (RefreshToken::fresh(), RefreshToken::fresh());
        assert_ne!(one.digest(), two.digest());
        assert!(!one.digest().contains(&one.0));
        assert_eq!(one.digest().len(), 64);
    }
}
