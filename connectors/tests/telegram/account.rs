//! An account, and requests with its proof.

use bytes::Bytes;
use http::{HeaderMap, Method};
use switchboard_connectors::{Connector, Inbound, RawRequest, Rejected, SendDecision, Verified, find};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Timestamp,
};

pub const NAME: &str = "telegram";
pub const SECRET: &str = "the-secret_token";
pub const TOKEN: &str = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11";
pub const HEADER: &str = "x-telegram-bot-api-secret-token";
pub const CONTACT: &str = "1111111";
pub const ACCEPTED: &str =
    r#"{"ok":true,"result":{"message_id":77,"chat":{"id":1111111,"type":"private"},"date":1760000000}}"#;
pub const FIXTURES: usize = 65;
pub const VECTORS: usize = 3;
/// Telegram knows no idempotency key.
pub const WHEN_LOST: SendDecision = SendDecision::Uncertain;
/// Bodies that reach the reading of what is in the middle.
pub const SHAPES: &[&str] = &[
    "{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},…}}",
    "{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"photo\":[{…}]}}",
    "{\"update_id\":1,\"callback_query\":{\"id\":1,\"from\":{\"id\":2},…}}",
    "{\"update_id\":1,…}",
];

pub fn connector() -> &'static dyn Connector {
    find(Channel::Telegram)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(api_base_url: Option<String>) -> ChannelAccount {
    let secret = |name: &str, text: &str| (name.to_owned(), Secret::new(text));
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Telegram,
            account_id: "telegram-test".to_owned(),
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

/// A request as Telegram would send it with this secret.
pub fn request(secret: &str, body: &[u8]) -> RawRequest {
    let mut headers = HeaderMap::new();
    headers.insert("X-Telegram-Bot-Api-Secret-Token", secret.parse().unwrap());
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

/// Some fixtures are the object inside an update, as a library's own tests have it.
pub fn as_webhook(name: &str, body: Vec<u8>) -> Vec<u8> {
    if !name.starts_with("teloxide-message-") {
        return body;
    }
    let is_reaction = name.contains("deserialize");
    let kind = if is_reaction {
        "message_reaction"
    } else {
        "message"
    };
    [format!("{{\"update_id\":1,\"{kind}\":").as_bytes(), &body, b"}"].concat()
}
