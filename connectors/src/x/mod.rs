//! X direct messages: see README.md for what it covers.

mod account;
mod codes;
mod compose;
mod content;
mod counterpart;
mod error;
mod event;
mod media;
mod normalise;
mod payload;
mod send;
mod upload;
mod verify;

use std::num::NonZeroU32;

use async_trait::async_trait;
use switchboard_domain::{
    AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, MessageStatus, Timestamp,
};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, text::TextUnit,
};

pub(crate) struct X;

const MB: u64 = 1024 * 1024;
const MAX_TEXT_CHARS: usize = 10_000;

static CAPABILITIES: Capabilities = Capabilities {
    title: "X",
    colour: "#000000",
    can_send: true,
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_TEXT_CHARS,
    media: &[
        media(
            MediaKind::Image,
            5 * MB,
            &["image/jpeg", "image/png", "image/gif", "image/webp"],
        ),
        media(MediaKind::Video, 512 * MB, &["video/mp4"]),
    ],
    receipts: &[MessageStatus::Read],
    sends_per_second: NonZeroU32::MIN,
    reactions: false,
    templates: false,
    interactive: false,
    replies: false,
    read_receipts: false,
    idempotent_send: false,
};

const fn media(kind: MediaKind, max_bytes: u64, mime_types: &'static [&'static str]) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes,
        mime_types,
    }
}

#[async_trait]
impl Connector for X {
    fn channel(&self) -> Channel {
        Channel::X
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn handshake(&self, account: &ChannelAccount, query: &str) -> Handshake {
        verify::handshake(account, query)
    }

    fn verify(
        &self,
        account: &ChannelAccount,
        request: RawRequest,
        _now: Timestamp,
    ) -> Result<Verified, Rejected> {
        verify::verify(account, request)
    }

    fn acknowledge(&self, _account: &ChannelAccount, _request: &Verified) -> Acknowledgement {
        Acknowledgement::empty()
    }

    fn normalise(&self, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
        normalise::normalise(request.body(), received_at)
    }

    async fn send(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        outgoing: &Outgoing,
    ) -> Result<Receipt, SendError> {
        send::send(http, account, outgoing).await
    }

    /// X fetches nothing by itself.
    fn takes_files(&self, _account: &ChannelAccount) -> bool {
        true
    }

    async fn mark_read(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Err(SendError::give_up(
            "not_supported",
            "X has no way any more to tell customers that a message was read.",
        ))
    }

    async fn fetch_media(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        media: &Media,
    ) -> Result<FetchedMedia, SendError> {
        media::fetch(http, account, media).await
    }

    async fn check_credentials(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
    ) -> Result<Option<String>, SendError> {
        send::check_credentials(http, account).await
    }

    fn counterpart(&self) -> &'static dyn Counterpart {
        &counterpart::Platform
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
