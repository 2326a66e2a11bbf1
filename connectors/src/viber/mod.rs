//! Viber bots (REST API): see README.md for what it covers.

mod account;
mod compose;
mod content;
mod counterpart;
mod error;
mod interactive;
mod media;
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
    KnownLanguage, MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, json,
    text::TextUnit,
};

pub(crate) struct Viber;

const MB: u64 = 1024 * 1024;
const MAX_TEXT_CHARS: usize = 7000;
const MAX_CAPTION_CHARS: usize = 768;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Viber",
    colour: "#7360f2",
    can_send: true,
    reply_window: None,
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: MAX_CAPTION_CHARS,
    media: &[
        media(MediaKind::Image, MB, &["image/jpeg", "image/png"]),
        // Sent as links.
        media(MediaKind::Audio, 200 * MB, &[]),
        media(MediaKind::Video, 200 * MB, &[]),
        media(MediaKind::Document, 200 * MB, &[]),
        media(MediaKind::Sticker, MB, &[]),
    ],
    receipts: &[
        MessageStatus::Delivered,
        MessageStatus::Read,
        MessageStatus::Failed,
    ],
    // Viber names no limit for single messages but answers with "too many requests".
    sends_per_second: match NonZeroU32::new(50) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: false,
    templates: false,
    interactive: true,
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
impl Connector for Viber {
    fn channel(&self) -> Channel {
        Channel::Viber
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

    fn languages(&self, request: &Verified) -> Vec<KnownLanguage> {
        let callback = json::tree(request.body()).unwrap_or_default();
        let people = ["sender", "user"].map(|who| &callback[who]);
        let known = |person: &serde_json::Value| KnownLanguage::read(&person["id"], &person["language"]);
        people.into_iter().filter_map(known).collect()
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
            "Viber doesn't tell customers that a bot has read their message.",
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
        &counterpart::RestApi
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
