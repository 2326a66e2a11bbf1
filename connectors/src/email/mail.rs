//! A letter in its parts, whichever way it came, and the message it becomes.

use sha2::{Digest, Sha256};
use switchboard_domain::{Content, Email, Media, Timestamp};

use super::{
    automatic::is_automatic,
    header::{Headers, Mailbox},
    html, quote,
};
use crate::{Event, Inbound, InboundMessage, Sender};

/// In bytes: some hundred pages.
const MAX_TEXT: usize = 1024 * 1024;
const MAX_RAW: usize = 256 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Mail {
    pub headers: Headers,
    pub from: Option<Mailbox>,
    /// Where an answer is wanted, if not at `from`.
    pub reply_to: Option<Mailbox>,
    /// Who handed it over, as in `MAIL FROM`.
    pub envelope_from: Option<String>,
    pub subject: String,
    pub text: Option<String>,
    pub html: Option<String>,
    /// What of `text` is new, where the provider says so.
    pub answer: Option<String>,
    pub attachments: Vec<Media>,
    /// What we had put behind a plus sign into the address it was sent to.
    pub token: Option<String>,
    /// The provider's id; else the letter's own serves.
    pub id: Option<String>,
    /// When the provider had it, for letters that tell no date.
    pub arrived_at: Option<Timestamp>,
}

/// How a provider names its letters, given the `Message-ID` they went out with.
pub(crate) type ProviderId = fn(&str) -> String;

impl Mail {
    /// `None`: nobody is known to have written it.
    pub fn into_inbound(
        self,
        body: &[u8],
        received_at: Timestamp,
        provider_id: ProviderId,
    ) -> Option<Inbound> {
        let envelope = self.envelope_from.as_deref();
        let from = self.from.clone().or_else(|| Mailbox::new(envelope?, None))?;
        let message_id = self.headers.message_id();
        let in_reply_to = self.headers.in_reply_to();
        let references = self.headers.references();
        // In-Reply-To, then References from the right, then the address (RFC 5322, 3.6.4).
        let answered = in_reply_to
            .as_ref()
            .or(references.last())
            .map(|id| provider_id(id));
        let reply_to = answered.or_else(|| self.token.clone());
        // A date is the word of the sender's clock: it may not lie ahead of ours.
        let written_at = self.headers.date().or(self.arrived_at).unwrap_or(received_at);
        let automatic = is_automatic(&self.headers, &from, envelope);
        let id = self
            .id
            .clone()
            .or_else(|| message_id.clone())
            .unwrap_or_else(|| digest(body));
        let sender = sender(from, self.reply_to.as_ref());
        let (text, quoted, html) = self.words();
        let email = Email {
            subject: self.subject,
            text,
            html,
            quoted,
            attachments: self.attachments,
            message_id,
            in_reply_to,
            references,
            auto_reply: automatic,
        };
        Some(Inbound {
            provider_account_id: None,
            event: Event::Message(InboundMessage {
                provider_message_id: id,
                sender,
                content: Content::Email(email),
                provider_at: written_at.min(received_at),
                reply_to,
                group_id: None,
                forwarded: false,
                referral: None,
            }),
        })
    }

    /// What is new, what was quoted, and the whole as safe HTML.
    fn words(&self) -> (String, Option<String>, Option<String>) {
        let html = self.html.as_deref().and_then(html::sanitise);
        let text = self.text.as_deref().filter(|text| !text.trim().is_empty());
        let whole = match (text, &html) {
            (Some(text), _) => text.replace("\r\n", "\n"),
            (None, Some(html)) => html::to_text(html),
            // Its HTML is more than a page.
            (None, None) => html::to_text(self.html.as_deref().unwrap_or_default()),
        };
        let whole = shortened(whole);
        let told = self.answer.as_deref().filter(|answer| !answer.trim().is_empty());
        let (text, quoted) = match told {
            Some(answer) => quote::fold_as_told(&whole, &shortened(answer.replace("\r\n", "\n"))),
            None => quote::fold(&whole),
        };
        (text, quoted, html)
    }
}

/// What is longer than any letter would not fit into the store; the ledger has it whole.
fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        text.push('…');
    }
    text
}

/// Anything else, kept as it came. A form with files is cut: the ledger has it whole.
pub(crate) fn unsupported(kind: &str, raw: &[u8]) -> Inbound {
    Inbound {
        provider_account_id: None,
        event: Event::Unsupported {
            kind: kind.to_owned(),
            raw: String::from_utf8_lossy(&raw[..raw.len().min(MAX_RAW)]).into_owned(),
        },
    }
}

fn sender(from: Mailbox, reply_to: Option<&Mailbox>) -> Sender {
    let elsewhere = reply_to.filter(|to| to.address != from.address);
    Sender {
        address: elsewhere.map(|to| to.address.clone()),
        external_id: from.address,
        aliases: Vec::new(),
        name: from.name,
    }
}

/// For letters without any id: the same bytes are the same letter.
fn digest(body: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(body)))
}
