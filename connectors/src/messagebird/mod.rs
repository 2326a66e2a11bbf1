//! MessageBird, now Bird: Conversations, SMS, and the Channels API of the new platform. See README.md for what it covers.

mod account;
mod bird;
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

pub(crate) struct Messagebird;

/// Nine parts of an SMS, the most that MessageBird joins; its other channels take no less.
const MAX_TEXT_CHARS: usize = 1377;
const MAX_CAPTION_CHARS: usize = 1024;
const MB: u64 = 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    title: "MessageBird",
    colour: "#2481d7",
    can_send: true,
    // SMS has none; messages to the other networks fail when theirs is closed.
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
        MessageStatus::Queued,
        MessageStatus::Sent,
        MessageStatus::Delivered,
        MessageStatus::Read,
        MessageStatus::Failed,
    ],
    sends_per_second: match NonZeroU32::new(50) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: false,
    templates: true,
    interactive: true,
    replies: true,
    read_receipts: false,
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
impl Connector for Messagebird {
    fn channel(&self) -> Channel {
        Channel::Messagebird
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
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Err(SendError::give_up(
            "not_supported",
            "MessageBird doesn't tell customers that we have read their message.",
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
        &counterpart::BirdSide
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
