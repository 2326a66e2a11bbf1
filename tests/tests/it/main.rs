//! The one integration binary: the real hub, real servers, and everything that can happen to them.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers between the tests fail them by panicking, too"
)]

mod hub;
mod servers;
