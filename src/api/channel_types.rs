//! What each channel is called, looks like and can do: what consoles offer, and what they don't.

use axum::Json as Answer;
use serde::Serialize;
use switchboard_connectors::{self as connectors, Connector, MediaKind, text::TextUnit};
use switchboard_domain::{Channel, MessageStatus};
use switchboard_workers::desk::MAX_PARTS;
use utoipa::ToSchema;

use super::List;
use crate::auth::Caller;

/// A channel, as it is for every account of it.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent abilities, any combination of which exists"
)]
pub struct ChannelType {
    channel: Channel,
    /// What people call it.
    title: &'static str,
    /// Its brand's, as `#rrggbb`.
    colour: &'static str,
    /// Whether agents can write; a shop only tells what happened.
    can_send: bool,
    /// For so long after the customer's last message a free answer is allowed; null: always.
    reply_window_seconds: Option<u64>,
    /// The longest text of one message, in `text_unit`s; a longer one goes out as several.
    max_text: usize,
    /// `chars` (code points), `utf16` (code units) or `bytes` (of UTF-8).
    #[schema(value_type = String)]
    text_unit: TextUnit,
    /// The messages that one text may become; a longer text is refused.
    max_parts: usize,
    /// How many characters may stand beside a file.
    max_caption_chars: usize,
    /// The kinds of files that can be sent; none: no files.
    media: Vec<MediaType>,
    /// What the provider tells of a message that was sent; other statuses never come.
    receipts: &'static [MessageStatus],
    reactions: bool,
    templates: bool,
    /// Buttons and lists.
    interactive: bool,
    /// Whether an answer may quote an earlier message.
    replies: bool,
    /// Whether customers are told that their message was read.
    read_receipts: bool,
}

#[derive(Serialize, ToSchema)]
struct MediaType {
    /// `image`, `audio`, `video`, `document` or `sticker`.
    #[schema(value_type = String)]
    kind: MediaKind,
    max_bytes: u64,
    /// Empty: any.
    mime_types: &'static [&'static str],
}

impl ChannelType {
    fn of(connector: &dyn Connector) -> Self {
        let able = connector.capabilities();
        let media = able.media.iter().map(|limit| MediaType {
            kind: limit.kind,
            max_bytes: limit.max_bytes,
            mime_types: limit.mime_types,
        });
        Self {
            channel: connector.channel(),
            title: able.title,
            colour: able.colour,
            can_send: able.can_send,
            reply_window_seconds: able.reply_window.map(|window| window.as_secs()),
            max_text: able.max_text,
            text_unit: able.text_unit,
            max_parts: MAX_PARTS,
            max_caption_chars: able.max_caption_chars,
            media: media.collect(),
            receipts: able.receipts,
            reactions: able.reactions,
            templates: able.templates,
            interactive: able.interactive,
            replies: able.replies,
            read_receipts: able.read_receipts,
        }
    }
}

/// Every channel there is, with what it can do; for whoever is signed in.
#[utoipa::path(get, path = "/api/v1/channel-types", tag = "channels",
    responses((status = 200, body = List<ChannelType>)), security(("bearer" = [])))]
pub async fn list(_caller: Caller) -> Answer<List<ChannelType>> {
    Answer(List::whole(connectors::all().map(ChannelType::of).collect()))
}
