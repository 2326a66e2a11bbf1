//! The files of a message: `media_url`, and beside it `media_type` and `media_name` in the same order.

use reqwest::Url;
use serde_json::Value;
use switchboard_domain::{Content, Media};

use super::mapping::{Mapping, scalar};

/// Endings that tell a kind when no type does.
const ENDINGS: [(&str, &str); 17] = [
    ("jpg", "image/"),
    ("jpeg", "image/"),
    ("png", "image/"),
    ("gif", "image/"),
    ("webp", "image/"),
    ("heic", "image/"),
    ("mp4", "video/"),
    ("mov", "video/"),
    ("webm", "video/"),
    ("3gp", "video/"),
    ("mp3", "audio/"),
    ("m4a", "audio/"),
    ("ogg", "audio/"),
    ("opus", "audio/"),
    ("wav", "audio/"),
    ("aac", "audio/"),
    ("amr", "audio/"),
];

/// One content per file; the words go with the first.
pub(super) fn contents(item: &Value, mapping: &Mapping, words: Option<String>) -> Vec<Content> {
    let types = mapping.all("media_type", item);
    let names = mapping.all("media_name", item);
    let nth = |list: &[&Value], nth: usize| {
        let text = list.get(nth).and_then(|value| scalar(value));
        text.filter(|text| !text.trim().is_empty())
    };
    let mut words = words;
    let urls = mapping.all("media_url", item).into_iter().enumerate();
    urls.filter_map(|(at, url)| {
        let url = web_address(url)?;
        let mime_type = nth(&types, at);
        let media = Media {
            text: words.take(),
            file_name: nth(&names, at),
            url: Some(url.to_string()),
            mime_type,
            ..Media::default()
        };
        Some(of_kind(media, &url))
    })
    .collect()
}

fn web_address(url: &Value) -> Option<Url> {
    let url = Url::parse(url.as_str()?.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn of_kind(media: Media, url: &Url) -> Content {
    let file = media.file_name.as_deref().unwrap_or(url.path());
    let ending = file
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    let by_ending = ending.and_then(|ending| ENDINGS.iter().find(|(known, _)| *known == ending));
    let told = media.mime_type.as_deref().map(str::to_ascii_lowercase);
    let kind = told
        .as_deref()
        .or(by_ending.map(|(_, kind)| *kind))
        .unwrap_or_default();
    match kind.split('/').next() {
        Some("image") => Content::Image(media),
        Some("video") => Content::Video(media),
        Some("audio") => Content::Audio(media),
        _ => Content::Document(media),
    }
}
