//! Somebody whom a provider has proved, and whom the hub still asks for their second factor.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use switchboard_domain::{Timestamp, UserId};

use crate::{auth::word::Word, keys::Ring};

const LASTS: Duration = Duration::from_mins(5);

pub struct Halfways {
    word: Word,
}

#[derive(Debug, PartialEq)]
pub struct Halfway {
    pub user: UserId,
    /// When the session is to end that may come of it.
    pub ends_at: Timestamp,
}

impl Halfways {
    pub fn new(ring: &Ring) -> Self {
        Self {
            word: Word {
                name: "switchboard_halfway",
                path: "/api/v1/auth/second-factor",
                same_site: "Strict",
                keys: ring.each(|keys| keys.sign_in),
            },
        }
    }

    pub fn cookie(&self, halfway: &Halfway, now: Timestamp, secure: bool) -> Option<HeaderValue> {
        let (until, ends_at) = (now.plus(LASTS).as_millis(), halfway.ends_at.as_millis());
        // Begins as no ticket does: the two have the same key.
        let said = format!("/halfway.{until}.{ends_at}.{}", halfway.user);
        self.word.said(&said, LASTS, secure)
    }

    pub fn presented(&self, headers: &HeaderMap, now: Timestamp) -> Option<Halfway> {
        let (said, _) = self.word.presented(headers)?;
        let mut parts = said.strip_prefix("/halfway.")?.splitn(3, '.');
        let mut time = || Some(Timestamp::from_millis(parts.next()?.parse().ok()?));
        let (until, ends_at) = (time()?, time()?);
        (now < until).then_some(Halfway {
            user: parts.next()?.into(),
            ends_at,
        })
    }

    pub fn cleared(&self, secure: bool) -> Option<HeaderValue> {
        self.word.cleared(secure)
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;
    use switchboard_domain::Secret;

    use super::*;
    use crate::{auth::oidc::Tickets, keys::Keys};

    #[test]
    fn a_ticket_is_not_half_the_way() {
        let ring = Ring {
            current: Keys::derive(&Secret::new("a")),
            previous: Vec::new(),
        };
        let (halfways, now) = (Halfways::new(&ring), Timestamp::from_secs(1_760_000_000));
        let halfway = Halfway {
            user: "u.1".into(),
            ends_at: now.plus(Duration::from_hours(8)),
        };
        let headers = |cookie: &HeaderValue, name: &str| {
            let (_, value) = cookie.to_str().unwrap().split_once('=').unwrap();
            let pair = format!("{name}={}", value.split(';').next().unwrap());
            HeaderMap::from_iter([(COOKIE, pair.parse().unwrap())])
        };
        let cookie = halfways.cookie(&halfway, now, true).unwrap();
        let own = headers(&cookie, "switchboard_halfway");
        assert_eq!(halfways.presented(&own, now), Some(halfway));
        assert_eq!(halfways.presented(&own, now.plus(LASTS)), None);
        let (_, ticket) = Tickets::new(&ring).fresh("acme", now, true).unwrap();
        assert_eq!(
            halfways.presented(&headers(&ticket, "switchboard_halfway"), now),
            None
        );
    }
}
