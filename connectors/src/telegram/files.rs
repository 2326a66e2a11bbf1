//! Files in messages. Telegram gives an id, which `getFile` turns into a path for an hour; the URL would hold the token.

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use crate::lenient::{Identifier, Maybe, Text, not_empty, object, read};

#[expect(clippy::struct_field_names, reason = "named as the provider names them")]
#[derive(Deserialize)]
struct File {
    file_id: Identifier,
    #[serde(default)]
    mime_type: Maybe<Text>,
    #[serde(default)]
    file_name: Maybe<Text>,
}

#[derive(Deserialize)]
struct PhotoSize {
    file_id: Identifier,
    #[serde(default)]
    width: Maybe<u32>,
    #[serde(default)]
    height: Maybe<u32>,
}

#[derive(Deserialize)]
struct Sticker {
    file_id: Identifier,
    #[serde(default)]
    emoji: Maybe<Text>,
    #[serde(default)]
    is_animated: Maybe<bool>,
    #[serde(default)]
    is_video: Maybe<bool>,
}

/// `mime_type` is what files of this kind are unless Telegram says otherwise.
pub(super) fn file(body: &RawValue, mime_type: &str) -> Option<Media> {
    let file = document(body)?;
    Some(Media {
        mime_type: file.mime_type.or_else(|| Some(mime_type.to_owned())),
        ..file
    })
}

pub(super) fn document(body: &RawValue) -> Option<Media> {
    let file: File = object(body)?;
    Some(Media {
        id: Some(file.file_id.0),
        mime_type: not_empty(file.mime_type),
        file_name: not_empty(file.file_name),
        ..Media::default()
    })
}

pub(super) fn audio(body: &RawValue) -> Option<Media> {
    file(body, "audio/mpeg")
}

pub(super) fn voice(body: &RawValue) -> Option<Media> {
    Some(Media {
        voice: Some(true),
        ..file(body, "audio/ogg")?
    })
}

/// The same picture in several sizes, of which the largest counts.
pub(super) fn photo(body: &RawValue) -> Option<Media> {
    let sizes: Vec<Maybe<PhotoSize>> = read(body)?;
    let area = |size: &PhotoSize| {
        u64::from(size.width.0.unwrap_or_default()) * u64::from(size.height.0.unwrap_or_default())
    };
    let largest = sizes.into_iter().filter_map(|size| size.0).max_by_key(area)?;
    Some(Media {
        id: Some(largest.file_id.0),
        mime_type: Some("image/jpeg".to_owned()),
        ..Media::default()
    })
}

pub(super) fn sticker(body: &RawValue) -> Option<Media> {
    let sticker: Sticker = object(body)?;
    let mime_type = match (sticker.is_animated.0, sticker.is_video.0) {
        (Some(true), _) => "application/x-tgsticker",
        (_, Some(true)) => "video/webm",
        _ => "image/webp",
    };
    Some(Media {
        text: not_empty(sticker.emoji),
        id: Some(sticker.file_id.0),
        mime_type: Some(mime_type.to_owned()),
        ..Media::default()
    })
}

#[derive(Deserialize)]
struct PaidMedia<'a> {
    #[serde(borrow)]
    paid_media: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Paid<'a> {
    #[serde(rename = "type")]
    kind: Text,
    #[serde(borrow)]
    photo: Option<&'a RawValue>,
    #[serde(borrow)]
    video: Option<&'a RawValue>,
}

/// Several files in one message; the caption belongs to the first. A preview has no file.
pub(super) fn paid(body: &RawValue, mut caption: Option<String>) -> Option<Vec<Content>> {
    let items = object::<PaidMedia<'_>>(body)?.paid_media;
    let content = |item: &RawValue| {
        let item: Paid<'_> = object(item)?;
        let text = caption.take();
        match item.kind.0.as_str() {
            "photo" => Some(Content::Image(Media {
                text,
                ..photo(item.photo?)?
            })),
            "video" => Some(Content::Video(Media {
                text,
                ..file(item.video?, "video/mp4")?
            })),
            _ => None,
        }
    };
    let known: Vec<Option<Content>> = items.into_iter().map(content).collect();
    let unsupported = || Content::Unsupported {
        kind: "paid_media".to_owned(),
    };
    (!known.is_empty()).then(|| {
        known
            .into_iter()
            .map(|content| content.unwrap_or_else(unsupported))
            .collect()
    })
}
