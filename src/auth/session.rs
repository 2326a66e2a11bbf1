//! Refresh tokens, in a cookie that scripts can't read: the hub's word on a session and its generation, good once.
//!
//! A token is `session.generation.proof`, the proof an HMAC with the deployment's key. So nothing that would let anybody
//! in is stored, and a token that was used before is known for what it is however old it is.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header::COOKIE};
use rand::Rng;
use subtle::ConstantTimeEq;

use crate::keys::{Ring, hmac};

const NAME: &str = "switchboard_refresh";
/// The only place that reads it, so that it is sent nowhere else.
const PATH: &str = "/api/v1/auth";

/// Issues and proves refresh tokens.
pub struct RefreshTokens {
    /// This deployment's key first, then those it had before.
    keys: Vec<[u8; 32]>,
}

/// A session in a generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub session: String,
    pub generation: i64,
}

impl RefreshTokens {
    pub fn new(ring: &Ring) -> Self {
        let keys = std::iter::once(&ring.current).chain(&ring.previous);
        Self {
            keys: keys.map(|keys| keys.refresh).collect(),
        }
    }

    /// The token among the request's cookies, if it is one of ours.
    pub fn presented(&self, headers: &HeaderMap) -> Option<RefreshToken> {
        let cookies = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let (_, value) = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == NAME && !value.is_empty())?;
        let (said, proof) = value.rsplit_once('.')?;
        let proof = hex::decode(proof).ok()?;
        let proves = |key: &[u8; 32]| bool::from(hmac(key, &[said.as_bytes()]).as_slice().ct_eq(&proof));
        if !self.keys.iter().any(proves) {
            return None;
        }
        let (session, generation) = said.split_once('.')?;
        Some(RefreshToken {
            session: session.to_owned(),
            generation: generation.parse().ok()?,
        })
    }

    /// The `Set-Cookie` that hands a token to the browser.
    pub fn cookie(&self, token: &RefreshToken, ttl: Duration, secure: bool) -> Option<HeaderValue> {
        let said = format!("{}.{}", token.session, token.generation);
        let proof = hmac(self.keys.first()?, &[said.as_bytes()]);
        cookie(&format!("{said}.{}", hex::encode(proof)), ttl.as_secs(), secure)
    }
}

/// The `Set-Cookie` that takes it away.
pub fn cleared(secure: bool) -> Option<HeaderValue> {
    cookie("", 0, secure)
}

/// Names a sign-in.
pub fn fresh_id() -> String {
    let mut bytes = [0u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
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
    use switchboard_domain::Secret;

    use super::*;
    use crate::keys::Keys;

    fn tokens(secrets: &[&str]) -> RefreshTokens {
        let mut keys = secrets.iter().map(|secret| Keys::derive(&Secret::new(*secret)));
        RefreshTokens::new(&Ring {
            current: keys.next().unwrap(),
            previous: keys.collect(),
        })
    }

    fn token() -> RefreshToken {
        RefreshToken {
            session: fresh_id(),
            generation: 7,
        }
    }

    fn sent_back(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("theme=dark; {pair}").parse().unwrap());
        headers
    }

    #[test]
    fn the_cookie_comes_back_among_others_and_survives_a_new_key() {
        let (token, older) = (token(), tokens(&["a"]));
        let set = older.cookie(&token, Duration::from_mins(1), true).unwrap();
        let attributes = "; HttpOnly; Secure; SameSite=Strict; Path=/api/v1/auth; Max-Age=60";
        assert!(set.to_str().unwrap().ends_with(attributes), "{set:?}");
        let headers = sent_back(&set);
        assert_eq!(older.presented(&headers), Some(token.clone()));
        assert_eq!(tokens(&["b", "a"]).presented(&headers), Some(token));
        assert_eq!(tokens(&["b"]).presented(&headers), None);
    }

    #[test]
    fn what_the_hub_didnt_say_is_no_token() {
        let tokens = tokens(&["a"]);
        let set = tokens.cookie(&token(), Duration::from_mins(1), true).unwrap();
        let text = set.to_str().unwrap().replace(".7.", ".8.");
        assert_eq!(tokens.presented(&sent_back(&text.parse().unwrap())), None);
        let cleared = cleared(false).unwrap();
        assert_eq!(tokens.presented(&sent_back(&cleared)), None);
        assert!(!cleared.to_str().unwrap().contains("Secure"));
    }
}
