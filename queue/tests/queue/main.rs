//! The queue against a real Redis (or Valkey), one server per test, which the tests stall, kill and flush.

mod crashes;
mod lanes;
mod live;
mod push;
mod server;
mod worker;
