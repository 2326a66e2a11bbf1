//! The `WooCommerce` connector through its public contract: real payloads, its signature and its unsigned ping, a shop
//! that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account;
mod credentials;
#[path = "../shopify/damage.rs"]
mod damage;
mod fixtures;
mod fuzz;
mod normalising;
#[path = "../whatsapp/provider.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod provider;
mod signatures;
