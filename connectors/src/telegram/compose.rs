//! A message as a call of the Bot API. What Telegram would refuse is refused here, with a sentence that says why.

use serde_json::{Value, json};
use switchboard_domain::{Content, Media};

use super::{MAX_CAPTION_CHARS, MAX_TEXT_CHARS, keyboard};
use crate::{Outgoing, SendError};

/// A method and its parameters.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub method: &'static str,
    pub parameters: Value,
}

/// Where a message goes: `{chat}`, or `{chat}@{business connection}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub chat: &'a str,
    pub connection: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub fn of(to: &'a str) -> Result<Self, SendError> {
        let to = to.trim();
        // A public group may also be named `@name`.
        let (chat, connection) = match to.split_once('@') {
            Some((chat, connection)) if !chat.is_empty() => (chat, Some(connection)),
            _ => (to, None),
        };
        let named = chat.strip_prefix('@').is_some_and(|name| !name.is_empty());
        if !named && chat.parse::<i64>().is_err() {
            return Err(refuse("The customer has no valid address on Telegram."));
        }
        Ok(Self { chat, connection })
    }
}

pub(super) fn compose(outgoing: &Outgoing) -> Result<Call, SendError> {
    let target = Target::of(&outgoing.to)?;
    let mut call = call(&outgoing.content)?;
    call.parameters["chat_id"] = chat_id(target.chat);
    if let Some(connection) = target.connection {
        call.parameters["business_connection_id"] = connection.into();
    }
    let quoted = outgoing
        .reply_to
        .as_deref()
        .and_then(|id| number_in(id, target.chat));
    if let Some(number) = quoted.filter(|_| call.method != "setMessageReaction") {
        // That the quoted message is gone by now is no reason to lose the answer.
        call.parameters["reply_parameters"] =
            json!({ "message_id": number, "allow_sending_without_reply": true });
    }
    Ok(call)
}

pub(super) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

/// Numbers go as numbers; a name stays one.
pub(super) fn chat_id(chat: &str) -> Value {
    chat.parse::<i64>().map_or_else(|_| chat.into(), Value::from)
}

/// The number of a message in this chat; `None` for ids of other things (a pressed button) and of other chats.
fn number_in(provider_message_id: &str, chat: &str) -> Option<i64> {
    let (message, _) = provider_message_id
        .split_once('#')
        .unwrap_or((provider_message_id, ""));
    let (chat_path, number) = message.rsplit_once(':')?;
    let quoted_chat = chat_path.rsplit_once(':').map_or(chat_path, |(_, chat)| chat);
    (quoted_chat == chat || chat.starts_with('@'))
        .then(|| number.parse().ok())
        .flatten()
}

fn call(content: &Content) -> Result<Call, SendError> {
    Ok(match content {
        Content::Text { text } => text_call(text)?,
        Content::Interactive { text, body } => {
            let mut call = text_call(text)?;
            call.parameters["reply_markup"] = keyboard::check(body)?;
            call
        }
        Content::Image(media) => file("sendPhoto", "photo", media)?,
        Content::Video(media) => file("sendVideo", "video", media)?,
        Content::Audio(media) if media.voice == Some(true) => file("sendVoice", "voice", media)?,
        Content::Audio(media) => file("sendAudio", "audio", media)?,
        Content::Document(media) => file("sendDocument", "document", media)?,
        Content::Sticker(media) if media.text.as_deref().is_some_and(|text| !text.is_empty()) => {
            return Err(refuse(
                "Telegram shows no text with a sticker. Send the text by itself.",
            ));
        }
        Content::Sticker(media) => file("sendSticker", "sticker", media)?,
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => place(*latitude, *longitude, name.as_deref(), address.as_deref())?,
        Content::Contacts { contacts, .. } => contact(contacts)?,
        Content::Reaction {
            provider_message_id,
            emoji,
        } => reaction(provider_message_id, emoji.as_deref())?,
        Content::Template { .. } => {
            return Err(refuse("Telegram has no templates. Send the text itself."));
        }
        Content::Choice { .. }
        | Content::Email(_)
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => return Err(refuse("This kind of message can't be sent on Telegram.")),
    })
}

fn text_call(text: &str) -> Result<Call, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    at_most(text, MAX_TEXT_CHARS, "The text")?;
    Ok(Call {
        method: "sendMessage",
        parameters: json!({ "text": text }),
    })
}

/// By the id of a file that Telegram has, or by a URL that it fetches.
fn file(method: &'static str, field: &str, media: &Media) -> Result<Call, SendError> {
    let file = match (&media.id, &media.url) {
        (Some(id), _) => id,
        (None, Some(url)) if url.starts_with("https://") || url.starts_with("http://") => url,
        (None, Some(_)) => {
            return Err(refuse(
                "The attachment's address has to start with https:// or http://.",
            ));
        }
        (None, None) => return Err(refuse("The attachment has neither an id nor an address.")),
    };
    let mut parameters = json!({ field: file });
    if let Some(text) = media.text.as_deref().filter(|text| !text.is_empty()) {
        at_most(text, MAX_CAPTION_CHARS, "The caption")?;
        parameters["caption"] = text.into();
    }
    Ok(Call { method, parameters })
}

/// With a name and an address it is a venue.
fn place(
    latitude: f64,
    longitude: f64,
    name: Option<&str>,
    address: Option<&str>,
) -> Result<Call, SendError> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(refuse("There is no such place: check latitude and longitude."));
    }
    let mut parameters = json!({ "latitude": latitude, "longitude": longitude });
    let Some(title) = name.or(address) else {
        return Ok(Call {
            method: "sendLocation",
            parameters,
        });
    };
    parameters["title"] = title.into();
    parameters["address"] = address.unwrap_or(title).into();
    Ok(Call {
        method: "sendVenue",
        parameters,
    })
}

/// A card in Telegram's own form.
fn contact(contacts: &[Value]) -> Result<Call, SendError> {
    let [card] = contacts else {
        return Err(refuse("Telegram takes exactly one contact in a message."));
    };
    let mut parameters = json!({});
    for field in ["phone_number", "first_name", "last_name", "vcard"] {
        if let Some(text) = card[field].as_str() {
            parameters[field] = text.into();
        }
    }
    let lacks = |field: &str| parameters[field].as_str().is_none_or(str::is_empty);
    if lacks("phone_number") || lacks("first_name") {
        return Err(refuse("A contact needs phone_number and first_name."));
    }
    Ok(Call {
        method: "sendContact",
        parameters,
    })
}

fn reaction(provider_message_id: &str, emoji: Option<&str>) -> Result<Call, SendError> {
    let number = provider_message_id
        .rsplit_once(':')
        .and_then(|(_, number)| number.parse::<i64>().ok());
    let number = number.ok_or_else(|| refuse("There is no such message to react to."))?;
    let reaction = match emoji.filter(|emoji| !emoji.is_empty()) {
        Some(emoji) => json!([{ "type": "emoji", "emoji": emoji }]),
        None => json!([]),
    };
    Ok(Call {
        method: "setMessageReaction",
        parameters: json!({ "message_id": number, "reaction": reaction }),
    })
}

/// In UTF-16 code units, in which Telegram counts everything.
fn at_most(text: &str, max: usize, what: &str) -> Result<(), SendError> {
    let count = text.encode_utf16().count();
    if count > max {
        return Err(refuse(format!(
            "{what} has {count} characters; Telegram takes {max} at most."
        )));
    }
    Ok(())
}
