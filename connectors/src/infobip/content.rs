//! What was written, as [`Content`].

use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use super::payload::{Body, Segment};
use crate::lenient::{items, object};

/// What WhatsApp's message says, and `quoted` the message it refers to.
pub(super) fn of_whatsapp(body: Body, quoted: Option<&str>) -> Content {
    let kind = body.kind.as_str().unwrap_or("unknown").to_owned();
    known(&kind, body, quoted).unwrap_or(Content::Unsupported { kind })
}

fn known(kind: &str, body: Body, quoted: Option<&str>) -> Option<Content> {
    Some(match kind {
        "TEXT" => Content::text(body.text.0?.0),
        "IMAGE" => Content::Image(media(body)?),
        "VIDEO" => Content::Video(media(body)?),
        "DOCUMENT" | "FILE" => Content::Document(media(body)?),
        "STICKER" => Content::Sticker(media(body)?),
        "AUDIO" => Content::Audio(media(body)?),
        "VOICE" => Content::Audio(Media {
            voice: Some(true),
            ..media(body)?
        }),
        "LOCATION" => Content::Location {
            latitude: body.latitude.0?.0,
            longitude: body.longitude.0?.0,
            name: body.name.words(),
            address: body.address.words(),
        },
        "CONTACT" => Content::Contacts {
            text: String::new(),
            contacts: body.contacts.0?,
        },
        "BUTTON" | "BUTTON_REPLY" | "LIST_REPLY" | "INTERACTIVE_BUTTON_REPLY" | "INTERACTIVE_LIST_REPLY" => {
            Content::Choice {
                text: body
                    .title
                    .words()
                    .or_else(|| body.text.words())
                    .unwrap_or_default(),
                payload: body.payload.words().or_else(|| body.id.id()),
            }
        }
        "REACTION" => Content::Reaction {
            provider_message_id: body.message_id.id().or_else(|| quoted.map(str::to_owned))?,
            emoji: body.emoji.words(),
        },
        _ => return None,
    })
}

fn media(body: Body) -> Option<Media> {
    Some(Media {
        url: Some(body.url.words()?),
        text: body.caption.words(),
        file_name: body.file_name.words(),
        ..Media::default()
    })
}

/// The Messages API's list, each item of which is like a message of WhatsApp's. `None`: it isn't such a list.
pub(super) fn of_list(raw: &RawValue) -> Option<Vec<Content>> {
    let items = items(raw)?.into_iter();
    let found: Vec<Content> = items
        .map(|raw| of_whatsapp(object(raw).unwrap_or_default(), None))
        .collect();
    (!found.is_empty()).then_some(found)
}

/// An MMS's segments: its words go with the first attachment. `None`: it isn't a list.
pub(super) fn of_mms(raw: &RawValue) -> Option<Vec<Content>> {
    let segments = items(raw)?.into_iter().filter_map(object::<Segment>);
    let (mut words, mut files) = (Vec::new(), Vec::new());
    for segment in segments {
        let kind = segment.content_type.as_str().unwrap_or_default().to_owned();
        match (segment.url.words(), segment.value.words()) {
            (Some(url), _) => files.push((kind, url)),
            (None, Some(value)) if kind == "text/plain" => words.push(value),
            // How the parts are to be shown, which is none of our business.
            _ => {}
        }
    }
    let words = words.join("\n");
    if files.is_empty() {
        return Some(vec![Content::text(words)]);
    }
    let mut words = Some(words).filter(|words| !words.is_empty());
    let attached = files.into_iter().map(|(kind, url)| {
        let media = Media {
            text: words.take(),
            url: Some(url),
            mime_type: Some(kind).filter(|kind| !kind.is_empty()),
            ..Media::default()
        };
        match media.mime_type.as_deref().and_then(|kind| kind.split('/').next()) {
            Some("image") => Content::Image(media),
            Some("video") => Content::Video(media),
            Some("audio") => Content::Audio(media),
            _ => Content::Document(media),
        }
    });
    Some(attached.collect())
}
