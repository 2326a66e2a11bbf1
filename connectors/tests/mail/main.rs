//! The mail connectors through their public contract: real payloads, published signatures, providers that misbehave.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod attachments;
mod fixtures;
mod fuzz;
mod letters;
mod normalising;
mod provider;
mod sdk;
mod sending;
mod signatures;
mod smtp;
mod wire;
