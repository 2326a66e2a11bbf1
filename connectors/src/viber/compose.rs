//! A message in Viber's form. What Viber would refuse is refused here, with a sentence that says why.

use serde_json::{Value, json};
use switchboard_domain::{ChannelAccount, Content, Media};

use super::{MAX_CAPTION_CHARS, MAX_TEXT_CHARS, account, interactive};
use crate::{Outgoing, SendError};

/// Of the whole JSON (Viber REST API, "Send message").
const MAX_BYTES: usize = 30_000;
const MAX_URL_CHARS: usize = 2000;

pub(super) fn compose(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Value, SendError> {
    let to = outgoing.to.trim();
    if to.is_empty() {
        return Err(refuse("The customer has no address on Viber."));
    }
    let mut message = message(&outgoing.content)?;
    let mut sender = json!({ "name": account::sender_name(account) });
    if let Some(avatar) = account::sender_avatar(account) {
        sender["avatar"] = avatar.into();
    }
    message["receiver"] = to.into();
    message["sender"] = sender;
    if message["min_api_version"].is_null() {
        message["min_api_version"] = 1.into();
    }
    if message.to_string().len() > MAX_BYTES {
        return Err(refuse(
            "With all that belongs to it, the message is too large for Viber.",
        ));
    }
    Ok(message)
}

pub(super) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

fn message(content: &Content) -> Result<Value, SendError> {
    Ok(match content {
        Content::Text { text } => text_message(text)?,
        Content::Interactive { text, body } => interactive::compose(text, body)?,
        Content::Image(media) => picture(media)?,
        // Viber wants the exact size with files, which we don't know, so it gets the way to them.
        Content::Video(media) | Content::Audio(media) | Content::Document(media) => link(media)?,
        Content::Sticker(media) => sticker(media)?,
        Content::Location {
            latitude, longitude, ..
        } => place(*latitude, *longitude)?,
        Content::Contacts { contacts, .. } => contact(contacts)?,
        Content::Template { .. } => return Err(refuse("Viber has no templates. Send the text itself.")),
        Content::Reaction { .. }
        | Content::Choice { .. }
        | Content::Email(_)
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => return Err(refuse("This kind of message can't be sent on Viber.")),
    })
}

pub(super) fn text_message(text: &str) -> Result<Value, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    at_most(text, MAX_TEXT_CHARS, "The text")?;
    Ok(json!({ "type": "text", "text": text }))
}

/// The caption may be empty, and has to be there.
fn picture(media: &Media) -> Result<Value, SendError> {
    let caption = media.text.as_deref().unwrap_or_default();
    at_most(caption, MAX_CAPTION_CHARS, "The caption")?;
    Ok(json!({ "type": "picture", "text": caption, "media": url(media)? }))
}

/// A message of the kind `url` has no words of its own.
fn link(media: &Media) -> Result<Value, SendError> {
    let url = url(media)?;
    match media.text.as_deref().filter(|text| !text.is_empty()) {
        Some(caption) => text_message(&format!("{caption}\n{url}")),
        None => Ok(json!({ "type": "url", "media": url })),
    }
}

fn url(media: &Media) -> Result<&str, SendError> {
    match media.url.as_deref() {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            at_most(url, MAX_URL_CHARS, "The attachment's address")?;
            Ok(url)
        }
        Some(_) => Err(refuse(
            "The attachment's address has to start with https:// or http://.",
        )),
        None => Err(refuse(
            "The attachment has no address that Viber could fetch it from.",
        )),
    }
}

fn sticker(media: &Media) -> Result<Value, SendError> {
    let id = media.id.as_deref().and_then(|id| id.parse::<u64>().ok());
    let id = id.ok_or_else(|| refuse("A sticker on Viber is named by its number."))?;
    Ok(json!({ "type": "sticker", "sticker_id": id }))
}

fn place(latitude: f64, longitude: f64) -> Result<Value, SendError> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(refuse("There is no such place: check latitude and longitude."));
    }
    Ok(json!({ "type": "location", "location": { "lat": latitude, "lon": longitude } }))
}

/// A card in Viber's own form (Viber REST API, "Contact message": 28 characters of a name, 18 of a number).
fn contact(contacts: &[Value]) -> Result<Value, SendError> {
    let [card] = contacts else {
        return Err(refuse("Viber takes exactly one contact in a message."));
    };
    let (name, phone) = (card["name"].as_str(), card["phone_number"].as_str());
    let (Some(name), Some(phone)) = (name, phone) else {
        return Err(refuse("A contact needs name and phone_number."));
    };
    at_most(name, 28, "The contact's name")?;
    at_most(phone, 18, "The contact's number")?;
    Ok(json!({ "type": "contact", "contact": { "name": name, "phone_number": phone } }))
}

pub(super) fn at_most(text: &str, max: usize, what: &str) -> Result<(), SendError> {
    let count = text.chars().count();
    if count > max {
        return Err(refuse(format!(
            "{what} has {count} characters; Viber takes {max} at most."
        )));
    }
    Ok(())
}
