//! Slack: see README.md for what it covers.

mod account;
mod codes;
mod compose;
mod content;
mod counterpart;
mod emoji;
mod error;
mod event;
mod files;
mod form;
mod interaction;
mod media;
mod normalise;
mod payload;
mod send;
mod text;
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

pub(crate) struct Slack;

/// What Slack advises; it cuts off at 40,000.
const MAX_TEXT_CHARS: usize = 4000;
/// A file is at most this long on any plan.
const MAX_FILE_BYTES: u64 = 1024 * 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    can_send: true,
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_TEXT_CHARS,
    media: &[
        media(MediaKind::Image, &["image/png", "image/jpeg", "image/gif"]),
        media(MediaKind::Audio, &[]),
        media(MediaKind::Video, &[]),
        media(MediaKind::Document, &[]),
    ],
    // Slack tells nothing of delivery, but repeats what was posted, with our own id in it.
    receipts: &[MessageStatus::Sent],
    // "Several hundred a minute" for a workspace; one a second for a channel is enforced by 429.
    sends_per_second: match NonZeroU32::new(5) {
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

const fn media(kind: MediaKind, mime_types: &'static [&'static str]) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes: MAX_FILE_BYTES,
        mime_types,
    }
}

#[async_trait]
impl Connector for Slack {
    fn channel(&self) -> Channel {
        Channel::Slack
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn handshake(&self, _account: &ChannelAccount, query: &str) -> Handshake {
        verify::handshake(query)
    }

    fn verify(
        &self,
        account: &ChannelAccount,
        request: RawRequest,
        now: Timestamp,
    ) -> Result<Verified, Rejected> {
        verify::verify(account, request, now)
    }

    fn acknowledge(&self, _account: &ChannelAccount, request: &Verified) -> Acknowledgement {
        verify::acknowledge(request.body())
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

    /// A link would be dead after some days, where Slack's people look things up for years.
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
            "Slack doesn't tell customers that a message was read.",
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
        &counterpart::Workspace
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
