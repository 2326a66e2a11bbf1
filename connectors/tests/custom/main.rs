//! The custom connector through its public contract: published signatures, the official library's, mappings of all
//! sorts, a receiver that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
#[path = "../shopify/damage.rs"]
mod damage;
mod fuzz;
mod mapping;
mod media;
mod normalising;
#[path = "../whatsapp/provider.rs"]
mod provider;
mod sending;
mod settings;
mod signatures;
