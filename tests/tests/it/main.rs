//! The one integration binary: the real hub, real servers, and everything that can happen to them.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers between the tests fail them by panicking, too"
)]

mod bad_input;
mod chat;
mod contract;
mod crash;
mod erasure;
mod files;
mod hub;
mod identity;
mod letters;
mod live;
mod outbound;
mod sdk;
mod servers;
mod world;
