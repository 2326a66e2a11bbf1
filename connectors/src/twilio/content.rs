//! What the fields of an inbound message say, as [`Content`].

use switchboard_domain::{Content, Media};

use crate::form::Form;

/// Never empty. Each attachment is a content of its own, the first with the words.
pub(super) fn contents(form: &Form<'_>) -> Vec<Content> {
    let attachments = attachments(form);
    if attachments.is_empty() {
        vec![alone(form)]
    } else {
        attachments
    }
}

fn alone(form: &Form<'_>) -> Content {
    let body = form.owned("Body");
    if let Some(place) = location(form) {
        return place;
    }
    for (title, payload) in [
        ("ButtonText", "ButtonPayload"),
        ("ListTitle", "ListId"),
        ("FlowName", "FlowData"),
        ("InteractiveName", "InteractiveData"),
    ] {
        if form.get(payload).is_some() || form.get(title).is_some() {
            return Content::Choice {
                text: form.owned(title).or(body).unwrap_or_default(),
                payload: form.owned(payload),
            };
        }
    }
    match (body, form.get("MessageType")) {
        (None, Some(kind)) if kind != "text" => Content::Unsupported {
            kind: kind.to_owned(),
        },
        (body, _) => Content::text(body.unwrap_or_default()),
    }
}

fn location(form: &Form<'_>) -> Option<Content> {
    let degrees = |name: &str| {
        let number: f64 = form.get(name)?.parse().ok()?;
        number.is_finite().then_some(number)
    };
    Some(Content::Location {
        latitude: degrees("Latitude")?,
        longitude: degrees("Longitude")?,
        name: form.owned("Label").or_else(|| form.owned("Body")),
        address: form.owned("Address"),
    })
}

/// `MediaUrl0` and on, in the order of their numbers. `NumMedia` isn't needed to find them, and isn't always there.
fn attachments(form: &Form<'_>) -> Vec<Content> {
    let mut numbers: Vec<u32> = form
        .pairs()
        .iter()
        .filter(|(_, url)| !url.is_empty())
        .filter_map(|(name, _)| name.strip_prefix("MediaUrl")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut words = form.owned("Body");
    let attachment = |number: &u32| {
        let media = Media {
            text: words.take(),
            url: form.owned(&format!("MediaUrl{number}")),
            mime_type: form.owned(&format!("MediaContentType{number}")),
            ..Media::default()
        };
        of_kind(media, form.get("MessageType"))
    };
    numbers.iter().map(attachment).collect()
}

fn of_kind(mut media: Media, told: Option<&str>) -> Content {
    let mime_type = media.mime_type.as_deref().unwrap_or_default();
    match (told, mime_type.split('/').next().unwrap_or_default()) {
        (Some("sticker"), _) => Content::Sticker(media),
        (Some("document"), _) => Content::Document(media),
        (_, "image") => Content::Image(media),
        (_, "video") => Content::Video(media),
        (_, "audio") => {
            media.voice = (told == Some("voice")).then_some(true);
            Content::Audio(media)
        }
        _ => Content::Document(media),
    }
}
