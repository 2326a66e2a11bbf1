//! `WooCommerce`: orders and customers as events. See README.md for what it covers.

mod account;
mod counterpart;
mod credentials;
mod normalise;
mod secret;
mod verify;

use async_trait::async_trait;
use switchboard_domain::{AccountSecrets, AccountSettings, Channel, ChannelAccount, Media, Timestamp};

use crate::{
    Acknowledgement, Capabilities, Connector, Counterpart, FetchedMedia, FieldError, Handshake, Inbound,
    Outgoing, RawRequest, Receipt, Rejected, SendError, Verified, shop,
};

pub(crate) struct Woocommerce;

const NAME: &str = "WooCommerce";

static CAPABILITIES: Capabilities = shop::capabilities(NAME, "#7f54b3");

#[async_trait]
impl Connector for Woocommerce {
    fn channel(&self) -> Channel {
        Channel::Woocommerce
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
        Acknowledgement {
            keep: !verify::is_ping(request.body()),
            ..Acknowledgement::empty()
        }
    }

    fn normalise(&self, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
        vec![normalise::normalise(request, received_at)]
    }

    async fn send(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _outgoing: &Outgoing,
    ) -> Result<Receipt, SendError> {
        Err(shop::cannot_send(NAME))
    }

    async fn mark_read(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _provider_message_id: &str,
    ) -> Result<(), SendError> {
        Err(shop::cannot_send(NAME))
    }

    async fn fetch_media(
        &self,
        _http: &reqwest::Client,
        _account: &ChannelAccount,
        _media: &Media,
    ) -> Result<FetchedMedia, SendError> {
        Err(shop::has_no_files(NAME))
    }

    async fn check_credentials(
        &self,
        http: &reqwest::Client,
        account: &ChannelAccount,
    ) -> Result<Option<String>, SendError> {
        credentials::check(http, account).await
    }

    fn counterpart(&self) -> &'static dyn Counterpart {
        &counterpart::Shop
    }

    fn check_account(
        &self,
        settings: &AccountSettings,
        secrets: &AccountSecrets,
    ) -> Result<(), Vec<FieldError>> {
        account::check(settings, secrets)
    }
}
