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

pub const NAME: &str = "line";
pub const SECRET: &str = "channel-secret";
pub const TOKEN: &str = "the-very-secret-channel-access-token";
pub const HEADER: &str = "x-line-signature";
pub const CONTACT: &str = "U206d25c2ea6bd87c17655609a1c37cb8";
pub const ACCEPTED: &str = r#"{"sentMessages":[{"id":"461230966842064897","quoteToken":"IStG5h1Tz7b"}]}"#;
pub const FIXTURES: usize = 35;
pub const VECTORS: usize = 12;
/// Sent again under the same retry key, a message is taken once.
pub const WHEN_LOST: SendDecision = SendDecision::Retry;
/// Bodies that reach the reading of what is in the middle.
pub const SHAPES: &[&str] = &[
    "{\"events\":[{…}]}",
    "{\"events\":[{\"type\":\"message\",\"source\":{\"userId\":\"U\"},\"message\":{\"id\":\"1\",…}}]}",
    "{\"events\":[…]}",
];

pub fn connector() -> &'static dyn Connector {
    find(Channel::Line)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(api_base_url: Option<String>) -> ChannelAccount {
    let secret = |name: &str, text: &str| (name.to_owned(), Secret::new(text));
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Line,
            account_id: "line-test".to_owned(),
        },
        name: "Test".to_owned(),
        settings: AccountSettings {
            api_base_url,
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

/// A request as the provider would send it with this secret.
pub fn request(secret: &str, body: &[u8]) -> RawRequest {
    let mut headers = HeaderMap::new();
    let signature = hmac_sha256(&Secret::new(secret), body, Encoding::Base64);
    headers.insert("X-Line-Signature", signature.parse().unwrap());
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
