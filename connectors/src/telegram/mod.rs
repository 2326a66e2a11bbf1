//! Telegram Bot API: see README.md for what it covers.

mod account;
mod acknowledge;
mod compose;
mod content;
mod counterpart;
mod error;
mod event;
mod files;
mod identity;
mod keyboard;
mod media;
mod normalise;
mod payload;
mod send;
mod service;
mod verify;

use std::num::NonZeroU32;

use async_trait::async_trait;
use switchboard_domain::{AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, Timestamp};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    KnownLanguage, MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified,
    text::TextUnit,
};

pub(crate) struct Telegram;

const MB: u64 = 1024 * 1024;
const MAX_TEXT_CHARS: usize = 4096;
const MAX_CAPTION_CHARS: usize = 1024;

/// Files go by URL, where Telegram takes 5 MB of a picture and 20 MB of anything else (Bot API, "Sending files").
static CAPABILITIES: Capabilities = Capabilities {
    title: "Telegram",
    colour: "#26a5e4",
    can_send: true,
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Utf16,
    max_caption_chars: MAX_CAPTION_CHARS,
    media: &[
        media(
            MediaKind::Image,
            5 * MB,
            &["image/jpeg", "image/png", "image/webp"],
        ),
        media(
            MediaKind::Audio,
            20 * MB,
            &["audio/mpeg", "audio/mp4", "audio/ogg"],
        ),
        media(MediaKind::Video, 20 * MB, &["video/mp4"]),
        media(
            MediaKind::Document,
            20 * MB,
            &["application/pdf", "application/zip", "image/gif"],
        ),
        media(MediaKind::Sticker, 20 * MB, &["image/webp", "video/webm"]),
    ],
    receipts: &[],
    sends_per_second: match NonZeroU32::new(30) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: true,
    templates: false,
    interactive: true,
    replies: true,
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
impl Connector for Telegram {
    fn channel(&self) -> Channel {
        Channel::Telegram
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
        _now: Timestamp,
    ) -> Result<Verified, Rejected> {
        verify::verify(account, request)
    }

    fn acknowledge(&self, _account: &ChannelAccount, request: &Verified) -> Acknowledgement {
        acknowledge::acknowledge(request.body())
    }

    fn normalise(&self, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
        normalise::normalise(request.body(), received_at)
    }

    fn languages(&self, request: &Verified) -> Vec<KnownLanguage> {
        normalise::languages(request.body())
    }

    async fn send(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        outgoing: &Outgoing,
    ) -> Result<Receipt, SendError> {
        send::send(http, account, outgoing).await
    }

    async fn mark_read(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Err(SendError::give_up(
            "not_supported",
            "Telegram doesn't tell customers that a bot has read their message.",
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
        media::check_credentials(http, account).await
    }

    fn counterpart(&self) -> &'static dyn Counterpart {
        &counterpart::BotApi
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
