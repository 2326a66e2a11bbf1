//! The Slack connector through its public contract: real payloads, published signatures, a provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod events;
mod files;
mod fixtures;
mod fuzz;
mod interactions;
#[path = "../whatsapp/provider.rs"]
mod provider;
mod questions;
mod script;
mod sending;
mod signatures;
mod uploading;
mod wire;
