//! The other end of the wire: what a provider sends and answers, so that demo and tests can play any of them.

use bytes::Bytes;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Timestamp};

use crate::RawRequest;

/// One provider's side of its contract.
pub trait Counterpart: Send + Sync {
    /// Settings and secrets of an account that works, whose provider listens at `api_base_url`.
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets);

    /// A webhook in which a customer writes one text message; not signed yet.
    fn message(&self) -> Example;

    /// Signs a request as the provider does: sets the headers, or what else of it carries the proof.
    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp);

    fn scheme(&self) -> Scheme;

    /// The answer with which the provider takes a text message: status and body.
    fn accepts(&self) -> (u16, &'static str);
}

/// The body of a webhook.
#[derive(Clone, Debug)]
pub struct Example {
    pub content_type: &'static str,
    pub body: Bytes,
}

/// What a scheme covers; tests that walk every channel try exactly this.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// Headers that carry the proof: without one of them, or with one changed, a request is refused. Empty if the proof
    /// is in the body.
    pub headers: &'static [&'static str],
    /// Any changed byte of the body is noticed.
    pub covers_body: bool,
    /// A changed URL is noticed.
    pub covers_url: bool,
    /// Seconds after which a signature is too old; `None`: it has no time.
    pub expires_after: Option<u64>,
}
