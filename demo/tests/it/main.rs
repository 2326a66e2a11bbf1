//! The fake against a small hub that records: over real sockets, checked with code of its own.

#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod control;
mod hub;
mod media;
mod phone;
mod scripted;
mod sends;
mod webhooks;
