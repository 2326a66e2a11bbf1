//! The workers on real MongoDB and Redis.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod discord;
mod files;
mod gateway;
mod ingest;
mod replies;
mod routing;
mod world;
