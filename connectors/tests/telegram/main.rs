//! The Telegram connector through its public contract: real payloads, published proofs, a provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod counterpart;
mod fixtures;
mod fuzz;
mod media;
mod normalising;
mod outcomes;
mod provider;
mod sdk;
mod sending;
mod signatures;
