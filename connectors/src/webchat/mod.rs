//! Web chat, a channel of our own: see README.md for what it covers.

mod account;
mod counterpart;
mod identity;
mod normalise;
mod payload;
mod send;
mod verify;

use std::num::NonZeroU32;

use async_trait::async_trait;
use switchboard_domain::{
    AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, MessageStatus, Timestamp,
};

pub use account::{Field, FieldKind, Settings};
pub use identity::{proves_user, token_code, token_matches};
pub use payload::{
    Answer, Button, Envelope, Visitor, VisitorEvent, buttons, client_id, is_client_id, upload, uploaded,
};
pub use verify::signed;

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    KnownLanguage, MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, json,
    text::TextUnit,
};

pub(crate) struct Webchat;

/// No rule of anybody's: more than a person writes in a chat.
pub const MAX_TEXT_CHARS: usize = 10_000;
const MAX_FILE_BYTES: u64 = 25 * 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Web chat",
    colour: "#3d5af1",
    can_send: true,
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_TEXT_CHARS,
    media: &[
        any(MediaKind::Image),
        any(MediaKind::Audio),
        any(MediaKind::Video),
        any(MediaKind::Document),
    ],
    receipts: &[MessageStatus::Delivered, MessageStatus::Read],
    sends_per_second: match NonZeroU32::new(1_000) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: false,
    templates: false,
    interactive: true,
    replies: true,
    read_receipts: true,
    // The hub's own store is the visitor's mailbox, and a message lies in it once.
    idempotent_send: true,
};

const fn any(kind: MediaKind) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes: MAX_FILE_BYTES,
        mime_types: &[],
    }
}

#[async_trait]
impl Connector for Webchat {
    fn channel(&self) -> Channel {
        Channel::Webchat
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn handshake(&self, _account: &ChannelAccount, _query: &str) -> Handshake {
        Handshake::NotSupported
    }

    fn verify(
        &self,
        account: &ChannelAccount,
        request: RawRequest,
        now: Timestamp,
    ) -> Result<Verified, Rejected> {
        verify::verify(account, request, now)
    }

    fn acknowledge(&self, _account: &ChannelAccount, _request: &Verified) -> Acknowledgement {
        Acknowledgement::empty()
    }

    fn normalise(&self, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
        normalise::normalise(request.body(), received_at)
    }

    fn languages(&self, request: &Verified) -> Vec<KnownLanguage> {
        let visitor = &json::tree(request.body()).unwrap_or_default()["visitor"];
        KnownLanguage::read(&visitor["id"], &visitor["language"])
            .into_iter()
            .collect()
    }

    async fn send(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        outgoing: &Outgoing,
    ) -> Result<Receipt, SendError> {
        send::send(outgoing)
    }

    /// The widget hears of it with everything else that happens to its conversation; there is nobody to ask.
    async fn mark_read(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Ok(())
    }

    async fn fetch_media(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _media: &Media,
    ) -> Result<FetchedMedia, SendError> {
        Err(SendError::give_up(
            "not_supported",
            "A file of the web chat isn't at a provider: visitors upload it to the hub.",
        ))
    }

    async fn check_credentials(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
    ) -> Result<Option<String>, SendError> {
        Ok(None)
    }

    fn counterpart(&self) -> &'static dyn Counterpart {
        &counterpart::Shop
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
