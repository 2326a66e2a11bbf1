//! The engine from outside: tables from the field's own rules, and properties under random worlds.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where its world is broken"
)]

mod build;
mod calendar;
mod capacity;
mod classify;
mod eligible;
mod heavy;
mod lint;
mod order;
mod overflow;
mod pass;
mod rank;
mod recount;
mod returning;
mod shadow;
mod simulate;
mod sla;
mod steps;
mod validate;
mod world;
