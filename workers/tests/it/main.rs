//! The workers on real MongoDB and Redis.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files;
mod ingest;
mod routing;
mod world;
