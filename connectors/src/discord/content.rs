//! What a message of Discord says, as one [`Content`] for each of its files and stickers.

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use super::payload::{Message, Snapshot, User, id, name};
use crate::lenient::{Identifier, List, Maybe, Text, not_empty, object};

const IS_VOICE_MESSAGE: u64 = 1 << 13;
/// Where stickers are; animated ones of the GIF format have a host of their own.
const STICKERS: &str = "https://cdn.discordapp.com/stickers/";
const GIF_STICKERS: &str = "https://media.discordapp.net/stickers/";

#[derive(Deserialize)]
struct Attachment {
    id: Identifier,
    #[serde(default)]
    filename: Maybe<Text>,
    #[serde(default)]
    content_type: Maybe<Text>,
    #[serde(default)]
    url: Maybe<Text>,
    #[serde(default)]
    description: Maybe<Text>,
}

#[derive(Deserialize)]
struct Sticker {
    id: Identifier,
    #[serde(default)]
    name: Maybe<Text>,
    #[serde(default)]
    format_type: Maybe<u64>,
}

/// At least one: somebody wrote, whether or not we can show it.
pub(super) fn contents(message: &Message<'_>) -> Vec<Content> {
    let mut found = said(message);
    if found.is_empty() {
        let snapshots = items(&message.snapshots).iter();
        found = snapshots
            .filter_map(|snapshot| object::<Message<'_>>(object::<Snapshot<'_>>(snapshot)?.message))
            .flat_map(|snapshot| said(&snapshot))
            .collect();
    }
    if found.is_empty() {
        let poll = message.poll.0.as_ref().and_then(poll);
        // Without the privilege to read messages, Discord leaves out what they say.
        found.push(poll.unwrap_or_else(|| Content::Unsupported {
            kind: "message".to_owned(),
        }));
    }
    found
}

fn said(message: &Message<'_>) -> Vec<Content> {
    let text = message
        .content
        .0
        .as_ref()
        .map(|text| plain(&text.0, &message.mentions));
    let mut text = text.filter(|text| !text.trim().is_empty());
    let voice = message.flags.0.is_some_and(|flags| flags & IS_VOICE_MESSAGE != 0);
    let mut found: Vec<Content> = Vec::new();
    for attachment in items(&message.attachments) {
        match file(attachment, voice) {
            Some((kind, mut media)) => {
                // The description is for those who can't see the file; the words come first.
                media.text = text.take().or(media.text);
                found.push(kind(media));
            }
            None => found.push(Content::Unsupported {
                kind: "attachment".to_owned(),
            }),
        }
    }
    found.extend(text.map(|text| Content::Text { text }));
    let stickers = items(&message.sticker_items).iter();
    found.extend(stickers.map(|sticker| {
        object(sticker).map_or_else(
            || Content::Unsupported {
                kind: "sticker".to_owned(),
            },
            sticker_content,
        )
    }));
    found
}

type Kind = fn(Media) -> Content;

pub(super) fn file(raw: &RawValue, voice: bool) -> Option<(Kind, Media)> {
    let attachment: Attachment = object(raw)?;
    let mime_type = not_empty(attachment.content_type);
    let kind: Kind = match mime_type.as_deref().and_then(|mime| mime.split_once('/')) {
        Some(("image", _)) => Content::Image,
        Some(("audio", _)) => Content::Audio,
        Some(("video", _)) => Content::Video,
        _ => Content::Document,
    };
    let media = Media {
        text: not_empty(attachment.description),
        id: Some(attachment.id.0),
        url: not_empty(attachment.url),
        mime_type,
        sha256: None,
        file_name: not_empty(attachment.filename),
        voice: voice.then_some(true),
        attachment_id: None,
    };
    Some((kind, media))
}

/// Discord, "Sticker Format Types": PNG, APNG, Lottie, GIF.
fn sticker_content(sticker: Sticker) -> Content {
    let (host, extension, mime_type) = match sticker.format_type.0 {
        Some(3) => (STICKERS, "json", "application/json"),
        Some(4) => (GIF_STICKERS, "gif", "image/gif"),
        _ => (STICKERS, "png", "image/png"),
    };
    let id = sticker.id.0;
    Content::Sticker(Media {
        url: super::account::is_id(&id).then(|| format!("{host}{id}.{extension}")),
        id: Some(id),
        mime_type: Some(mime_type.to_owned()),
        file_name: not_empty(sticker.name),
        ..Media::default()
    })
}

fn poll(poll: &serde_json::Value) -> Option<Content> {
    let question = poll["question"]["text"].as_str()?;
    let answers = poll["answers"].as_array().into_iter().flatten();
    let answers = answers.filter_map(|answer| answer["poll_media"]["text"].as_str());
    let text = answers.fold(question.to_owned(), |text, answer| format!("{text}\n- {answer}"));
    Some(Content::Text { text })
}

/// As a person reads it: people by their names, custom emoji by theirs (Discord, "Message Formatting").
fn plain(text: &str, mentions: &List<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let reference = after.split_once('>');
        if let Some((shown, after)) =
            reference.and_then(|(found, after)| Some((named(found, mentions)?, after)))
        {
            out.push_str(&shown);
            rest = after;
        } else {
            out.push('<');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn named(reference: &str, mentions: &List<'_>) -> Option<String> {
    if let Some(user) = reference.strip_prefix('@') {
        let user = user.strip_prefix('!').unwrap_or(user);
        let users = items(mentions)
            .iter()
            .filter_map(|mention| object::<User>(mention));
        let mut users = users.filter(|found| id(&found.id) == Some(user));
        return Some(format!("@{}", name(&users.next()?, None)?));
    }
    let emoji = reference
        .strip_prefix("a:")
        .or_else(|| reference.strip_prefix(':'))?;
    let (name, id) = emoji.split_once(':')?;
    super::account::is_id(id).then(|| format!(":{name}:"))
}

fn items<'l, 'a>(list: &'l List<'a>) -> &'l [&'a RawValue] {
    match list {
        List::Items(items) => items,
        List::Missing | List::Other => &[],
    }
}
