//! Discord: see README.md for what it covers.

mod account;
mod codes;
mod compose;
mod content;
mod counterpart;
mod dispatch;
mod error;
pub mod gateway;
mod interaction;
mod media;
mod nonce;
mod normalise;
mod payload;
mod send;
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

pub(crate) struct Discord;

const MAX_TEXT_CHARS: usize = 2000;
/// What a server without boosts allows.
const MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Discord",
    colour: "#5865f2",
    can_send: true,
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_TEXT_CHARS,
    media: &[
        media(MediaKind::Image),
        media(MediaKind::Audio),
        media(MediaKind::Video),
        media(MediaKind::Document),
        media(MediaKind::Sticker),
    ],
    // By the gateway's echo.
    receipts: &[MessageStatus::Sent],
    sends_per_second: match NonZeroU32::new(50) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: true,
    templates: false,
    interactive: true,
    replies: true,
    read_receipts: false,
    idempotent_send: true,
};

const fn media(kind: MediaKind) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes: MAX_FILE_BYTES,
        mime_types: &[],
    }
}

#[async_trait]
impl Connector for Discord {
    fn channel(&self) -> Channel {
        Channel::Discord
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

    fn acknowledge(&self, account: &ChannelAccount, request: &Verified) -> Acknowledgement {
        verify::acknowledge(account, request.body())
    }

    fn normalise(&self, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
        normalise::normalise(request.body(), request.header(gateway::BOT_HEADER), received_at)
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
            "Discord doesn't tell customers that a message was read.",
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
        &counterpart::Application
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
