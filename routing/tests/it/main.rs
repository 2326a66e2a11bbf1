//! The engine from outside: tables from the field's own rules, and properties under random worlds.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where its world is broken"
)]

mod build;
mod capacity;
mod classify;
mod eligible;
mod order;
mod pass;
mod rank;
mod steps;
mod world;
