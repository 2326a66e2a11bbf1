//! The bodies of Telegram's kinds of messages, as [`Content`]. The kind is the name of the member that holds the body.

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::{Content, Media};

use super::{files, service};
use crate::lenient::{Identifier, Maybe, Text, members, not_empty, object, read};

/// In the order in which one counts before another: an animation is also given as a document, a venue as a location.
const KINDS: [&str; 20] = [
    "text",
    "animation",
    "audio",
    "document",
    "paid_media",
    "photo",
    "sticker",
    "video",
    "video_note",
    "voice",
    "checklist",
    "contact",
    "dice",
    "game",
    "poll",
    "venue",
    "location",
    "web_app_data",
    "story",
    "invoice",
];

/// What says nothing about the kind of a message.
const AROUND: [&str; 36] = [
    "message_id",
    "from",
    "chat",
    "date",
    "edit_date",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "author_signature",
    "business_connection_id",
    "message_thread_id",
    "direct_messages_topic",
    "is_topic_message",
    "is_automatic_forward",
    "is_from_offline",
    "is_paid_post",
    "paid_star_count",
    "suggested_post_info",
    "reply_to_message",
    "reply_to_story",
    "reply_to_checklist_task_id",
    "external_reply",
    "quote",
    "via_bot",
    "has_protected_content",
    "media_group_id",
    "effect_id",
    "entities",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "link_preview_options",
    "reply_markup",
    "forward_origin",
];

/// The contents of a message, at least one; `Content::Unsupported` with Telegram's name of what we can't show.
pub(super) fn contents(message: &RawValue) -> Vec<Content> {
    let members = members(message);
    let body = |kind: &str| {
        members
            .iter()
            .find(|(name, _)| name == kind)
            .map(|(_, body)| *body)
    };
    let caption = body("caption").and_then(read::<Text>).map(|text| text.0);
    let caption = caption.filter(|text| !text.is_empty());
    if let Some((kind, body)) = KINDS.iter().find_map(|kind| Some((*kind, body(kind)?))) {
        if kind == "paid_media" {
            return files::paid(body, caption).unwrap_or_else(|| vec![unsupported(kind)]);
        }
        return vec![known(kind, body, caption).unwrap_or_else(|| unsupported(kind))];
    }
    let kind = members.iter().find(|(name, _)| !is_around(name));
    vec![match kind {
        Some((kind, body)) => service::content(kind, body).unwrap_or_else(|| unsupported(kind)),
        None => unsupported("message"),
    }]
}

fn is_around(name: &str) -> bool {
    AROUND.contains(&name) || name.starts_with("forward_")
}

fn unsupported(kind: &str) -> Content {
    Content::Unsupported {
        kind: kind.to_owned(),
    }
}

fn known(kind: &str, body: &RawValue, caption: Option<String>) -> Option<Content> {
    let with_caption = |media: Media| Media {
        text: caption,
        ..media
    };
    Some(match kind {
        "text" => Content::Text {
            text: read::<Text>(body)?.0,
        },
        "photo" => Content::Image(with_caption(files::photo(body)?)),
        "video" | "animation" => Content::Video(with_caption(files::file(body, "video/mp4")?)),
        "video_note" => Content::Video(files::file(body, "video/mp4")?),
        "audio" => Content::Audio(with_caption(files::audio(body)?)),
        "voice" => Content::Audio(with_caption(files::voice(body)?)),
        "document" => Content::Document(with_caption(files::document(body)?)),
        "sticker" => Content::Sticker(files::sticker(body)?),
        "contact" => contact(body)?,
        "location" => location(body, None, None)?,
        "venue" => {
            let venue: Venue<'_> = object(body)?;
            location(venue.location, not_empty(venue.title), not_empty(venue.address))?
        }
        "dice" => {
            let dice: Dice = object(body)?;
            Content::text(format!("{} {}", dice.emoji.0, dice.value))
        }
        "game" => Content::text(not_empty(object::<Titled>(body)?.title)?),
        "poll" => poll(body)?,
        "checklist" => checklist(body)?,
        "web_app_data" => {
            let data: WebAppData = object(body)?;
            Content::Choice {
                text: not_empty(data.button_text).unwrap_or_default(),
                payload: Some(data.data.0),
            }
        }
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Place {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Venue<'a> {
    #[serde(borrow)]
    location: &'a RawValue,
    #[serde(default)]
    title: Maybe<Text>,
    #[serde(default)]
    address: Maybe<Text>,
}

fn location(body: &RawValue, name: Option<String>, address: Option<String>) -> Option<Content> {
    let place: Place = object(body)?;
    Some(Content::Location {
        latitude: place.latitude,
        longitude: place.longitude,
        name,
        address,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Card {
    phone_number: Maybe<Identifier>,
    first_name: Maybe<Text>,
    last_name: Maybe<Text>,
}

fn contact(body: &RawValue) -> Option<Content> {
    let card: Card = object(body)?;
    let names = [not_empty(card.first_name), not_empty(card.last_name)];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let phone = card.phone_number.0.map(|phone| phone.0).unwrap_or_default();
    Some(Content::Contacts {
        text: if name.is_empty() { phone } else { name },
        contacts: vec![read(body)?],
    })
}

#[derive(Deserialize)]
struct Dice {
    emoji: Text,
    value: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Titled {
    title: Maybe<Text>,
}

#[derive(Deserialize)]
struct Poll {
    question: Text,
    #[serde(default)]
    options: Maybe<Vec<Maybe<Labelled>>>,
}

#[derive(Deserialize)]
struct Checklist {
    title: Text,
    #[serde(default)]
    tasks: Maybe<Vec<Maybe<Labelled>>>,
}

#[derive(Deserialize)]
struct Labelled {
    text: Text,
}

fn poll(body: &RawValue) -> Option<Content> {
    let poll: Poll = object(body)?;
    Some(listed(poll.question, poll.options))
}

fn checklist(body: &RawValue) -> Option<Content> {
    let checklist: Checklist = object(body)?;
    Some(listed(checklist.title, checklist.tasks))
}

/// A heading and what is below it, a line each.
fn listed(heading: Text, items: Maybe<Vec<Maybe<Labelled>>>) -> Content {
    let items = items.0.into_iter().flatten().filter_map(|item| item.0);
    let lines = items.map(|item| format!("• {}", item.text.0));
    Content::text(
        std::iter::once(heading.0)
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

#[derive(Deserialize)]
struct WebAppData {
    data: Text,
    #[serde(default)]
    button_text: Maybe<Text>,
}
