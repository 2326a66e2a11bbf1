//! The WhatsApp connector through its public contract: real payloads, published signatures, a provider that misbehaves.

mod account;
mod fixtures;
mod fuzz;
mod normalising;
mod provider;
mod sending;
mod signatures;
mod wire;
