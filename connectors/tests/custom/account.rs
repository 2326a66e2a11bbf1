//! An account, and requests signed for it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use switchboard_connectors::{Connector, Event, Inbound, RawRequest, Rejected, Verified, find, http_client};
use switchboard_domain::{AccountKey, Channel, ChannelAccount, Secret, Timestamp};

pub const SECRET: &str = "whsec_dGhlLXNpZ25pbmctc2VjcmV0LW9mLTMyLWJ5dGVz";

pub fn custom() -> &'static dyn Connector {
    find(Channel::Custom)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

/// The one that the connector's counterpart names.
pub fn account(api_base_url: &str) -> ChannelAccount {
    let (settings, secrets) = custom().counterpart().account(api_base_url);
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Custom,
            account_id: "custom-test".to_owned(),
        },
        name: "Test".to_owned(),
        settings,
        secrets,
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: received_at(),
        updated_at: received_at(),
    }
}

pub fn set_secret(account: &mut ChannelAccount, name: &str, text: &str) {
    account.secrets.0.insert(name.to_owned(), Secret::new(text));
}

pub fn with_mapping(mapping: Value) -> ChannelAccount {
    let mut account = account("https://hub.example/in");
    account.settings.other.insert("mapping".to_owned(), mapping);
    account
}

pub fn client() -> reqwest::Client {
    // A second call finds it installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    http_client().unwrap()
}

pub fn request(body: &[u8]) -> RawRequest {
    RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
    }
}

/// The verdict on a request that the other side signed.
pub fn verify(account: &ChannelAccount, body: &[u8]) -> Result<Verified, Rejected> {
    let mut request = request(body);
    custom().counterpart().sign(account, &mut request, received_at());
    custom().verify(account, request, received_at())
}

pub fn events(account: &ChannelAccount, body: &[u8]) -> Vec<Event> {
    let inbound = custom().normalise(&verify(account, body).unwrap(), received_at());
    inbound.into_iter().map(|Inbound { event, .. }| event).collect()
}
