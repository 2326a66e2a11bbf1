//! An account, and requests signed for it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use switchboard_connectors::{
    Connector, Event, Inbound, InboundMessage, RawRequest, Rejected, Verified, find,
};
use switchboard_domain::{AccountKey, Channel, ChannelAccount, Timestamp};

pub const TOKEN: &str = "xoxb-the-access-token";

pub fn slack() -> &'static dyn Connector {
    find(Channel::Slack)
}

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn account(api_base_url: &str) -> ChannelAccount {
    let (settings, secrets) = slack().counterpart().account(api_base_url);
    ChannelAccount {
        key: AccountKey {
            channel: Channel::Slack,
            account_id: "slack-test".to_owned(),
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
    slack().counterpart().sign(&account, &mut request, received_at());
    slack().verify(&account, request, received_at())
}

pub fn normalise(body: &[u8]) -> Vec<Inbound> {
    slack().normalise(&verify(body).unwrap(), received_at())
}

/// The events of an `event_callback` with this event in it.
pub fn events(event: &Value) -> Vec<Event> {
    let body = serde_json::json!({
        "type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": "Ev1", "event_time": 1_700_000_000,
        "authorizations": [{ "team_id": "T1", "user_id": "UBOT", "is_bot": true }],
        "event": event,
    });
    let found = normalise(body.to_string().as_bytes());
    found.into_iter().map(|inbound| inbound.event).collect()
}

pub fn only(mut events: Vec<Event>) -> InboundMessage {
    match (events.pop(), events.is_empty()) {
        (Some(Event::Message(message)), true) => message,
        other => panic!("not one message: {other:?}"),
    }
}

pub fn kinds(events: &[Event]) -> Vec<&str> {
    let kind = |event: &'_ Event| match event {
        Event::Message(_) => "message",
        Event::Status(_) => "status",
        Event::Echo(_) => "echo",
        Event::Edited { .. } => "edited",
        Event::Deleted { .. } => "deleted",
        _ => "other",
    };
    events
        .iter()
        .map(|event| match event {
            Event::Unsupported { kind, .. } => kind.as_str(),
            event => kind(event),
        })
        .collect()
}
