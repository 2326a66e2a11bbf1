//! Vonage: Messages API (SMS, MMS, WhatsApp, Messenger, Viber) and the older SMS API. See README.md for what it covers.

mod account;
mod codes;
mod compose;
mod content;
mod counterpart;
mod error;
mod media;
mod normalise;
mod payload;
mod send;
mod sms;
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

pub(crate) struct Vonage;

/// What the tightest of its channels takes (Messenger); the others take more.
const MAX_TEXT_CHARS: usize = 640;
const MAX_CAPTION_CHARS: usize = 1000;
const MB: u64 = 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Vonage",
    colour: "#871fff",
    can_send: true,
    // SMS has none; WhatsApp and Messenger refuse with code 1340 when theirs is closed.
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_CAPTION_CHARS,
    media: &[
        media(MediaKind::Image, 5 * MB),
        media(MediaKind::Audio, 16 * MB),
        media(MediaKind::Video, 16 * MB),
        media(MediaKind::Document, 100 * MB),
        media(MediaKind::Sticker, MB / 2),
    ],
    receipts: &[
        MessageStatus::Sent,
        MessageStatus::Delivered,
        MessageStatus::Read,
        MessageStatus::Failed,
    ],
    sends_per_second: match NonZeroU32::new(30) {
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

const fn media(kind: MediaKind, max_bytes: u64) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes,
        mime_types: &[],
    }
}

#[async_trait]
impl Connector for Vonage {
    fn channel(&self) -> Channel {
        Channel::Vonage
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn handshake(&self, _account: &ChannelAccount, query: &str) -> Handshake {
        Handshake::or_webhook(query)
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
        send::check_credentials(http, account).await
    }

    fn counterpart(&self) -> &'static dyn Counterpart {
        &counterpart::VonageSide
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
