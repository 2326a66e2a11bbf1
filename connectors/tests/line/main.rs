//! The LINE connector through its public contract: real payloads, published signatures, a provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
#[path = "../telegram/counterpart.rs"]
mod counterpart;
#[path = "../telegram/fixtures.rs"]
mod fixtures;
#[path = "../telegram/fuzz.rs"]
mod fuzz;
mod media;
mod normalising;
#[path = "../telegram/outcomes.rs"]
mod outcomes;
#[path = "../telegram/provider.rs"]
mod provider;
#[path = "../telegram/sdk.rs"]
mod sdk;
mod sending;
#[path = "../telegram/signatures.rs"]
mod signatures;
