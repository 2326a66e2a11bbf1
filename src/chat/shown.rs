//! A message as its visitor sees it: never a note, never who read it, never what the hub thinks of it.

use serde::Serialize;
use switchboard_connectors::webchat::{Button, buttons, client_id};
use switchboard_domain::{Author, Content, Direction, Media, Message, MessageId, Position, Timestamp};
use switchboard_workers::files::{Links, Reader};

#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    pub id: MessageId,
    pub from: Side,
    /// The id that the visitor's own client gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Of the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub content: Said,
    pub position: Position,
    pub at: Timestamp,
    pub edited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Visitor,
    Agent,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    Text { text: String },
    Buttons { text: String, buttons: Vec<Button> },
    File(File),
    Deleted,
}

#[derive(Clone, Debug, Serialize)]
pub struct File {
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Below the hub's origin, or anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}

impl Shown {
    pub fn is_file(&self) -> bool {
        matches!(self.content, Said::File(_))
    }
}

/// `None` for what isn't between the visitor and the agent.
pub fn shown(message: &Message, links: &Links, now: Timestamp) -> Option<Shown> {
    let from = match message.direction {
        Direction::Inbound => Side::Visitor,
        Direction::Outbound => Side::Agent,
        Direction::Internal => return None,
    };
    let own = (from == Side::Visitor).then_some(message.provider_message_id.as_deref());
    Some(Shown {
        id: message.id.clone(),
        from,
        client_id: own.flatten().and_then(client_id).map(str::to_owned),
        name: match &message.author {
            Author::Agent { name, .. } => Some(name.clone()),
            _ => None,
        },
        content: content(&message.content, links, now)?,
        position: message.position.clone(),
        at: message.provider_at,
        edited: message.edited_at.is_some(),
    })
}

fn content(content: &Content, links: &Links, now: Timestamp) -> Option<Said> {
    let kind = content.kind();
    match content {
        Content::Text { text } | Content::Choice { text, .. } => Some(Said::Text { text: text.clone() }),
        Content::Interactive { text, body } => Some(Said::Buttons {
            text: text.clone(),
            buttons: buttons(body).unwrap_or_default(),
        }),
        Content::Image(media) | Content::Audio(media) | Content::Video(media) | Content::Document(media) => {
            Some(Said::File(file(kind, media, links, now)))
        }
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => {
            let words = [name.as_deref(), address.as_deref()];
            let words: Vec<&str> = words.into_iter().flatten().collect();
            let place = format!("https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}");
            Some(Said::Text {
                text: [words.join(", "), place].join("\n").trim().to_owned(),
            })
        }
        Content::Deleted => Some(Said::Deleted),
        Content::Sticker(_)
        | Content::Contacts { .. }
        | Content::Reaction { .. }
        | Content::Order { .. }
        | Content::Email(_)
        | Content::Template { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. } => None,
    }
}

fn file(kind: &'static str, media: &Media, links: &Links, now: Timestamp) -> File {
    let ours = media.attachment_id.as_ref();
    let link = ours.map(|id| links.path(Reader::Visitor, id, now).0);
    File {
        kind,
        text: media.text.clone(),
        url: link.or_else(|| media.url.clone()),
        name: media.file_name.clone(),
        mime_type: media.mime_type.clone(),
    }
}
