//! Accounts as each connector's counterpart makes them, and requests that it signed.

use bytes::Bytes;
use http::{HeaderMap, Method, header::CONTENT_TYPE};
use switchboard_connectors::{
    Connector, Event, Inbound, InboundMessage, RawRequest, Rejected, Verified, find,
};
use switchboard_domain::{AccountKey, Channel, ChannelAccount, Content, Email, Timestamp};

pub const CHANNELS: [Channel; 3] = [Channel::Mailgun, Channel::Sendgrid, Channel::Postmark];
pub const FORM: &str = "application/x-www-form-urlencoded";
pub const JSON: &str = "application/json";
pub const MULTIPART: &str = "multipart/form-data; boundary=xYzZY";

pub fn received_at() -> Timestamp {
    Timestamp::from_secs(1_790_000_000)
}

pub fn connectors() -> impl Iterator<Item = &'static dyn Connector> {
    CHANNELS.into_iter().map(find)
}

pub fn account(channel: Channel, api_base_url: &str) -> ChannelAccount {
    let (settings, secrets) = find(channel).counterpart().account(api_base_url);
    ChannelAccount {
        key: AccountKey {
            channel,
            account_id: "mail-test".to_owned(),
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

pub fn nowhere(channel: Channel) -> ChannelAccount {
    account(channel, "http://127.0.0.1:1")
}

pub fn unsigned(content_type: &str, body: &[u8]) -> RawRequest {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
    RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body),
    }
}

pub fn signed(channel: Channel, content_type: &str, body: &[u8]) -> RawRequest {
    let mut request = unsigned(content_type, body);
    let account = nowhere(channel);
    find(channel)
        .counterpart()
        .sign(&account, &mut request, received_at());
    request
}

pub fn verify(channel: Channel, content_type: &str, body: &[u8]) -> Result<Verified, Rejected> {
    let request = signed(channel, content_type, body);
    find(channel).verify(&nowhere(channel), request, received_at())
}

pub fn normalise(channel: Channel, content_type: &str, body: &[u8]) -> Vec<Inbound> {
    find(channel).normalise(&verify(channel, content_type, body).unwrap(), received_at())
}

pub fn only_event(channel: Channel, content_type: &str, body: &[u8]) -> Event {
    let [inbound] = <[Inbound; 1]>::try_from(normalise(channel, content_type, body)).unwrap();
    inbound.event
}

pub fn message(channel: Channel, content_type: &str, body: &[u8]) -> (InboundMessage, Email) {
    match normalise(channel, content_type, body).remove(0).event {
        Event::Message(message) => match &message.content {
            Content::Email(email) => (message.clone(), email.clone()),
            other => panic!("not a letter: {other:?}"),
        },
        other => panic!("not a message: {other:?}"),
    }
}

/// A multipart form of these fields: name, headers beside the disposition, bytes.
pub fn multipart(fields: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, headers, value) in fields {
        let head = format!("--xYzZY\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xYzZY--\r\n");
    body
}

/// The same with the three fields of Mailgun's signature, which go in front.
pub fn mailgun_form(fields: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://localhost/").unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}
