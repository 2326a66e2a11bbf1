//! Refresh tokens, in a cookie that scripts can't read: the hub's word on a session and its generation, good once.
//!
//! A token is `session.generation.proof`, the proof an HMAC with the deployment's key. So nothing that would let anybody
//! in is stored, and a token that was used before is known for what it is however old it is.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use rand::Rng;
use switchboard_domain::{Timestamp, UserId};
use switchboard_store::Session;

use super::{Origin, word::Word};
use crate::{app::App, error::ApiError, keys::Ring};

/// Issues and proves refresh tokens.
pub struct RefreshTokens {
    word: Word,
}

/// A session in a generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub session: String,
    pub generation: i64,
}

impl RefreshTokens {
    pub fn new(ring: &Ring) -> Self {
        Self {
            word: Word {
                name: "switchboard_refresh",
                path: "/api/v1/auth",
                same_site: "Strict",
                keys: ring.each(|keys| keys.refresh),
            },
        }
    }

    /// The token among the request's cookies, if it is one of ours.
    pub fn presented(&self, headers: &HeaderMap) -> Option<RefreshToken> {
        let (said, _) = self.word.presented(headers)?;
        let (session, generation) = said.split_once('.')?;
        Some(RefreshToken {
            session: session.to_owned(),
            generation: generation.parse().ok()?,
        })
    }

    /// The `Set-Cookie` that hands a token to the browser.
    pub fn cookie(&self, token: &RefreshToken, ttl: Duration, secure: bool) -> Option<HeaderValue> {
        let said = format!("{}.{}", token.session, token.generation);
        self.word.said(&said, ttl, secure)
    }

    /// The `Set-Cookie` that takes it away.
    pub fn cleared(&self, secure: bool) -> Option<HeaderValue> {
        self.word.cleared(secure)
    }
}

/// What a provider adds to a sign-in; a password adds nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vouched {
    /// When the provider has to be asked again.
    pub ends_at: Option<Timestamp>,
    /// It has asked for a second factor.
    pub second_factor: bool,
}

/// Begins a session of somebody who has proved who they are.
pub async fn begin(
    app: &App,
    user: &UserId,
    origin: Origin,
    vouched: Vouched,
) -> Result<RefreshToken, ApiError> {
    let now = app.clock.now();
    let expires_at = now.plus(app.config.auth.refresh_token_ttl());
    let session = Session {
        id: fresh_id(),
        user_id: user.clone(),
        created_at: now,
        used_at: now,
        expires_at: vouched.ends_at.map_or(expires_at, |end| end.min(expires_at)),
        ends_at: vouched.ends_at,
        second_factor: vouched.second_factor,
        ip: origin.ip.to_string(),
        user_agent: origin.user_agent,
    };
    app.store.sessions.insert(&session).await?;
    Ok(RefreshToken {
        session: session.id,
        generation: 1,
    })
}

/// Names a sign-in.
pub fn fresh_id() -> String {
    let mut bytes = [0u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;
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
        let cleared = tokens.cleared(false).unwrap();
        assert_eq!(tokens.presented(&sent_back(&cleared)), None);
        assert!(!cleared.to_str().unwrap().contains("Secure"));
    }
}
