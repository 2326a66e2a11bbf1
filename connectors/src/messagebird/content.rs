//! What was written, as [`Content`].

use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use super::payload::{Body, Button, File};
use crate::lenient::object;

/// The content of a message of the Conversations API.
pub(super) fn content(kind: &str, raw: Option<&RawValue>) -> Content {
    let body: Option<Body> = raw.and_then(object);
    body.and_then(|body| known(kind, body))
        .unwrap_or(Content::Unsupported {
            kind: kind.to_owned(),
        })
}

fn known(kind: &str, body: Body) -> Option<Content> {
    Some(match kind {
        "text" => Content::text(body.text.0?.0),
        "image" => Content::Image(media(body.image.0?)?),
        "video" => Content::Video(media(body.video.0?)?),
        "audio" => Content::Audio(media(body.audio.0?)?),
        "file" => Content::Document(media(body.file.0?)?),
        "whatsappSticker" => Content::Sticker(media(body.whatsapp_sticker.0?)?),
        "location" => {
            let place = body.location.0?;
            Content::Location {
                latitude: place.latitude.0,
                longitude: place.longitude.0,
                name: None,
                address: None,
            }
        }
        "interactive" => choice(body.interactive.0?.reply.0?),
        "button" => choice(body.button.0?),
        "contacts" => Content::Contacts {
            text: String::new(),
            contacts: body.contacts.0?,
        },
        _ => return None,
    })
}

fn media(file: File) -> Option<Media> {
    Some(Media {
        url: Some(file.url.words()?),
        text: file.caption.words(),
        ..Media::default()
    })
}

fn choice(button: Button) -> Content {
    Content::Choice {
        text: button.text.words().unwrap_or_default(),
        payload: button.payload.words().or(button.id.id()),
    }
}

/// A file of which only the address is known: its name's ending tells the kind.
pub(super) fn by_ending(media: Media) -> Content {
    let url = media.url.as_deref().unwrap_or_default();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" => Content::Image(media),
        "mp4" | "3gp" | "3gpp" | "mov" => Content::Video(media),
        "mp3" | "amr" | "ogg" | "aac" | "m4a" | "wav" => Content::Audio(media),
        _ => Content::Document(media),
    }
}
