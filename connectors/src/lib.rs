//! Every channel a customer can write through, behind one contract.
//!
//! A connector is a folder with the same file names in each: `mod` (the list of what it can do and the trait's
//! implementation), `account` (its settings), `verify`, `payload` (the provider's wire types), `normalise`, `send`,
//! `README.md` and `fixtures/`. Connectors hold no state and never meet the store: a request goes in, events come out;
//! a message goes in, a receipt or a decision comes out.

mod capabilities;
mod connector;
mod counterpart;
pub mod email;
mod http_exchange;
mod inbound;
mod instagram;
mod json;
mod lenient;
mod mailgun;
mod media;
mod messenger;
mod meta;
mod postmark;
mod request;
mod send;
mod sendgrid;
pub mod signature;
mod whatsapp;

pub use capabilities::{Capabilities, MediaKind, MediaLimit};
pub use connector::{Acknowledgement, Connector, FieldError, Handshake};
pub use counterpart::{Counterpart, Example, Scheme};
pub use http_exchange::{REQUEST_TIMEOUT, http_client};
pub use inbound::{EchoMessage, Event, Inbound, InboundMessage, Sender, StatusUpdate};
pub use media::FetchedMedia;
pub use request::{RawRequest, Rejected, StoredRequest, Verified};
pub use send::{Outgoing, Receipt, SendDecision, SendError, Thread};

use switchboard_domain::Channel;

/// The list of connectors: the compiler asks for a line here whenever a channel is added to the domain.
pub fn find(channel: Channel) -> &'static dyn Connector {
    match channel {
        Channel::Whatsapp => &whatsapp::Whatsapp,
        Channel::Messenger => &messenger::Messenger,
        Channel::Instagram => &instagram::Instagram,
        Channel::Mailgun => &mailgun::Mailgun,
        Channel::Sendgrid => &sendgrid::Sendgrid,
        Channel::Postmark => &postmark::Postmark,
    }
}

pub fn all() -> impl Iterator<Item = &'static dyn Connector> {
    Channel::ALL.iter().map(|channel| find(*channel))
}
