//! Anything that speaks Standard Webhooks, both ways. See README.md.

mod account;
mod attachment;
mod counterpart;
mod mapping;
mod media;
mod message;
mod normalise;
mod path;
mod send;
mod verify;

use std::num::NonZeroU32;

use async_trait::async_trait;
use switchboard_domain::{AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, Timestamp};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, text::TextUnit,
};

pub(crate) struct Custom;

/// No rule of anybody's: more than a person writes, and less than a receiver's usual limit for a body.
const MAX_TEXT_CHARS: usize = 65_536;
const MAX_FILE_BYTES: u64 = 100 * 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Custom",
    colour: "#5b6474",
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
        any(MediaKind::Sticker),
    ],
    receipts: &[],
    sends_per_second: match NonZeroU32::new(20) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: true,
    templates: true,
    interactive: true,
    replies: true,
    read_receipts: false,
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
impl Connector for Custom {
    fn channel(&self) -> Channel {
        Channel::Custom
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
        normalise::normalise(request, received_at)
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
            "A custom channel isn't told that a message was read.",
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
        send::ping(http, account).await
    }

    fn counterpart(&self) -> &'static dyn Counterpart {
        &counterpart::Integration
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
