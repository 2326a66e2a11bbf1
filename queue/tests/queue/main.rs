//! The queue against a real Redis (or Valkey), one server per test, which the tests stall, kill and flush.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on fails there; clippy only sees the functions marked as tests"
)]

mod crashes;
mod lanes;
mod lease;
mod live;
mod once;
mod push;
mod server;
mod worker;
