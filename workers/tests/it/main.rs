//! The workers on real MongoDB and Redis.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod discord;
mod erasure;
mod files;
mod gateway;
mod ingest;
mod messenger;
mod replies;
mod retention;
mod routing;
mod spool;
mod world;
