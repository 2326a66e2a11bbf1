//! A provider to practise on: a fake Graph API, and the customer's phone that goes with it.
//!
//! [`FakeGraph`] listens on a loopback port. To the hub it is `graph.facebook.com`: it checks and records what the
//! hub sends, answers as the real one does (also with errors, throttling, silence and cut connections, when told to)
//! and posts signed webhooks back. To a person it is a phone: the page at `/` plays the customer, and the one at `/shop` is a company's, with
//! the web chat on it. To tests it is both,
//! through the methods of [`FakeGraph`] or, from another process, through `/_control`.
//!
//! It is for the demo and for tests only: it keeps everything in memory and asks nobody who they are.

mod chat;
mod control;
mod cut;
mod graph;
mod ids;
mod options;
mod phone;
mod providers;
mod record;
mod script;
mod server;
mod shop;
mod state;
mod statuses;
mod webhook;

pub use chat::{Entry, EntryState};
pub use options::{FakeGraphOptions, Statuses};
pub use record::{Kind, Recorded};
pub use script::Scripted;
pub use server::FakeGraph;
pub use webhook::{CustomerMessage, Posted, Signing};
