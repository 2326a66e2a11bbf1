//! A message in the Messaging API's form. What LINE would refuse is refused here, with a sentence that says why.

use serde_json::{Value, json};
use switchboard_domain::{AccountSettings, Content, Media};

use super::{MAX_TEXT_CHARS, account, interactive};
use crate::{Outgoing, SendError};

/// Of the title and the address of a place (Messaging API, "Location message").
const MAX_PLACE_CHARS: usize = 100;
const MAX_URL_CHARS: usize = 2000;
/// LINE insists on a length, and we don't know it; it is only shown beside the recording.
const AUDIO_MILLIS: u32 = 60_000;

/// The body of a push: to whom, and up to five messages. A caption is a message of its own, since pictures have none.
pub(super) fn compose(settings: &AccountSettings, outgoing: &Outgoing) -> Result<Value, SendError> {
    let to = outgoing.to.trim();
    if to.is_empty() {
        return Err(refuse("The customer has no address on LINE."));
    }
    let messages = messages(settings, &outgoing.content)?;
    Ok(json!({ "to": to, "messages": messages }))
}

pub(super) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

fn messages(settings: &AccountSettings, content: &Content) -> Result<Vec<Value>, SendError> {
    Ok(match content {
        Content::Text { text } => vec![text_message(text)?],
        Content::Interactive { text, body } => vec![interactive::compose(text, body)?],
        Content::Image(media) => {
            let url = url(media)?;
            let image = json!({ "type": "image", "originalContentUrl": url, "previewImageUrl": url });
            with_caption(image, media)?
        }
        Content::Video(media) => {
            let preview = account::video_preview(settings).ok_or_else(|| {
                refuse("LINE takes videos only with a preview picture, and the channel's settings name none. Send the link as a text.")
            })?;
            let video =
                json!({ "type": "video", "originalContentUrl": url(media)?, "previewImageUrl": preview });
            with_caption(video, media)?
        }
        Content::Audio(media) => {
            let audio =
                json!({ "type": "audio", "originalContentUrl": url(media)?, "duration": AUDIO_MILLIS });
            with_caption(audio, media)?
        }
        Content::Sticker(media) => vec![sticker(media)?],
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => vec![place(*latitude, *longitude, name.as_deref(), address.as_deref())?],
        Content::Document(_) => {
            return Err(refuse(
                "LINE takes no files from us. Send a link to it as a text.",
            ));
        }
        Content::Template { .. } => return Err(refuse("LINE has no templates. Send the text itself.")),
        Content::Contacts { .. }
        | Content::Reaction { .. }
        | Content::Choice { .. }
        | Content::Email(_)
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => return Err(refuse("This kind of message can't be sent on LINE.")),
    })
}

pub(super) fn text_message(text: &str) -> Result<Value, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    at_most(text, MAX_TEXT_CHARS, "The text")?;
    Ok(json!({ "type": "text", "text": text }))
}

fn with_caption(file: Value, media: &Media) -> Result<Vec<Value>, SendError> {
    let mut messages = vec![file];
    if let Some(text) = media.text.as_deref().filter(|text| !text.is_empty()) {
        messages.push(text_message(text)?);
    }
    Ok(messages)
}

/// LINE fetches files itself, over HTTPS only; its ids are for receiving.
fn url(media: &Media) -> Result<&str, SendError> {
    match media.url.as_deref() {
        Some(url) if url.starts_with("https://") => {
            at_most(url, MAX_URL_CHARS, "The attachment's address")?;
            Ok(url)
        }
        Some(_) => Err(refuse("The attachment's address has to start with https://.")),
        None => Err(refuse(
            "The attachment has no address that LINE could fetch it from.",
        )),
    }
}

fn sticker(media: &Media) -> Result<Value, SendError> {
    let id = media.id.as_deref().and_then(|id| id.split_once('/'));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match id {
        Some((package, sticker)) if number(package) && number(sticker) => {
            Ok(json!({ "type": "sticker", "packageId": package, "stickerId": sticker }))
        }
        _ => Err(refuse(
            "A sticker on LINE is named by its package and its number, as in 446/1988.",
        )),
    }
}

/// LINE wants title and address; of a bare place the coordinates are said.
fn place(
    latitude: f64,
    longitude: f64,
    name: Option<&str>,
    address: Option<&str>,
) -> Result<Value, SendError> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(refuse("There is no such place: check latitude and longitude."));
    }
    let coordinates = format!("{latitude}, {longitude}");
    let title = name.or(address).unwrap_or(&coordinates);
    let address = address.unwrap_or(&coordinates);
    at_most(title, MAX_PLACE_CHARS, "The name of the place")?;
    at_most(address, MAX_PLACE_CHARS, "The address of the place")?;
    Ok(json!({
        "type": "location",
        "title": title,
        "address": address,
        "latitude": latitude,
        "longitude": longitude,
    }))
}

/// In UTF-16 code units, as LINE counts.
pub(super) fn at_most(text: &str, max: usize, what: &str) -> Result<(), SendError> {
    let count = text.encode_utf16().count();
    if count > max {
        return Err(refuse(format!(
            "{what} has {count} characters; LINE takes {max} at most."
        )));
    }
    Ok(())
}
