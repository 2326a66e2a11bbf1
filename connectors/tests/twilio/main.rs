//! The Twilio connector through its public contract: real payloads, published signatures, a provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod normalising;
mod sending;
mod signatures;
#[path = "../support_sms/mod.rs"]
#[expect(dead_code, reason = "shared with channels that use other parts of it")]
mod support;

use switchboard_connectors::{Connector, find};
use switchboard_domain::Channel;

fn twilio() -> &'static dyn Connector {
    find(Channel::Twilio)
}
