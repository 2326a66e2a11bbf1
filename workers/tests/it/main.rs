//! The workers on real MongoDB and Redis.

mod ingest;
mod routing;
mod world;
