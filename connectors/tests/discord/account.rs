//! An account, and requests signed for it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use switchboard_connectors::{
    Connector, Event, Inbound, InboundMessage, RawRequest, Rejected, StoredRequest, Verified,
    discord::gateway::BOT_HEADER, find,
};
use switchboard_domain::{AccountKey, Channel, ChannelAccount, Timestamp};

pub const TOKEN: &str = "the.bots.access-token";

pub fn discord() -> &'static dyn Connector {
    find(Channel::Discord)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(api_base_url: &str) -> ChannelAccount {
    let (settings, secrets) = discord().counterpart().account(api_base_url);
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Discord,
            account_id: "discord-test".to_owned(),
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

pub fn request(body: &[u8]) -> RawRequest {
    RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
    }
}

pub fn verify(body: &[u8]) -> Result<Verified, Rejected> {
    let account = account("http://127.0.0.1:1");
    let mut request = request(body);
    discord()
        .counterpart()
        .sign(&account, &mut request, received_at());
    discord().verify(&account, request, received_at())
}

pub fn normalise(body: &[u8]) -> Vec<Inbound> {
    discord().normalise(&verify(body).unwrap(), received_at())
}

pub fn posted(body: &Value) -> Vec<Event> {
    let found = normalise(body.to_string().as_bytes());
    found.into_iter().map(|inbound| inbound.event).collect()
}

/// A dispatch as a gateway's connection stores it, with who we are.
pub fn dispatched(name: &str, data: &Value, bot: Option<&str>) -> Vec<Event> {
    let body = serde_json::json!({ "op": 0, "t": name, "s": 5, "d": data }).to_string();
    let headers = bot.map(|bot| (BOT_HEADER.to_owned(), bot.to_owned()));
    let stored = StoredRequest {
        headers: headers.into_iter().collect(),
        body: body.into_bytes().into(),
    };
    let found = discord().normalise(&Verified::restore(stored), received_at());
    found.into_iter().map(|inbound| inbound.event).collect()
}

pub fn only(mut events: Vec<Event>) -> InboundMessage {
    match (events.pop(), events.is_empty()) {
        (Some(Event::Message(message)), true) => message,
        other => panic!("not one message: {other:?}"),
    }
}
