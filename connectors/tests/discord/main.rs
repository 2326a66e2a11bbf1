//! The Discord connector through its public contract: interactions, a gateway's dispatches, published signatures, a
//! provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod answers;
mod dispatches;
mod fixtures;
mod fuzz;
mod interactions;
mod media;
#[path = "../whatsapp/provider.rs"]
mod provider;
mod sending;
mod signatures;
mod wire;
