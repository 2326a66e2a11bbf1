//! The frames of the gateway, read and written.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{json, value::RawValue};
use switchboard_domain::Secret;

use super::Session;

pub(super) const DISPATCH: u64 = 0;
pub(super) const HEARTBEAT: u64 = 1;
const IDENTIFY: u64 = 2;
const RESUME: u64 = 6;
pub(super) const RECONNECT: u64 = 7;
pub(super) const INVALID_SESSION: u64 = 9;
pub(super) const HELLO: u64 = 10;
pub(super) const HEARTBEAT_ACK: u64 = 11;

/// Messages and reactions in servers and between two, and what messages say.
pub(super) const INTENTS: u64 = 1 << 9 | 1 << 10 | 1 << 12 | 1 << 13 | 1 << 15;

#[derive(Deserialize)]
pub(super) struct Frame<'a> {
    pub op: u64,
    #[serde(borrow, default)]
    d: Option<&'a RawValue>,
    #[serde(rename = "s", default)]
    pub sequence: Option<u64>,
    #[serde(rename = "t", borrow, default)]
    pub name: Option<&'a str>,
}

#[derive(Deserialize)]
pub(super) struct Ready {
    pub session_id: String,
    pub resume_gateway_url: String,
    pub user: Bot,
}

#[derive(Deserialize)]
pub(super) struct Bot {
    pub id: String,
}

#[derive(Deserialize)]
struct Hello {
    heartbeat_interval: u64,
}

impl<'a> Frame<'a> {
    pub fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub fn data<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.d?.get()).ok()
    }

    pub fn heartbeat_interval(&self) -> Option<Duration> {
        let millis = self.data::<Hello>()?.heartbeat_interval;
        (millis > 0).then(|| Duration::from_millis(millis))
    }
}

pub(super) fn heartbeat(session: Option<&Session>) -> Secret {
    let sequence = session.map(|session| session.sequence);
    Secret::new(json!({ "op": HEARTBEAT, "d": sequence }).to_string())
}

pub(super) fn identify(token: &Secret, intents: u64) -> Secret {
    let frame = json!({ "op": IDENTIFY, "d": {
        "token": token.expose(),
        "intents": intents,
        "properties": { "os": std::env::consts::OS, "browser": "switchboard", "device": "switchboard" },
    } });
    Secret::new(frame.to_string())
}

pub(super) fn resume(token: &Secret, session: &Session) -> Secret {
    let frame = json!({ "op": RESUME, "d": {
        "token": token.expose(),
        "session_id": session.id,
        "seq": session.sequence,
    } });
    Secret::new(frame.to_string())
}
