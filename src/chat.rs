//! Web chat: visitors of a company's site, connected to the hub itself (`/chat/{account}`); chat/README.md has the protocol.
//!
//! What a visitor says goes the way of every webhook, through `webhooks::door::take`, and is acknowledged once it is
//! durable. What they are told comes out of the live stream like everything consoles see, and what they missed out of
//! MongoDB.

mod beat;
mod connect;
mod frames;
mod identity;
pub mod limits;
mod mailbox;
mod registry;
mod session;
mod shown;
mod speech;
pub mod uploads;
mod widget;
mod wire;

pub use connect::connect;
pub use registry::Chats;
pub use widget::script;
