//! LINE Messaging API: see README.md for what it covers.

mod account;
mod compose;
mod content;
mod counterpart;
mod error;
mod event;
mod interactive;
mod media;
mod normalise;
mod payload;
mod send;
mod verify;

use std::num::NonZeroU32;

use async_trait::async_trait;
use switchboard_domain::{AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, Timestamp};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, text::TextUnit,
};

pub(crate) struct Line;

const MB: u64 = 1024 * 1024;
const MAX_TEXT_CHARS: usize = 5000;

static CAPABILITIES: Capabilities = Capabilities {
    title: "LINE",
    colour: "#06c755",
    can_send: true,
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Utf16,
    max_caption_chars: MAX_TEXT_CHARS,
    media: &[
        media(MediaKind::Image, 10 * MB, &["image/jpeg", "image/png"]),
        media(
            MediaKind::Audio,
            200 * MB,
            &["audio/mp4", "audio/x-m4a", "audio/mpeg"],
        ),
        media(MediaKind::Video, 200 * MB, &["video/mp4"]),
        media(MediaKind::Sticker, MB, &["image/png"]),
    ],
    receipts: &[],
    sends_per_second: match NonZeroU32::new(2000) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: false,
    templates: false,
    interactive: true,
    // Quoting takes a token that comes with the quoted message and isn't its id.
    replies: false,
    read_receipts: false,
    idempotent_send: true,
};

const fn media(kind: MediaKind, max_bytes: u64, mime_types: &'static [&'static str]) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes,
        mime_types,
    }
}

#[async_trait]
impl Connector for Line {
    fn channel(&self) -> Channel {
        Channel::Line
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
        verify::acknowledge(request)
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

    async fn mark_read(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Err(SendError::give_up(
            "not_supported",
            "Telling customers on LINE that their message was read takes a token that isn't kept.",
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
        &counterpart::MessagingApi
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
