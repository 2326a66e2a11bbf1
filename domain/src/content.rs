//! What a message says, the same for every channel.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::AttachmentId;

/// The body of a message. `text` is what a person reads: the words, or a picture's caption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    Text {
        text: String,
    },
    Image(Media),
    Audio(Media),
    Video(Media),
    Document(Media),
    Sticker(Media),
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    /// Address-book cards, in the provider's own form.
    Contacts {
        text: String,
        #[schema(value_type = Vec<Object>)]
        contacts: Vec<Value>,
    },
    /// The customer pressed a button or picked a row that we offered.
    Choice {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
    },
    /// Buttons, lists and flows that we send; `body` is the provider's own form of it.
    Interactive {
        text: String,
        #[schema(value_type = Object)]
        body: Value,
    },
    /// An emoji on an earlier message; no emoji takes it back.
    Reaction {
        provider_message_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
    },
    Order {
        text: String,
        products: Vec<Product>,
    },
    Email(Email),
    /// A message the provider approved beforehand, for use outside the reply window.
    Template {
        name: String,
        language: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schema(value_type = Vec<Object>)]
        components: Vec<Value>,
    },
    /// Something the provider tells about the chat (a number changed …).
    System {
        text: String,
    },
    /// A note among agents: never sent.
    Note {
        text: String,
    },
    /// The provider says that there was a message we can't show, or we don't know its kind; the ledger has it raw.
    Unsupported {
        kind: String,
    },
    /// The customer took the message back.
    Deleted,
}

/// A file. It has an `id` (to be fetched from the provider) or a `url`, and an `attachment_id` once the hub has it or knows
/// that it can't be had; what is sent from here has only that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Media {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Lower-case hex or base64, as the provider gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// A recording made to be heard at once, rather than an audio file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_id: Option<AttachmentId>,
}

/// A letter. `text` is what its author added, without the earlier letters it repeats.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Email {
    pub subject: String,
    pub text: String,
    /// The whole letter as HTML that is safe to show: no scripts, no forms, nothing that is loaded by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The earlier letters that `text` was cut free of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Media>,
    /// Ids of letters (RFC 5322, 3.6.4) are kept without their angle brackets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// Oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// A machine wrote it (out of office, a bounce): nobody waits for an answer, and none must be sent by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub auto_reply: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Product {
    pub product_id: String,
    pub quantity: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl Content {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// The name in the `type` field.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Image(_) => "image",
            Self::Audio(_) => "audio",
            Self::Video(_) => "video",
            Self::Document(_) => "document",
            Self::Sticker(_) => "sticker",
            Self::Location { .. } => "location",
            Self::Contacts { .. } => "contacts",
            Self::Choice { .. } => "choice",
            Self::Interactive { .. } => "interactive",
            Self::Reaction { .. } => "reaction",
            Self::Order { .. } => "order",
            Self::Email(_) => "email",
            Self::Template { .. } => "template",
            Self::System { .. } => "system",
            Self::Note { .. } => "note",
            Self::Unsupported { .. } => "unsupported",
            Self::Deleted => "deleted",
        }
    }

    /// The files it holds, in order.
    pub fn files(&self) -> &[Media] {
        match self {
            Self::Image(media)
            | Self::Audio(media)
            | Self::Video(media)
            | Self::Document(media)
            | Self::Sticker(media) => std::slice::from_ref(media),
            Self::Email(email) => &email.attachments,
            _ => &[],
        }
    }

    pub fn files_mut(&mut self) -> &mut [Media] {
        match self {
            Self::Image(media)
            | Self::Audio(media)
            | Self::Video(media)
            | Self::Document(media)
            | Self::Sticker(media) => std::slice::from_mut(media),
            Self::Email(email) => &mut email.attachments,
            _ => &mut [],
        }
    }

    /// One line for the inbox list, at most `max` characters.
    pub fn preview(&self, max: usize) -> String {
        let text = match self {
            Self::Text { text }
            | Self::Contacts { text, .. }
            | Self::Choice { text, .. }
            | Self::Interactive { text, .. }
            | Self::Order { text, .. }
            | Self::System { text }
            | Self::Note { text } => text.as_str(),
            Self::Image(media)
            | Self::Audio(media)
            | Self::Video(media)
            | Self::Document(media)
            | Self::Sticker(media) => media
                .text
                .as_deref()
                .or(media.file_name.as_deref())
                .unwrap_or_default(),
            Self::Email(email) if email.text.trim().is_empty() => &email.subject,
            Self::Email(email) => &email.text,
            Self::Location { name, address, .. } => {
                name.as_deref().or(address.as_deref()).unwrap_or_default()
            }
            Self::Reaction { emoji, .. } => emoji.as_deref().unwrap_or_default(),
            Self::Template { name, .. } => name,
            Self::Unsupported { .. } | Self::Deleted => "",
        };
        text.chars()
            .take(max)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    }
}
