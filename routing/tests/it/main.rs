//! The engine from outside: tables from the field's own rules, and properties under random worlds.

mod build;
mod capacity;
mod classify;
mod eligible;
mod order;
mod pass;
mod rank;
mod steps;
mod world;
