//! An account, and requests signed for it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use switchboard_connectors::{
    Connector, Inbound, RawRequest, Rejected, SendDecision, Verified, find,
    signature::{Encoding, hmac_sha256},
};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Timestamp,
};

pub const NAME: &str = "viber";
pub const SECRET: &str = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3";
/// The same: Viber has one token for both ways.
pub const TOKEN: &str = SECRET;
pub const HEADER: &str = "x-viber-content-signature";
pub const CONTACT: &str = "01234567890A=";
pub const ACCEPTED: &str =
    r#"{"status":0,"status_message":"ok","message_token":5741311803571721087,"billing_status":1}"#;
pub const FIXTURES: usize = 10;
pub const VECTORS: usize = 6;
/// Viber knows no idempotency key.
pub const WHEN_LOST: SendDecision = SendDecision::Uncertain;
/// Bodies that reach the reading of what is in the middle.
pub const SHAPES: &[&str] = &[
    "{\"event\":\"message\",\"message_token\":1,\"sender\":{\"id\":\"A=\"},\"message\":{…}}",
    "{\"event\":\"failed\",…}",
    "{…}",
];

pub fn connector() -> &'static dyn Connector {
    find(Channel::Viber)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(api_base_url: Option<String>) -> ChannelAccount {
    let secret = |name: &str, text: &str| (name.to_owned(), Secret::new(text));
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Viber,
            account_id: "viber-test".to_owned(),
        },
        name: "Test".to_owned(),
        settings: AccountSettings {
            api_base_url,
            ..AccountSettings::default()
        },
        secrets: AccountSecrets([secret("signing_secret", SECRET)].into()),
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: received_at(),
        updated_at: received_at(),
    }
}

/// A request as the provider would send it with this secret.
pub fn request(secret: &str, body: &[u8]) -> RawRequest {
    let mut headers = HeaderMap::new();
    let signature = hmac_sha256(&Secret::new(secret), body, Encoding::LowerHex);
    headers.insert("X-Viber-Content-Signature", signature.parse().unwrap());
    RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body),
    }
}

pub fn verify(body: &[u8]) -> Result<Verified, Rejected> {
    connector().verify(&account(None), request(SECRET, body), received_at())
}

pub fn normalise(body: &[u8]) -> Vec<Inbound> {
    connector().normalise(&verify(body).unwrap(), received_at())
}

/// Fixtures are whole requests.
pub fn as_webhook(_name: &str, body: Vec<u8>) -> Vec<u8> {
    body
}
