//! What the tests of every room stand on: real servers that can be killed, the real hub, signed webhooks, the API
//! and a console as outsiders have them, and waiting with a deadline.
//!
//! A test that only needs *a* database and *a* Redis takes [`Isolated`]; one that breaks them starts its own [`Mongo`] and [`Valkey`].
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "this crate runs inside tests: a panic is how it fails one"
)]

pub mod api;
mod console;
pub mod desk;
mod http;
mod hub;
mod isolated;
mod mongo;
mod poll;
mod ports;
mod process;
mod program;
mod scratch;
pub mod scripts;
mod valkey;
pub mod visitor;
pub mod wa;

pub use api::{Answer, Api};
pub use console::{Console, Event};
pub use desk::{Customer, Desk};
pub use http::http;
pub use hub::{Hub, HubOptions, Node, Role};
pub use isolated::Isolated;
pub use mongo::Mongo;
pub use poll::{eventually, eventually_some};
pub use ports::free_port;
pub use process::Process;
pub use scratch::Scratch;
pub use scripts::Script;
/// What a connection that wasn't made says.
pub use tokio_tungstenite::tungstenite;
pub use valkey::Valkey;
pub use visitor::Visitor;
