//! Mailgun: see README.md for what it covers.

mod account;
mod counterpart;
mod event;
mod media;
mod normalise;
mod send;
mod verify;

use std::num::NonZeroU32;

use async_trait::async_trait;
use switchboard_domain::{AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, Timestamp};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, email, text::TextUnit,
};

pub(crate) struct Mailgun;

static CAPABILITIES: Capabilities = Capabilities {
    title: "Mailgun",
    colour: "#c02428",
    can_send: true,
    reply_window: None,
    max_text: email::MAX_TEXT_CHARS,
    text_unit: TextUnit::Chars,
    max_caption_chars: email::MAX_TEXT_CHARS,
    media: email::MEDIA,
    receipts: email::RECEIPTS,
    sends_per_second: match NonZeroU32::new(50) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    },
    reactions: false,
    templates: false,
    interactive: false,
    replies: true,
    read_receipts: false,
    idempotent_send: false,
};

#[async_trait]
impl Connector for Mailgun {
    fn channel(&self) -> Channel {
        Channel::Mailgun
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

    fn largest_webhook(&self) -> usize {
        email::LARGEST_WEBHOOK
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

    fn takes_files(&self, _account: &ChannelAccount) -> bool {
        true
    }

    async fn mark_read(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Err(email::not_told())
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
        &counterpart::MailgunItself
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
