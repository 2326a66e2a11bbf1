//! The bodies of Viber's kinds of messages, as [`Content`].

use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use super::payload::{Contact, Message};
use crate::lenient::{Maybe, not_empty, object, read};

/// The content of a message, or `Content::Unsupported` with Viber's name of what we can't show.
pub(super) fn content(message: Message<'_>) -> Content {
    let kind = message
        .kind
        .0
        .clone()
        .map_or_else(|| "unknown".to_owned(), |kind| kind.0);
    known(&kind, message).unwrap_or(Content::Unsupported { kind })
}

fn known(kind: &str, message: Message<'_>) -> Option<Content> {
    Some(match kind {
        "text" => Content::Text {
            text: message.text.0?.0,
        },
        "picture" => Content::Image(file(message)?),
        "video" => Content::Video(file(message)?),
        "file" => Content::Document(file(message)?),
        "sticker" => Content::Sticker(Media {
            id: Some(message.sticker_id.0?.0),
            url: not_empty(message.media),
            ..Media::default()
        }),
        "url" => link(message)?,
        "location" => {
            let place = message.location.0?;
            Content::Location {
                latitude: place.lat,
                longitude: place.lon,
                name: None,
                address: not_empty(place.address),
            }
        }
        "contact" => contact(message.contact?)?,
        _ => return None,
    })
}

/// Viber keeps the file for some days under a public address.
fn file(message: Message<'_>) -> Option<Media> {
    Some(Media {
        text: not_empty(message.text),
        url: Some(not_empty(message.media)?),
        file_name: not_empty(message.file_name),
        ..Media::default()
    })
}

/// Words around the link are there only if the customer wrote some.
fn link(message: Message<'_>) -> Option<Content> {
    let url = not_empty(message.media)?;
    Some(Content::text(match not_empty(message.text) {
        Some(text) if text.contains(&url) => text,
        Some(text) => format!("{text}\n{url}"),
        None => url,
    }))
}

fn contact(raw: &RawValue) -> Option<Content> {
    let contact: Contact = object(raw)?;
    let phone = |phone: Maybe<crate::lenient::Identifier>| phone.0.map(|phone| phone.0);
    let text = not_empty(contact.name).or_else(|| phone(contact.phone_number));
    Some(Content::Contacts {
        text: text.unwrap_or_default(),
        contacts: vec![read(raw)?],
    })
}
