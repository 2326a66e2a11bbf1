//! The Instagram connector through its public contract: real payloads, published signatures, a provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod fixtures;
mod fuzz;
mod normalising;
mod provider;
mod sending;
mod signatures;
