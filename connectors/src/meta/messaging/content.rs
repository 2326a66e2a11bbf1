//! Text and attachments of a message, as one or several [`Content`]s.

use reqwest::Url;
use switchboard_domain::{Content, Media};

use super::payload::{Attachment, AttachmentPayload, Element, Message};
use crate::lenient::{List, Maybe, Text, not_empty, object};

/// Never empty: what can't be shown is `Content::Unsupported` with Meta's name for it.
pub(super) fn contents(message: &Message<'_>) -> Vec<Content> {
    let text = not_empty(message.text.clone());
    if let Some(quick_reply) = &message.quick_reply.0 {
        let payload = quick_reply.payload.0.clone();
        return vec![Content::Choice {
            text: text.unwrap_or_else(|| payload.clone()),
            payload: Some(payload),
        }];
    }
    let mut shown = attachments(&message.attachments, text.as_deref());
    match (text, shown.first_mut().and_then(caption)) {
        (Some(text), Some(caption)) => *caption = Some(text),
        (Some(text), None) => shown.insert(0, Content::Text { text }),
        (None, _) => {}
    }
    if shown.is_empty() {
        shown.push(unsupported("message"));
    }
    shown
}

fn unsupported(kind: &str) -> Content {
    Content::Unsupported {
        kind: kind.to_owned(),
    }
}

/// Where the words go that came with a file.
fn caption(content: &mut Content) -> Option<&mut Option<String>> {
    match content {
        Content::Image(media) | Content::Video(media) | Content::Audio(media) | Content::Document(media) => {
            media.text.is_none().then_some(&mut media.text)
        }
        _ => None,
    }
}

fn attachments(list: &List<'_>, text: Option<&str>) -> Vec<Content> {
    let items = match list {
        List::Missing => return Vec::new(),
        List::Items(items) => items,
        List::Other => return vec![unsupported("attachments")],
    };
    let mut shown: Vec<Content> = Vec::with_capacity(items.len());
    for raw in items {
        let content = match object::<Attachment<'_>>(raw) {
            // The preview of a link that is in the text already.
            Some(preview) if preview.kind.0 == "fallback" && text.is_some_and(has_link) => continue,
            Some(attachment) => content(attachment),
            None => unsupported("attachment"),
        };
        // While Meta changes over, a sticker is there twice: as itself and as a picture.
        let is_sticker = matches!(content, Content::Sticker(_));
        if !(is_sticker && shown.contains(&content)) {
            shown.push(content);
        }
    }
    shown
}

fn has_link(text: &str) -> bool {
    ["http://", "https://", "www."]
        .iter()
        .any(|start| text.contains(start))
}

fn content(attachment: Attachment<'_>) -> Content {
    let payload: AttachmentPayload = attachment.payload.and_then(object).unwrap_or_default();
    let title = not_empty(attachment.title).or_else(|| not_empty(payload.title.clone()));
    let url = not_empty(payload.url.clone()).or_else(|| not_empty(attachment.url));
    let kind = attachment.kind.0;
    known(&kind, title.as_deref(), url.as_deref(), &payload).unwrap_or_else(|| {
        match &payload.template_type.0 {
            Some(template) => unsupported(&format!("{kind}.{}", template.0)),
            None => unsupported(&kind),
        }
    })
}

/// Of what is shared, Meta doesn't say whether it is a picture or a film.
fn known(kind: &str, title: Option<&str>, url: Option<&str>, payload: &AttachmentPayload) -> Option<Content> {
    let file = |text: Option<&str>| {
        url.map(|url| Media {
            url: Some(url.to_owned()),
            text: text.map(str::to_owned),
            ..Media::default()
        })
    };
    Some(match kind {
        "image" | "sticker" if payload.sticker_id.0.is_some() => Content::Sticker(file(None)?),
        "sticker" => Content::Sticker(file(None)?),
        // Instagram draws it itself, so there is often nothing to fetch.
        "like_heart" => file(None).map_or_else(|| Content::text("❤️"), Content::Sticker),
        "image" => Content::Image(file(None)?),
        "audio" => Content::Audio(file(None)?),
        "video" => Content::Video(file(None)?),
        "file" => Content::Document(Media {
            file_name: url.and_then(file_name),
            ..file(None)?
        }),
        "reel" | "ig_reel" => Content::Video(file(title)?),
        "share" | "post" | "ig_post" | "ig_story" | "media_share" => {
            Content::Document(file(Some(title.unwrap_or("Shared a post.")))?)
        }
        "story_mention" => Content::Document(file(Some("Mentioned us in their story."))?),
        "location" => location(title, payload)?,
        "fallback" => link(title, url)?,
        "template" => Content::Text {
            text: template(payload)?,
        },
        _ => return None,
    })
}

fn location(title: Option<&str>, payload: &AttachmentPayload) -> Option<Content> {
    let coordinates = payload.coordinates.0.as_ref()?;
    Some(Content::Location {
        latitude: coordinates.lat,
        longitude: coordinates.long,
        name: title.map(str::to_owned),
        address: None,
    })
}

fn link(title: Option<&str>, url: Option<&str>) -> Option<Content> {
    let lines: Vec<&str> = [title, url].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| Content::text(lines.join("\n")))
}

/// The words of a card, and of each product or page it shows.
fn template(payload: &AttachmentPayload) -> Option<String> {
    let said = [&payload.text, &payload.intro_message];
    let products = payload.product.0.as_ref().map(|product| &product.elements);
    let elements = products.or(payload.elements.0.as_ref());
    let cards = elements
        .into_iter()
        .flatten()
        .filter_map(|element| card(element.0.as_ref()?));
    let lines: Vec<String> = said
        .into_iter()
        .filter_map(|text| not_empty(text.clone()))
        .chain(cards)
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn card(element: &Element) -> Option<String> {
    let words = |text: &Maybe<Text>| not_empty(text.clone());
    match (words(&element.title), words(&element.subtitle)) {
        (Some(title), Some(subtitle)) => Some(format!("{title} ({subtitle})")),
        (title, subtitle) => title.or(subtitle),
    }
}

/// Meta keeps a file under the name it was sent with.
fn file_name(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let name = url.path_segments()?.next_back()?.to_owned();
    name.contains('.').then_some(name)
}
