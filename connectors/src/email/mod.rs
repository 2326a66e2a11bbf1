//! What all mail has in common, whichever provider carries it: forms and MIME in, letters out.
//!
//! | file | what is in it |
//! |---|---|
//! | `form` `charset` `tree` | how webhooks are written down |
//! | `header` `mime` `nesting` `mail` | a letter, and the message it becomes |
//! | `html` `tame` `quote` `automatic` `bounce` | what of it is shown, folded away, or no person's |
//! | `basic` | credentials of webhooks that nobody signs |
//! | `attachment` | files that are in the webhook itself |
//! | `settings` `letter` `smtp` `refusal` | sending |

mod attachment;
mod automatic;
mod basic;
mod bounce;
mod charset;
mod form;
mod header;
mod html;
mod letter;
mod mail;
mod mime;
mod nesting;
mod quote;
mod refusal;
pub(crate) mod settings;
pub(crate) mod smtp;
mod tame;
pub(crate) mod tree;

pub(crate) use attachment::id as attachment_id;
pub use attachment::{attachment, number};
pub(crate) use attachment::{not_at_provider, of_form, raw};
pub(crate) use basic::basic_credentials_match;
pub(crate) use bounce::failure;
pub(crate) use form::{Form, malformed};
pub(crate) use header::{Headers, Mailbox, ids, mailboxes, words};
pub(crate) use letter::{Letter, MAX_TEXT_CHARS, OWN_ID, OWN_MAIL_ID};
pub(crate) use mail::{Mail, unsupported};
pub(crate) use mime::{read as read_mime, token};
pub(crate) use refusal::{no_id, not_told, refusal};

use switchboard_domain::MessageStatus;

use crate::{MediaKind, MediaLimit};

/// Mailgun and SendGrid take letters of 25 to 30 MB; Postmark takes 10, and says so.
pub(crate) const MEDIA: &[MediaLimit] = &[
    any(MediaKind::Image),
    any(MediaKind::Audio),
    any(MediaKind::Video),
    any(MediaKind::Document),
];

/// Whole letters come as webhooks, and are kept whole: one may be as large as the ledger's documents (16 MB), but for what
/// stands around it.
pub(crate) const LARGEST_WEBHOOK: usize = 15 * 1024 * 1024;

/// What all three providers tell.
pub(crate) const RECEIPTS: &[MessageStatus] = &[
    MessageStatus::Sent,
    MessageStatus::Delivered,
    MessageStatus::Read,
    MessageStatus::Failed,
];

const fn any(kind: MediaKind) -> MediaLimit {
    MediaLimit {
        kind,
        max_bytes: 18 * 1024 * 1024,
        mime_types: &[],
    }
}
