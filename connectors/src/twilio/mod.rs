//! Twilio Programmable Messaging (SMS, MMS, WhatsApp): see README.md for what it covers.

mod account;
mod codes;
mod compose;
mod content;
mod counterpart;
mod error;
mod media;
mod normalise;
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

pub(crate) struct Twilio;

const MAX_TEXT_CHARS: usize = 1600;
/// All attachments of a message together.
const MAX_MEDIA_BYTES: u64 = 5 * 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Twilio",
    colour: "#f22f46",
    can_send: true,
    // Twilio's numbers may write at any time; those on WhatsApp are refused with code 63016 when the window is closed.
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_TEXT_CHARS,
    media: &[
        media(MediaKind::Image),
        media(MediaKind::Audio),
        media(MediaKind::Video),
        media(MediaKind::Document),
    ],
    receipts: &[
        MessageStatus::Queued,
        MessageStatus::Sent,
        MessageStatus::Delivered,
        MessageStatus::Read,
        MessageStatus::Failed,
    ],
    // Twilio keeps a queue of its own for what its numbers may not send at once.
    sends_per_second: match NonZeroU32::new(50) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: false,
    templates: true,
    interactive: false,
    replies: false,
    read_receipts: false,
    idempotent_send: false,
};

const fn media(kind: MediaKind) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes: MAX_MEDIA_BYTES,
        mime_types: &[],
    }
}

#[async_trait]
impl Connector for Twilio {
    fn channel(&self) -> Channel {
        Channel::Twilio
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
        _now: Timestamp,
    ) -> Result<Verified, Rejected> {
        verify::verify(account, request)
    }

    /// TwiML that says nothing: anything else, even words, would be sent to the customer or logged as an error.
    fn acknowledge(&self, _account: &ChannelAccount, _request: &Verified) -> Acknowledgement {
        Acknowledgement {
            content_type: "text/xml; charset=utf-8",
            body: r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#.to_owned(),
            ..Acknowledgement::empty()
        }
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
            "Twilio doesn't tell customers that we have read their message.",
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
        &counterpart::TwilioSide
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
