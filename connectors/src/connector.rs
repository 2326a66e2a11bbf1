//! The contract between the hub and a channel.

use async_trait::async_trait;
use http::StatusCode;
use serde::Serialize;
use switchboard_domain::{AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, Timestamp};

use crate::{
    Capabilities, Counterpart, FetchedMedia, Inbound, KnownLanguage, Outgoing, RawRequest, Receipt, Rejected,
    SendError, Verified,
};

/// One channel. Stateless: the account comes with every call, and nothing has a permissive default (P8).
#[async_trait]
pub trait Connector: Send + Sync {
    fn channel(&self) -> Channel;

    fn capabilities(&self) -> &'static Capabilities;

    /// The provider's GET on the webhook's URL, with which it makes sure that the endpoint is ours.
    fn handshake(&self, account: &ChannelAccount, query: &str) -> Handshake;

    /// Proves that the provider sent this, then that it is well-formed enough for [`Self::normalise`] to be total.
    ///
    /// On the way to every acknowledgement: no tree is built and nothing is copied but what [`Verified`] keeps.
    fn verify(
        &self,
        account: &ChannelAccount,
        request: RawRequest,
        now: Timestamp,
    ) -> Result<Verified, Rejected>;

    /// The bytes that a webhook may have, where they are more than the deployment allows for a request
    /// (`http.max_body_bytes`): letters come with their files.
    fn largest_webhook(&self) -> usize {
        0
    }

    /// What the provider gets with its 200, and whether there is anything to keep: some only ask whether we are there.
    fn acknowledge(&self, account: &ChannelAccount, request: &Verified) -> Acknowledgement;

    /// What happened, in the order of the request. Never fails: what isn't known is `Event::Unsupported` with its raw
    /// JSON, and one damaged event doesn't take its neighbours along.
    fn normalise(&self, request: &Verified, received_at: Timestamp) -> Vec<Inbound>;

    /// The languages that the request's customers read, where the channel tells them.
    fn languages(&self, _request: &Verified) -> Vec<KnownLanguage> {
        Vec::new()
    }

    /// One attempt to hand the message over; the error carries what to do next. Where [`Capabilities::can_send`] is
    /// false it gives up and asks nobody.
    async fn send(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        outgoing: &Outgoing,
    ) -> Result<Receipt, SendError>;

    /// Whether our own files are handed over as bytes ([`Outgoing::files`]) rather than by a link that the provider or the
    /// customer follows. A link lives for some days, so this is for channels that keep files themselves.
    fn takes_files(&self, _account: &ChannelAccount) -> bool {
        false
    }

    /// Tells the customer that we have read their message (and all before it, where the provider sees it so).
    async fn mark_read(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        provider_message_id: &str,
    ) -> Result<(), SendError>;

    /// Gets a file that a customer sent. It follows only to hosts where the provider keeps files.
    async fn fetch_media(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        media: &Media,
    ) -> Result<FetchedMedia, SendError>;

    /// Asks the provider whether the account's credentials work; the name it knows the account by, if it says one.
    async fn check_credentials(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
    ) -> Result<Option<String>, SendError>;

    /// The provider's side of the contract, for the demo and for tests that walk every channel.
    fn counterpart(&self) -> &'static dyn Counterpart;

    /// Whether an account with these settings could work; every fault at once, for the form that asks for them.
    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// 200 with this body.
    Answer {
        content_type: &'static str,
        body: String,
    },
    /// 403.
    Refused,
    /// 405: this provider doesn't ask.
    NotSupported,
    /// No question: the provider also delivers by GET, and this is a webhook.
    Webhook,
}

impl Handshake {
    /// Of a provider that never asks, and tells in the query what it doesn't tell in a body.
    pub(crate) fn or_webhook(query: &str) -> Self {
        if query.is_empty() {
            Self::NotSupported
        } else {
            Self::Webhook
        }
    }
}

/// What a webhook that was taken is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// 200, unless the provider insists on another of the 2xx.
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: String,
    /// Whether the request holds events; otherwise it was a question, answered by this, and isn't enqueued.
    pub keep: bool,
}

impl Acknowledgement {
    /// 200 and nothing else, which is enough for most providers.
    pub fn empty() -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "text/plain; charset=utf-8",
            body: String::new(),
            keep: true,
        }
    }
}

/// What is wrong with one field of an account; `field` is its path in the request, as in `secrets.signing_secret`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}
