//! What a channel can do, for consoles (what to offer), the outbound worker (rates, retries) and validation.

use std::{num::NonZeroU32, time::Duration};

use serde::Serialize;
use switchboard_domain::MessageStatus;

use crate::text::TextUnit;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Image,
    Audio,
    Video,
    Document,
    Sticker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MediaLimit {
    pub kind: MediaKind,
    pub max_bytes: u64,
    /// Empty: any.
    pub mime_types: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent abilities, any combination of which exists"
)]
pub struct Capabilities {
    /// What people call the channel.
    pub title: &'static str,
    /// Its brand's, as `#rrggbb`.
    pub colour: &'static str,
    /// Agents can write. A shop only tells what happened: its `send` gives up, and consoles offer no answer.
    pub can_send: bool,
    /// How long after the customer's last message a free-form answer is allowed; `None`: always.
    pub reply_window: Option<Duration>,
    /// In `text_unit`s; a longer text goes out as several messages.
    pub max_text: usize,
    /// What the provider counts.
    pub text_unit: TextUnit,
    /// In Unicode characters.
    pub max_caption_chars: usize,
    pub media: &'static [MediaLimit],
    /// What the provider tells about a message we sent; a status that is missing here never comes.
    pub receipts: &'static [MessageStatus],
    /// Sends per second that the provider allows one account.
    pub sends_per_second: NonZeroU32,
    pub reactions: bool,
    pub templates: bool,
    /// Buttons and lists.
    pub interactive: bool,
    /// An answer may quote an earlier message.
    pub replies: bool,
    /// We can tell the customer that their message was read.
    pub read_receipts: bool,
    /// The provider recognises a second send of the same message, so an uncertain one may be repeated.
    pub idempotent_send: bool,
}
