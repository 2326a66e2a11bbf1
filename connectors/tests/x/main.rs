//! The X connector through its public contract: both envelopes, the challenge, a provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod envelopes;
mod fixtures;
mod fuzz;
mod media;
#[path = "../whatsapp/provider.rs"]
mod provider;
#[path = "../slack/script.rs"]
mod script;
mod sending;
mod signatures;
mod uploading;
mod wire;
