//! A webhook request before and after its signature was checked; the type says which.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, Method,
    header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION},
};

use crate::signature::sha256_hex;

/// As it came in, from anybody. `body` holds the bytes of the wire: signatures are over those and no others.
#[derive(Clone, Debug)]
pub struct RawRequest {
    pub method: Method,
    /// The whole URL as the provider knows it (account's or deployment's public origin, path, query): some schemes sign
    /// it, and what a proxy made of it is of no use.
    pub url: String,
    /// Without the question mark, percent-encoded.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl RawRequest {
    /// A webhook without a body, as one by GET is, says what it says in the query, which is written as a form.
    #[must_use]
    pub(crate) fn by_query(mut self) -> Self {
        if self.body.is_empty() {
            self.body = Bytes::from(self.query.clone());
        }
        self
    }
}

/// What the provider has signed, or said over a connection that it let us make, and that is well-formed. Only a
/// connector makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    headers: Vec<(String, String)>,
    body: Bytes,
    nonce: Option<Nonce>,
}

/// What a provider signs in the place of the request itself, and uses for one request only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    pub value: String,
    /// Tells this request from any other that somebody may put the nonce to: the body's SHA-256.
    pub request: String,
    /// Afterwards its signature is too old for anything.
    pub expires_after: Duration,
}

/// A verified request on its way through the queue, the spool and the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRequest {
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// Carry credentials, so they are kept neither in the queue nor in the ledger, whatever a connector asks for.
const NEVER_KEPT: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

impl Verified {
    /// Keeps the body and, of the headers, those that the connector's `normalise` reads.
    pub(crate) fn new(request: RawRequest, keep: &[HeaderName]) -> Self {
        let headers = keep
            .iter()
            .filter(|name| !NEVER_KEPT.contains(name))
            .flat_map(|name| {
                let values = request.headers.get_all(name).iter();
                values.filter_map(|value| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            })
            .collect();
        Self {
            headers,
            body: request.body,
            nonce: None,
        }
    }

    /// Came over a connection that we opened to the provider and that it let us in to: that is the proof.
    pub(crate) fn by_connection(headers: Vec<(String, String)>, body: Bytes) -> Self {
        Self {
            headers,
            body,
            nonce: None,
        }
    }

    /// The signature covers this, and not what the request says.
    #[must_use]
    pub(crate) fn once(mut self, value: String, expires_after: Duration) -> Self {
        self.nonce = Some(Nonce {
            value,
            request: sha256_hex(&self.body),
            expires_after,
        });
        self
    }

    /// Adds what `normalise` has to know of the account's settings, as if it were a header.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    /// Back from the queue or the ledger: what is stored was verified before it was stored.
    pub fn restore(stored: StoredRequest) -> Self {
        Self {
            headers: stored.headers,
            body: stored.body,
            nonce: None,
        }
    }

    /// What mustn't come with another request. It was checked before anything was stored, so it isn't stored.
    pub fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }

    pub fn to_stored(&self) -> StoredRequest {
        StoredRequest {
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }

    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The first header of this name (in lower case), if the connector kept it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(kept, _)| kept == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why a request wasn't accepted; nothing of it is enqueued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// 401: not signed, or not by the provider.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// 400: signed, but not what the provider sends.
    #[error("{0}")]
    Malformed(String),
    /// 401, and worth a line in the log: the fault is in our account's settings.
    #[error("{0}")]
    Misconfigured(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_never_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer x".parse().unwrap());
        headers.insert(COOKIE, "session=x".parse().unwrap());
        headers.insert("x-topic", "orders".parse().unwrap());
        headers.insert("x-other", "unwanted".parse().unwrap());
        let request = RawRequest {
            method: Method::POST,
            url: String::new(),
            query: String::new(),
            headers,
            body: Bytes::from_static(b"{}"),
        };
        let verified = Verified::new(
            request,
            &[AUTHORIZATION, COOKIE, HeaderName::from_static("x-topic")],
        );
        let stored = verified.to_stored();
        assert_eq!(stored.headers, [("x-topic".to_owned(), "orders".to_owned())]);
        assert_eq!(Verified::restore(stored), verified);
        assert_eq!(verified.header("x-topic"), Some("orders"));
    }
}
