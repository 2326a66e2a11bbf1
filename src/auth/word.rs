//! The hub's word, given to a browser to bring back: text with its HMAC, in a cookie that scripts can't read.
//!
//! So nothing has to be stored that would let anybody in, and any node believes what another has said.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header::COOKIE};
use subtle::ConstantTimeEq;

use crate::keys::hmac;

/// A cookie, and what its text is proved with.
pub struct Word {
    pub name: &'static str,
    /// The only place that reads it, so that it is sent nowhere else.
    pub path: &'static str,
    /// `Strict`, or `Lax` where the browser comes back from somebody else's page.
    pub same_site: &'static str,
    /// This deployment's key first, then those it had before.
    pub keys: Vec<[u8; 32]>,
}

impl Word {
    /// What was said, and the key that proves it; `None` if nothing is presented that we said.
    pub fn presented<'a>(&'a self, headers: &'a HeaderMap) -> Option<(&'a str, &'a [u8; 32])> {
        let cookies = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let (_, value) = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == self.name && !value.is_empty())?;
        let (said, proof) = value.rsplit_once('.')?;
        let proof = hex::decode(proof).ok()?;
        let proves = |key: &&[u8; 32]| bool::from(hmac(*key, &[said.as_bytes()]).as_slice().ct_eq(&proof));
        Some((said, self.keys.iter().find(proves)?))
    }

    /// The `Set-Cookie` that hands it to the browser. What is said has no `;` and no white space.
    pub fn said(&self, said: &str, ttl: Duration, secure: bool) -> Option<HeaderValue> {
        let proof = hmac(self.keys.first()?, &[said.as_bytes()]);
        self.cookie(&format!("{said}.{}", hex::encode(proof)), ttl.as_secs(), secure)
    }

    /// The `Set-Cookie` that takes it away.
    pub fn cleared(&self, secure: bool) -> Option<HeaderValue> {
        self.cookie("", 0, secure)
    }

    fn cookie(&self, value: &str, max_age: u64, secure: bool) -> Option<HeaderValue> {
        let Self {
            name,
            path,
            same_site,
            ..
        } = self;
        let secure = if secure { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; HttpOnly{secure}; SameSite={same_site}; Path={path}; Max-Age={max_age}");
        let mut header = HeaderValue::from_str(&text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}
