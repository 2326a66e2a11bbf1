//! The two parties of each test: an account of ours, and its provider as the connector's counterpart plays it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, header::CONTENT_TYPE};
use switchboard_connectors::{Connector, Event, InboundMessage, RawRequest, Rejected, Verified};
use switchboard_domain::{AccountKey, AccountSecrets, ChannelAccount, Secret, Timestamp};

/// A port of this machine at which nobody listens.
const NOWHERE: &str = "http://127.0.0.1:1";

pub fn now() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(connector: &dyn Connector) -> ChannelAccount {
    account_at(connector, NOWHERE)
}

pub fn account_at(connector: &dyn Connector, api_base_url: &str) -> ChannelAccount {
    let (settings, secrets) = connector.counterpart().account(api_base_url);
    assert!(secrets.signing_secret().is_some(), "{}", connector.channel());
    ChannelAccount {
        key: AccountKey {
            channel: connector.channel(),
            account_id: "account-1".to_owned(),
        },
        name: "Test".to_owned(),
        settings,
        secrets,
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: now(),
        updated_at: now(),
    }
}

/// Accounts that nobody can sign for: no secret at all, empty ones, and all but the one to sign with.
pub fn without_secrets(connector: &dyn Connector) -> [ChannelAccount; 3] {
    let full = account(connector);
    let mut none = full.clone();
    none.secrets = AccountSecrets::default();
    let mut empty = full.clone();
    for secret in empty.secrets.0.values_mut() {
        *secret = Secret::new("");
    }
    let mut unsigned = full;
    unsigned.secrets.0.remove("signing_secret");
    [none, empty, unsigned]
}

/// The same secret but for one character: a key of the same form, where a key has one.
pub fn changed(secret: &Secret) -> Secret {
    let mut text: Vec<char> = secret.expose().chars().collect();
    let middle = text.len() / 2;
    let at = (middle..text.len())
        .find(|at| text[*at].is_ascii_alphanumeric())
        .unwrap_or(middle);
    text[at] = if text[at] == '1' { '0' } else { '1' };
    Secret::new(text.into_iter().collect::<String>())
}

/// A webhook with this body, as it is before anybody signs it.
pub fn unsigned(connector: &dyn Connector, body: &[u8]) -> RawRequest {
    let content_type = connector.counterpart().message().content_type;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
    RawRequest {
        method: Method::POST,
        url: format!(
            "https://hub.example.com/webhooks/{}/account-1",
            connector.channel()
        ),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body),
    }
}

/// The counterpart's message, signed at [`now`].
pub fn signed(connector: &dyn Connector, account: &ChannelAccount) -> RawRequest {
    signed_body(connector, account, &connector.counterpart().message().body)
}

pub fn signed_body(connector: &dyn Connector, account: &ChannelAccount, body: &[u8]) -> RawRequest {
    let mut request = unsigned(connector, body);
    connector.counterpart().sign(account, &mut request, now());
    request
}

/// The one event of the counterpart's webhook.
pub fn event(connector: &dyn Connector) -> Event {
    let account = account(connector);
    let verified = connector
        .verify(&account, signed(connector, &account), now())
        .unwrap();
    let mut events = connector.normalise(&verified, now());
    assert_eq!(events.len(), 1, "{}: {events:?}", connector.channel());
    events.remove(0).event
}

/// The message that it is, on a channel on which people write.
pub fn message(connector: &dyn Connector) -> InboundMessage {
    match event(connector) {
        Event::Message(message) => message,
        other => panic!("{}: not a message: {other:?}", connector.channel()),
    }
}

/// Refused, and not for a fault of ours.
pub fn refused(verdict: &Result<Verified, Rejected>) -> bool {
    matches!(
        verdict,
        Err(Rejected::Unauthenticated(_) | Rejected::Malformed(_))
    )
}

pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
