//! What visitors say, as the WebSocket's door and a company's own server post it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{Attachment, AttachmentId, Content, Media, MessageId, Timestamp};

const LONGEST_VISITOR_ID: usize = 200;
/// Before the id of a file that a visitor has uploaded.
const UPLOAD: &str = "upload:";

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Envelope {
    pub visitor: Visitor,
    pub events: Vec<VisitorEvent>,
}

/// Who it is about; `id` is theirs for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visitor {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Of the page, or of their browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitorEvent {
    /// They wrote, chose a button (then it has a `payload`), or sent a file.
    Message {
        id: String,
        #[serde(default)]
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<Box<Media>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// They filled in what is asked before the first message.
    Form {
        id: String,
        answers: Vec<Answer>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// Our message is on their device.
    Delivered {
        message_id: MessageId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// Our message was before their eyes.
    Read {
        message_id: MessageId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub label: String,
    pub value: String,
}

/// A quick reply that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub title: String,
    /// What comes back when it is chosen; else the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
}

impl Visitor {
    pub(super) fn is_named(&self) -> bool {
        let length = self.id.chars().count();
        (1..=LONGEST_VISITOR_ID).contains(&length) && !self.id.chars().any(char::is_control)
    }

    /// Their own ids would do within a chat; within the account they have to be told apart from others' (P2).
    pub(super) fn message_id(&self, id: &str) -> String {
        format!("{}:{id}", self.id)
    }
}

/// The id that the visitor's own client gave a message.
pub fn client_id(provider_message_id: &str) -> Option<&str> {
    provider_message_id.rsplit_once(':').map(|(_, id)| id)
}

/// Letters, digits, `_` and `-`: what a client may name things by.
pub fn is_client_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&id.len()) && id.bytes().all(allowed)
}

/// The buttons below a message of ours: `{"buttons": [{"title", "payload"?}]}`.
pub fn buttons(body: &Value) -> Option<Vec<Button>> {
    Vec::deserialize(body.get("buttons")?).ok()
}

/// A visitor's upload as a message names it.
pub fn uploaded(file: &Attachment) -> Media {
    Media {
        id: Some(format!("{UPLOAD}{}", file.id)),
        mime_type: file.mime_type.clone(),
        file_name: file.file_name.clone(),
        ..Media::default()
    }
}

/// The upload that a message names.
pub fn upload(media: &Media) -> Option<AttachmentId> {
    media.id.as_deref()?.strip_prefix(UPLOAD).map(AttachmentId::from)
}

/// A file by its MIME type.
pub(super) fn file(media: Media) -> Content {
    let kind = media.mime_type.as_deref().unwrap_or_default();
    match kind.split('/').next().unwrap_or_default() {
        "image" => Content::Image(media),
        "audio" => Content::Audio(media),
        "video" => Content::Video(media),
        _ => Content::Document(media),
    }
}
