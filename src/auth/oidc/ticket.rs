//! A sign-in under way: what the browser brings back is good only where it began.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue};
use rand::Rng;
use subtle::ConstantTimeEq;
use switchboard_domain::Timestamp;

use crate::{auth::word::Word, keys::Ring, keys::hmac};

/// Somebody may have to find their second factor first.
const LASTS: Duration = Duration::from_mins(10);

/// Issues and proves tickets.
pub struct Tickets {
    word: Word,
}

/// The state of one sign-in. Nonce and verifier follow from it and a key that only the hub has, so none is stored.
pub struct Ticket {
    pub state: String,
    pub nonce: String,
    /// Of the code that the provider gives (RFC 7636): 43 characters.
    pub verifier: String,
    pub until: Timestamp,
}

impl Ticket {
    fn of(key: &[u8; 32], state: &str, until: Timestamp) -> Self {
        let derived = |what: &[u8]| URL_SAFE_NO_PAD.encode(hmac(key, &[what, state.as_bytes()]));
        Self {
            state: state.to_owned(),
            nonce: derived(b"nonce:"),
            verifier: derived(b"verifier:"),
            until,
        }
    }

    /// Whether it is this state that comes back.
    pub fn is(&self, state: &str) -> bool {
        self.state.as_bytes().ct_eq(state.as_bytes()).into()
    }
}

impl Tickets {
    pub fn new(ring: &Ring) -> Self {
        Self {
            word: Word {
                name: "switchboard_oidc",
                path: "/api/v1/auth/oidc",
                // Strict would be left out when the provider's page sends the browser back.
                same_site: "Lax",
                keys: ring.each(|keys| keys.sign_in),
            },
        }
    }

    /// A new one, and the cookie that binds it to the browser.
    pub fn fresh(&self, provider: &str, now: Timestamp, secure: bool) -> Option<(Ticket, HeaderValue)> {
        let mut bytes = [0u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let state = URL_SAFE_NO_PAD.encode(bytes);
        let until = now.plus(LASTS);
        let ticket = Ticket::of(self.word.keys.first()?, &state, until);
        let said = format!("{provider}.{}.{state}", until.as_millis());
        Some((ticket, self.word.said(&said, LASTS, secure)?))
    }

    /// The one that this browser has, if it is for this provider and still good.
    pub fn presented(&self, headers: &HeaderMap, provider: &str, now: Timestamp) -> Option<Ticket> {
        let (said, key) = self.word.presented(headers)?;
        let (of, rest) = said.split_once('.')?;
        let (until, state) = rest.split_once('.')?;
        let until = Timestamp::from_millis(until.parse().ok()?);
        (of == provider && now < until).then(|| Ticket::of(key, state, until))
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
    use crate::keys::Keys;

    fn tickets(secret: &str) -> Tickets {
        Tickets::new(&Ring {
            current: Keys::derive(&Secret::new(secret)),
            previous: Vec::new(),
        })
    }

    fn sent_back(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        HeaderMap::from_iter([(COOKIE, pair.parse().unwrap())])
    }

    #[test]
    fn a_ticket_is_good_in_its_browser_at_its_provider_for_ten_minutes() {
        let (tickets, now) = (tickets("a"), Timestamp::from_secs(1_760_000_000));
        let (ticket, cookie) = tickets.fresh("acme", now, true).unwrap();
        let attributes = "; HttpOnly; Secure; SameSite=Lax; Path=/api/v1/auth/oidc; Max-Age=600";
        assert!(cookie.to_str().unwrap().ends_with(attributes), "{cookie:?}");
        let headers = sent_back(&cookie);
        let later = |secs| now.plus(Duration::from_secs(secs));
        let back = tickets.presented(&headers, "acme", later(599)).unwrap();
        assert!(back.is(&ticket.state) && !back.is("") && !back.is(&ticket.nonce));
        assert_eq!((&back.nonce, &back.verifier), (&ticket.nonce, &ticket.verifier));
        assert!(ticket.verifier.len() == 43 && ticket.verifier != ticket.nonce);
        assert!(tickets.presented(&headers, "acme", later(600)).is_none());
        assert!(tickets.presented(&headers, "other", now).is_none());
        assert!(
            super::tests::tickets("b")
                .presented(&headers, "acme", now)
                .is_none()
        );
        assert!(tickets.presented(&HeaderMap::new(), "acme", now).is_none());
        // Neither the nonce nor the verifier is in it.
        let text = cookie.to_str().unwrap();
        assert!(!text.contains(&ticket.nonce) && !text.contains(&ticket.verifier));
    }
}
