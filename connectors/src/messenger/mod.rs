//! Facebook Messenger: see README.md for what it covers.

mod counterpart;

use std::{num::NonZeroU32, time::Duration};

use async_trait::async_trait;
use switchboard_domain::{
    AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, MessageStatus, Timestamp,
};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    MediaKind, MediaLimit, Outgoing, RawRequest, Receipt, Rejected, SendError, Verified,
    meta::{
        error::{Dictionary, GraphError},
        graph,
        messaging::{self, Dialect, TextLimit, cannot_mark_read, codes},
        signature,
    },
    text::TextUnit,
};

pub(crate) struct Messenger;

const MAX_TEXT_CHARS: usize = 2000;
/// Of text; files go at ten a second, which Meta itself answers for.
const SENDS_PER_SECOND: u32 = 300;
const ID_FORM: &str = "The page's id consists of digits.";

static DIALECT: Dialect = Dialect {
    name: "Messenger",
    base_url: "https://graph.facebook.com",
    dictionary: &Dictionary {
        known: codes::known,
        explanation: GraphError::user_message,
        no_reason: "Messenger refused the message and gave no reason.",
    },
    max_text: TextLimit::Chars(MAX_TEXT_CHARS),
    is_messenger: true,
};

const MB: u64 = 1024 * 1024;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Messenger",
    colour: "#0084ff",
    can_send: true,
    reply_window: Some(Duration::from_hours(24)),
    max_text: MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    // A call carries words or a file, never both.
    max_caption_chars: 0,
    media: &[
        media(
            MediaKind::Image,
            8 * MB,
            &["image/jpeg", "image/png", "image/gif"],
        ),
        media(MediaKind::Audio, 25 * MB, &[]),
        media(MediaKind::Video, 25 * MB, &[]),
        media(MediaKind::Document, 25 * MB, &[]),
    ],
    receipts: &[MessageStatus::Sent, MessageStatus::Delivered, MessageStatus::Read],
    sends_per_second: match NonZeroU32::new(SENDS_PER_SECOND) {
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

const fn media(kind: MediaKind, max_bytes: u64, mime_types: &'static [&'static str]) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes,
        mime_types,
    }
}

#[async_trait]
impl Connector for Messenger {
    fn channel(&self) -> Channel {
        Channel::Messenger
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
        messaging::normalise(request.body(), received_at)
    }

    async fn send(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        outgoing: &Outgoing,
    ) -> Result<Receipt, SendError> {
        messaging::send(http, account, outgoing, &DIALECT).await
    }

    async fn mark_read(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Err(cannot_mark_read())
    }

    async fn fetch_media(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
        media: &Media,
    ) -> Result<FetchedMedia, SendError> {
        messaging::fetch(http, account, media, &DIALECT).await
    }

    async fn check_credentials(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
    ) -> Result<Option<String>, SendError> {
        messaging::check_credentials(http, account, &DIALECT).await
    }

    fn counterpart(&self) -> &'static dyn Counterpart {
        &counterpart::Meta
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        graph::check(settings, secrets, ID_FORM)
    }
}
