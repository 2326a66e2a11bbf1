//! Every channel a customer can write through, behind one contract.
//!
//! A connector is a folder with the same file names in each: `mod` (the list of what it can do and the trait's
//! implementation), `account` (its settings), `verify`, `payload` (the provider's wire types), `normalise`, `send`,
//! `README.md` and `fixtures/`. Connectors hold no state and never meet the store: a request goes in, events come out;
//! a message goes in, a receipt or a decision comes out.

mod capabilities;
mod commerce;
mod connector;
mod counterpart;
mod custom;
pub mod discord;
pub mod email;
mod files;
mod form;
mod http_exchange;
mod inbound;
mod infobip;
mod instagram;
mod json;
mod jwt;
mod language;
mod lenient;
mod line;
mod mailgun;
mod media;
mod messagebird;
mod messenger;
mod meta;
pub mod outbound;
mod postmark;
mod refusal;
mod request;
mod send;
mod sendgrid;
mod settings;
mod shop;
mod shopify;
pub mod signature;
mod slack;
pub mod standard_webhooks;
mod telegram;
pub mod text;
mod twilio;
mod viber;
mod vonage;
pub mod webchat;
mod whatsapp;
mod woocommerce;
mod x;

pub use capabilities::{Capabilities, MediaKind, MediaLimit};
pub use commerce::{CommerceEvent, CommerceKind, LineItem};
pub use connector::{Acknowledgement, Connector, FieldError, Handshake};
pub use counterpart::{Counterpart, Example, Scheme};
pub use http_exchange::{REQUEST_TIMEOUT, UPLOAD_TIMEOUT, http_client, relay};
pub use inbound::{EchoMessage, Event, Inbound, InboundMessage, Sender, StatusUpdate};
pub use language::{KnownLanguage, tag as language_tag};
pub use media::FetchedMedia;
pub use request::{Nonce, RawRequest, Rejected, StoredRequest, Verified};
pub use send::{Outgoing, Receipt, SendDecision, SendError, Thread, Upload};

use switchboard_domain::Channel;

/// The list of connectors: the compiler asks for a line here whenever a channel is added to the domain.
pub fn find(channel: Channel) -> &'static dyn Connector {
    match channel {
        Channel::Whatsapp => &whatsapp::Whatsapp,
        Channel::Messenger => &messenger::Messenger,
        Channel::Instagram => &instagram::Instagram,
        Channel::Telegram => &telegram::Telegram,
        Channel::Twilio => &twilio::Twilio,
        Channel::Line => &line::Line,
        Channel::Viber => &viber::Viber,
        Channel::Slack => &slack::Slack,
        Channel::Discord => &discord::Discord,
        Channel::Vonage => &vonage::Vonage,
        Channel::Messagebird => &messagebird::Messagebird,
        Channel::Infobip => &infobip::Infobip,
        Channel::X => &x::X,
        Channel::Mailgun => &mailgun::Mailgun,
        Channel::Sendgrid => &sendgrid::Sendgrid,
        Channel::Postmark => &postmark::Postmark,
        Channel::Webchat => &webchat::Webchat,
        Channel::Shopify => &shopify::Shopify,
        Channel::Woocommerce => &woocommerce::Woocommerce,
        Channel::Custom => &custom::Custom,
    }
}

pub fn all() -> impl Iterator<Item = &'static dyn Connector> {
    Channel::ALL.iter().map(|channel| find(*channel))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_channel_says_what_it_is_called_and_how_it_looks() {
        let mut titles = BTreeSet::new();
        for connector in all() {
            let Capabilities { title, colour, .. } = connector.capabilities();
            assert!(titles.insert(title) && !title.trim().is_empty(), "{title}");
            let digits = colour.strip_prefix('#').unwrap_or_default();
            let is_hex = |digit: char| matches!(digit, '0'..='9' | 'a'..='f');
            assert!(
                digits.len() == 6 && digits.chars().all(is_hex),
                "{title}: {colour}"
            );
        }
    }
}
