//! The Shopify connector through its public contract: real payloads, published signatures, the official library's
//! verdicts, a provider that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod credentials;
mod damage;
mod fixtures;
mod fuzz;
mod normalising;
#[path = "../whatsapp/provider.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod provider;
mod signatures;
