//! WhatsApp Cloud API: see README.md for what it covers.

mod account;
mod codes;
mod compose;
mod content;
mod counterpart;
mod event;
mod identity;
mod interactive;
mod media;
mod normalise;
mod payload;
mod send;
mod upload;

use std::{num::NonZeroU32, time::Duration};

use async_trait::async_trait;
use switchboard_domain::{
    AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, MessageStatus, Timestamp,
};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, meta::signature,
    text::TextUnit,
};

pub(crate) struct Whatsapp;

const MB: u64 = 1024 * 1024;
const MAX_TEXT_CHARS: usize = 4096;
const MAX_CAPTION_CHARS: usize = 1024;

static CAPABILITIES: Capabilities = Capabilities {
    can_send: true,
    reply_window: Some(Duration::from_hours(24)),
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_CAPTION_CHARS,
    media: &[
        media(MediaKind::Image, 5 * MB, &["image/jpeg", "image/png"]),
        media(
            MediaKind::Audio,
            16 * MB,
            &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
        ),
        media(MediaKind::Video, 16 * MB, &["video/mp4", "video/3gpp"]),
        media(MediaKind::Document, 100 * MB, &[]),
        media(MediaKind::Sticker, 500 * 1024, &["image/webp"]),
    ],
    receipts: &[
        MessageStatus::Sent,
        MessageStatus::Delivered,
        MessageStatus::Read,
        MessageStatus::Failed,
    ],
    sends_per_second: match NonZeroU32::new(80) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: true,
    templates: true,
    interactive: true,
    replies: true,
    read_receipts: true,
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
impl Connector for Whatsapp {
    fn channel(&self) -> Channel {
        Channel::Whatsapp
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn handshake(&self, account: &ChannelAccount, query: &str) -> Handshake {
        signature::handshake(account, query)
    }

    fn verify(
        &self,
        account: &ChannelAccount,
        request: RawRequest,
        _now: Timestamp,
    ) -> Result<Verified, Rejected> {
        signature::verify(account, request)
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

    fn takes_files(&self, account: &ChannelAccount) -> bool {
        account::uploads(&account.settings)
    }

    async fn mark_read(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        provider_message_id: &str,
    ) -> Result<(), SendError> {
        send::mark_read(http, account, provider_message_id).await
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
        &counterpart::Meta
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
