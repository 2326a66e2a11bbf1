//! An account, and requests signed for it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use switchboard_connectors::{
    Connector, Inbound, RawRequest, Rejected, Verified, find,
    signature::{Encoding, hmac_sha256},
};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Timestamp,
};

pub const SECRET: &str = "client-secret";
pub const TOKEN: &str = "shpat_very-secret-token";

pub fn shopify() -> &'static dyn Connector {
    find(Channel::Shopify)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(api_base_url: Option<String>) -> ChannelAccount {
    let secret = |name: &str, text: &str| (name.to_owned(), Secret::new(text));
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Shopify,
            account_id: "shop-test".to_owned(),
        },
        name: "Test".to_owned(),
        settings: AccountSettings {
            api_base_url,
            provider_account_id: Some("acme.myshopify.com".to_owned()),
            ..AccountSettings::default()
        },
        secrets: AccountSecrets([secret("signing_secret", SECRET), secret("access_token", TOKEN)].into()),
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: received_at(),
        updated_at: received_at(),
    }
}

pub fn request(headers: &[(&str, &str)], body: &[u8]) -> RawRequest {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers: map,
        body: Bytes::copy_from_slice(body),
    }
}

/// The verdict on a request that Shopify signed.
pub fn verify(headers: &[(&str, &str)], body: &[u8]) -> Result<Verified, Rejected> {
    let signature = hmac_sha256(&Secret::new(SECRET), body, Encoding::Base64);
    let headers = [headers, &[("X-Shopify-Hmac-Sha256", &signature)]].concat();
    shopify().verify(&account(None), request(&headers, body), received_at())
}

pub fn normalise(headers: &[(&str, &str)], body: &[u8]) -> Vec<Inbound> {
    shopify().normalise(&verify(headers, body).unwrap(), received_at())
}
