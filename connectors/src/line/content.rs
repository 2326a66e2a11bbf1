//! The bodies of LINE's kinds of messages, as [`Content`].

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use super::media::sticker_url;
use crate::lenient::{Identifier, Maybe, Text, not_empty, object};

/// The content of a message, or `Content::Unsupported` with LINE's name of what we can't show.
pub(super) fn content(kind: &str, message: &RawValue) -> Content {
    known(kind, message).unwrap_or_else(|| Content::Unsupported {
        kind: kind.to_owned(),
    })
}

fn known(kind: &str, message: &RawValue) -> Option<Content> {
    Some(match kind {
        "text" => Content::Text {
            text: object::<TextMessage>(message)?.text.0,
        },
        "image" => Content::Image(file(message)?),
        "video" => Content::Video(file(message)?),
        "audio" => Content::Audio(Media {
            voice: Some(true),
            ..file(message)?
        }),
        "file" => Content::Document(file(message)?),
        "sticker" => Content::Sticker(sticker(message)?),
        "location" => location(message)?,
        _ => return None,
    })
}

#[derive(Deserialize)]
struct TextMessage {
    text: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileMessage {
    id: Identifier,
    #[serde(default)]
    file_name: Maybe<Text>,
    #[serde(default)]
    content_provider: Maybe<ContentProvider>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContentProvider {
    #[serde(rename = "type")]
    kind: Maybe<Text>,
    original_content_url: Maybe<Text>,
}

/// LINE keeps the file under the message's id, unless it came from a web app, which keeps it itself.
fn file(message: &RawValue) -> Option<Media> {
    let message: FileMessage = object(message)?;
    let provider = message.content_provider.0.unwrap_or_default();
    let elsewhere = provider.kind.0.is_some_and(|kind| kind.0 == "external");
    let url = elsewhere
        .then(|| not_empty(provider.original_content_url))
        .flatten();
    Some(Media {
        id: url.is_none().then_some(message.id.0),
        url,
        file_name: not_empty(message.file_name),
        ..Media::default()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StickerMessage {
    package_id: Identifier,
    sticker_id: Identifier,
    /// What the customer wrote on it.
    #[serde(default)]
    text: Maybe<Text>,
}

/// The id is what an answer with the same sticker needs: `{package}/{sticker}`.
fn sticker(message: &RawValue) -> Option<Media> {
    let sticker: StickerMessage = object(message)?;
    Some(Media {
        text: not_empty(sticker.text),
        url: sticker_url(&sticker.sticker_id.0),
        id: Some(format!("{}/{}", sticker.package_id.0, sticker.sticker_id.0)),
        mime_type: Some("image/png".to_owned()),
        ..Media::default()
    })
}

#[derive(Deserialize)]
struct LocationMessage {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    title: Maybe<Text>,
    #[serde(default)]
    address: Maybe<Text>,
}

fn location(message: &RawValue) -> Option<Content> {
    let place: LocationMessage = object(message)?;
    Some(Content::Location {
        latitude: place.latitude,
        longitude: place.longitude,
        name: not_empty(place.title),
        address: not_empty(place.address),
    })
}
