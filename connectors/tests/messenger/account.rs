//! An account, and requests signed for it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use switchboard_connectors::{
    Connector, Inbound, RawRequest, Rejected, Verified, find,
    signature::{Encoding, hmac_sha256},
};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Timestamp,
};

pub const SECRET: &str = "app-secret";
pub const TOKEN: &str = "EAAB-very-secret-token";

pub fn messenger() -> &'static dyn Connector {
    find(Channel::Messenger)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(api_base_url: Option<String>) -> ChannelAccount {
    let secret = |name: &str, text: &str| (name.to_owned(), Secret::new(text));
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Messenger,
            account_id: "page-test".to_owned(),
        },
        name: "Test".to_owned(),
        settings: AccountSettings {
            api_base_url,
            provider_account_id: Some("12345654332".to_owned()),
            ..AccountSettings::default()
        },
        secrets: AccountSecrets(
            [
                secret("signing_secret", SECRET),
                secret("access_token", TOKEN),
                secret("verify_token", "verify-me"),
            ]
            .into(),
        ),
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: received_at(),
        updated_at: received_at(),
    }
}

pub fn verify(body: &[u8]) -> Result<Verified, Rejected> {
    let signature = hmac_sha256(&Secret::new(SECRET), body, Encoding::LowerHex);
    let mut headers = HeaderMap::new();
    headers.insert(
        "X-Hub-Signature-256",
        format!("sha256={signature}").parse().unwrap(),
    );
    let request = RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body),
    };
    messenger().verify(&account(None), request, received_at())
}

pub fn normalise(body: &[u8]) -> Vec<Inbound> {
    messenger().normalise(&verify(body).unwrap(), received_at())
}
