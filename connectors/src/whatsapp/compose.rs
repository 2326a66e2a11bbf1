//! A message in the Cloud API's form. What WhatsApp would refuse is refused here, with a sentence that says why.

use serde_json::{Map, Value, json};
use switchboard_domain::{Content, Media};

use super::{MAX_CAPTION_CHARS, MAX_TEXT_CHARS, interactive};
use crate::{Outgoing, SendError};

/// What WhatsApp returns in statuses may have so many characters.
const MAX_CALLBACK_DATA: usize = 512;

pub(super) fn compose(outgoing: &Outgoing) -> Result<Value, SendError> {
    let (kind, body) = body(&outgoing.content)?;
    let mut message = address(outgoing.to.trim())?;
    message.insert("messaging_product".to_owned(), "whatsapp".into());
    message.insert("type".to_owned(), kind.into());
    message.insert(kind.to_owned(), body);
    // A reaction names its message itself, and WhatsApp refuses it with a context.
    if let (Some(quoted), false) = (&outgoing.reply_to, kind == "reaction") {
        message.insert("context".to_owned(), json!({ "message_id": quoted }));
    }
    if outgoing.message_id.as_str().len() <= MAX_CALLBACK_DATA {
        message.insert(
            "biz_opaque_callback_data".to_owned(),
            outgoing.message_id.as_str().into(),
        );
    }
    Ok(Value::Object(message))
}

pub(super) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

/// A number goes into `to`, a BSUID (`US.1349…`) into `recipient`, a group (`…@g.us`) is its own type of recipient.
fn address(to: &str) -> Result<Map<String, Value>, SendError> {
    if to.is_empty() {
        return Err(refuse("The customer has no address on WhatsApp."));
    }
    let is_group = to.ends_with("@g.us");
    let field = if is_user_id(to) { "recipient" } else { "to" };
    let mut message = Map::new();
    message.insert(field.to_owned(), to.into());
    message.insert(
        "recipient_type".to_owned(),
        if is_group { "group" } else { "individual" }.into(),
    );
    Ok(message)
}

/// Two letters of a country, a full stop, letters and digits.
pub(super) fn is_user_id(address: &str) -> bool {
    address.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()) && !rest.is_empty()
    })
}

fn body(content: &Content) -> Result<(&'static str, Value), SendError> {
    Ok(match content {
        Content::Text { text } => ("text", text_body(text)?),
        Content::Image(media) => ("image", media_body(media, Caption::Allowed)?),
        Content::Video(media) => ("video", media_body(media, Caption::Allowed)?),
        Content::Audio(media) => ("audio", media_body(media, Caption::None)?),
        Content::Sticker(media) => ("sticker", media_body(media, Caption::None)?),
        Content::Document(media) => ("document", document_body(media)?),
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => (
            "location",
            location_body(*latitude, *longitude, name.as_deref(), address.as_deref())?,
        ),
        Content::Contacts { contacts, .. } if !contacts.is_empty() => ("contacts", contacts.clone().into()),
        Content::Interactive { text, body } => ("interactive", interactive::compose(text, body)?),
        Content::Reaction {
            provider_message_id,
            emoji,
        } => (
            "reaction",
            json!({ "message_id": provider_message_id, "emoji": emoji.as_deref().unwrap_or_default() }),
        ),
        Content::Template {
            name,
            language,
            components,
        } => ("template", template_body(name, language, components)?),
        Content::Contacts { .. } => return Err(refuse("There is no contact to send.")),
        Content::Choice { .. }
        | Content::Email(_)
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => return Err(refuse("This kind of message can't be sent on WhatsApp.")),
    })
}

fn text_body(text: &str) -> Result<Value, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    at_most(text, MAX_TEXT_CHARS, "The text")?;
    let has_link = text.contains("https://") || text.contains("http://");
    Ok(json!({ "body": text, "preview_url": has_link }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Caption {
    Allowed,
    None,
}

fn media_body(media: &Media, caption: Caption) -> Result<Value, SendError> {
    let mut body = match (&media.id, &media.url) {
        (Some(id), _) => json!({ "id": id }),
        (None, Some(url)) if url.starts_with("https://") || url.starts_with("http://") => {
            json!({ "link": url })
        }
        (None, Some(_)) => {
            return Err(refuse(
                "The attachment's address has to start with https:// or http://.",
            ));
        }
        (None, None) => return Err(refuse("The attachment has neither an id nor an address.")),
    };
    if let Some(text) = media.text.as_deref().filter(|text| !text.is_empty()) {
        if caption == Caption::None {
            return Err(refuse(
                "WhatsApp shows no text with this kind of attachment. Send the text by itself.",
            ));
        }
        at_most(text, MAX_CAPTION_CHARS, "The caption")?;
        body["caption"] = text.into();
    }
    Ok(body)
}

fn document_body(media: &Media) -> Result<Value, SendError> {
    let mut body = media_body(media, Caption::Allowed)?;
    if let Some(name) = &media.file_name {
        body["filename"] = name.as_str().into();
    }
    Ok(body)
}

fn location_body(
    latitude: f64,
    longitude: f64,
    name: Option<&str>,
    address: Option<&str>,
) -> Result<Value, SendError> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(refuse("There is no such place: check latitude and longitude."));
    }
    let mut body = json!({ "latitude": latitude, "longitude": longitude });
    for (field, value) in [("name", name), ("address", address)] {
        if let Some(value) = value {
            body[field] = value.into();
        }
    }
    Ok(body)
}

fn template_body(name: &str, language: &str, components: &[Value]) -> Result<Value, SendError> {
    if name.is_empty() || language.is_empty() {
        return Err(refuse("A template needs its name and its language."));
    }
    let mut body = json!({ "name": name, "language": { "code": language } });
    if !components.is_empty() {
        body["components"] = components.into();
    }
    Ok(body)
}

/// In Unicode characters, as WhatsApp counts.
pub(super) fn at_most(text: &str, max: usize, what: &str) -> Result<(), SendError> {
    let count = text.chars().count();
    if count > max {
        return Err(refuse(format!(
            "{what} has {count} characters; WhatsApp takes {max} at most."
        )));
    }
    Ok(())
}
