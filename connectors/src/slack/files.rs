//! Files of a message (Slack, "File object").

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use crate::lenient::{Identifier, List, Maybe, Text, not_empty, object};

#[derive(Deserialize)]
struct File {
    id: Identifier,
    #[serde(default)]
    name: Maybe<Text>,
    #[serde(default)]
    title: Maybe<Text>,
    #[serde(default)]
    mimetype: Maybe<Text>,
    #[serde(default)]
    url_private: Maybe<Text>,
    #[serde(default)]
    url_private_download: Maybe<Text>,
    #[serde(default)]
    mode: Maybe<Text>,
    /// `slack_audio` and `slack_video`: recorded in Slack itself.
    #[serde(default)]
    subtype: Maybe<Text>,
}

pub(super) fn count(files: &List<'_>) -> usize {
    match files {
        List::Items(items) => items.len(),
        List::Missing | List::Other => 0,
    }
}

/// Each file by itself; the text goes with the first.
pub(super) fn contents(files: &List<'_>, text: Option<String>) -> Vec<Content> {
    let List::Items(items) = files else {
        return Vec::new();
    };
    let mut text = text;
    let mut found: Vec<Content> = Vec::new();
    for item in items {
        match content(item, text.take()) {
            Ok(content) => found.push(content),
            // The words must not be lost with a file that is.
            Err(Some(words)) => found.extend([Content::Text { text: words }, lost()]),
            Err(None) => found.push(lost()),
        }
    }
    found
}

fn lost() -> Content {
    Content::Unsupported {
        kind: "file".to_owned(),
    }
}

fn content(raw: &RawValue, text: Option<String>) -> Result<Content, Option<String>> {
    let Some(file) = object::<File>(raw) else {
        return Err(text);
    };
    let mode = file.mode.0.as_ref().map(|mode| mode.0.as_str());
    if matches!(mode, Some("tombstone" | "hidden_by_limit")) {
        return Err(text);
    }
    let subtype = file.subtype.0.as_ref().map(|subtype| subtype.0.as_str());
    let mime_type = not_empty(file.mimetype);
    let kind = mime_type
        .as_deref()
        .and_then(|mime| mime.split_once('/'))
        .map_or("", |(kind, _)| kind);
    let kind = match subtype {
        Some("slack_audio") => "audio",
        Some("slack_video") => "video",
        _ => kind,
    };
    let media = Media {
        text,
        id: Some(file.id.0),
        url: not_empty(file.url_private_download).or_else(|| not_empty(file.url_private)),
        file_name: not_empty(file.name).or_else(|| not_empty(file.title)),
        voice: (subtype == Some("slack_audio")).then_some(true),
        sha256: None,
        attachment_id: None,
        mime_type: mime_type.clone(),
    };
    Ok(match kind {
        "image" => Content::Image(media),
        "audio" => Content::Audio(media),
        "video" => Content::Video(media),
        _ => Content::Document(media),
    })
}
