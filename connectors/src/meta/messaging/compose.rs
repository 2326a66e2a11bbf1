//! A message in the form of Meta's send call. What Meta would refuse is refused here, with a sentence that says why.

use serde_json::{Map, Value, json};
use switchboard_domain::{Content, Media};

use super::{OUR_METADATA, provider_mid};
use crate::{Outgoing, SendError, meta::error::Dictionary};

const MAX_QUICK_REPLIES: usize = 13;
const MAX_QUICK_REPLY_CHARS: usize = 20;
const MAX_PAYLOAD_CHARS: usize = 1000;
const MAX_BUTTONS: usize = 3;
const MAX_CARDS: usize = 10;

/// In what a channel differs from the other.
pub(crate) struct Dialect {
    pub name: &'static str,
    pub base_url: &'static str,
    pub dictionary: &'static Dictionary,
    pub max_text: TextLimit,
    /// `messaging_type` and templates, `metadata` that comes back in echoes, and people who have no id but a reference.
    pub is_messenger: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum TextLimit {
    Chars(usize),
    /// In UTF-8.
    Bytes(usize),
}

pub(super) fn compose(outgoing: &Outgoing, dialect: &Dialect) -> Result<Value, SendError> {
    let mut call = Map::new();
    call.insert("recipient".to_owned(), recipient(outgoing.to.trim(), dialect)?);
    if let Content::Reaction {
        provider_message_id,
        emoji,
    } = &outgoing.content
    {
        call.extend(reaction(provider_message_id, emoji.as_deref(), dialect)?);
        return Ok(Value::Object(call));
    }
    let mut message = message(&outgoing.content, dialect)?;
    if dialect.is_messenger {
        let is_template = matches!(outgoing.content, Content::Template { .. });
        let purpose = if is_template { "UTILITY" } else { "RESPONSE" };
        call.insert("messaging_type".to_owned(), purpose.into());
        let metadata = format!("{OUR_METADATA}{}", outgoing.message_id.as_str());
        message.insert("metadata".to_owned(), metadata.into());
    }
    call.insert("message".to_owned(), message.into());
    if let Some(mid) = outgoing.reply_to.as_deref().and_then(provider_mid) {
        call.insert("reply_to".to_owned(), json!({ "mid": mid }));
    }
    Ok(Value::Object(call))
}

fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

/// Ids consist of digits; anything else is the reference of somebody who wrote through a plugin.
fn recipient(to: &str, dialect: &Dialect) -> Result<Value, SendError> {
    if to.is_empty() {
        return Err(refuse(format!(
            "The customer has no address on {}.",
            dialect.name
        )));
    }
    let is_id = !dialect.is_messenger || to.bytes().all(|byte| byte.is_ascii_digit());
    Ok(if is_id {
        json!({ "id": to })
    } else {
        json!({ "user_ref": to })
    })
}

/// Instagram lets a business react with a heart and with nothing else.
fn reaction(
    message_id: &str,
    emoji: Option<&str>,
    dialect: &Dialect,
) -> Result<Map<String, Value>, SendError> {
    if dialect.is_messenger {
        return Err(refuse("Reactions can't be sent on Messenger."));
    }
    let mid = provider_mid(message_id).ok_or_else(|| refuse("There is no message to react to."))?;
    let (action, payload) = match emoji.map(|emoji| emoji.trim_end_matches('\u{fe0f}')) {
        None | Some("") => ("unreact", json!({ "message_id": mid })),
        Some("❤") => ("react", json!({ "message_id": mid, "reaction": "love" })),
        Some(_) => return Err(refuse("On Instagram we can react with a heart only.")),
    };
    Ok(Map::from_iter([
        ("sender_action".to_owned(), action.into()),
        ("payload".to_owned(), payload),
    ]))
}

fn message(content: &Content, dialect: &Dialect) -> Result<Map<String, Value>, SendError> {
    Ok(match content {
        Content::Text { text } => Map::from_iter([("text".to_owned(), text_body(text, dialect)?.into())]),
        Content::Image(media) => attachment("image", media, dialect)?,
        Content::Video(media) => attachment("video", media, dialect)?,
        Content::Audio(media) => attachment("audio", media, dialect)?,
        Content::Document(media) => attachment("file", media, dialect)?,
        Content::Interactive { text, body } => interactive(text, body, dialect)?,
        Content::Template {
            name,
            language,
            components,
        } if dialect.is_messenger => template(name, language, components)?,
        other => {
            return Err(refuse(format!(
                "A message of the kind \"{}\" can't be sent on {}.",
                other.kind(),
                dialect.name
            )));
        }
    })
}

fn text_body<'t>(text: &'t str, dialect: &Dialect) -> Result<&'t str, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    let (count, max, unit) = match dialect.max_text {
        TextLimit::Chars(max) => (text.chars().count(), max, "characters"),
        TextLimit::Bytes(max) => (text.len(), max, "bytes"),
    };
    if count > max {
        let name = dialect.name;
        return Err(refuse(format!(
            "The text has {count} {unit}; {name} takes {max} at most."
        )));
    }
    Ok(text)
}

/// A call carries words or a file, never both.
fn attachment(kind: &str, media: &Media, dialect: &Dialect) -> Result<Map<String, Value>, SendError> {
    if media.text.as_deref().is_some_and(|text| !text.is_empty()) {
        return Err(refuse(format!(
            "{} shows no text with an attachment. Send the text by itself.",
            dialect.name
        )));
    }
    let payload = match (&media.id, &media.url) {
        (Some(id), _) => json!({ "attachment_id": id }),
        (None, Some(url)) if url.starts_with("https://") || url.starts_with("http://") => {
            json!({ "url": url })
        }
        (None, Some(_)) => {
            return Err(refuse(
                "The attachment's address has to start with https:// or http://.",
            ));
        }
        (None, None) => return Err(refuse("The attachment has neither an id nor an address.")),
    };
    let attachment = json!({ "type": kind, "payload": payload });
    Ok(Map::from_iter([("attachment".to_owned(), attachment)]))
}

fn template(name: &str, language: &str, components: &[Value]) -> Result<Map<String, Value>, SendError> {
    if name.is_empty() || language.is_empty() {
        return Err(refuse("A template needs its name and its language."));
    }
    let mut template = json!({ "name": name, "language": { "code": language } });
    if !components.is_empty() {
        template["components"] = components.into();
    }
    Ok(Map::from_iter([("template".to_owned(), template)]))
}

/// Quick replies or a template with buttons, in Meta's own form: the `message` of a call, to which `text` is added where
/// there is nothing else to read.
fn interactive(text: &str, form: &Value, dialect: &Dialect) -> Result<Map<String, Value>, SendError> {
    let Some(mut message) = form.as_object().cloned() else {
        return Err(refuse(
            "An interactive message is an object with quick_replies or an attachment.",
        ));
    };
    let has_attachment = message.get("attachment").is_some_and(Value::is_object);
    let replies = message.get("quick_replies").and_then(Value::as_array);
    if replies.is_none() && !has_attachment {
        return Err(refuse(
            "An interactive message needs quick_replies or an attachment.",
        ));
    }
    if let Some(replies) = replies {
        check_quick_replies(replies, dialect)?;
    }
    if has_attachment {
        check_template(&message["attachment"]["payload"], dialect)?;
    } else {
        let given = message
            .get("text")
            .and_then(Value::as_str)
            .filter(|given| !given.is_empty());
        let said = text_body(given.unwrap_or(text), dialect)?.to_owned();
        message.insert("text".to_owned(), said.into());
    }
    Ok(message)
}

fn check_quick_replies(replies: &[Value], dialect: &Dialect) -> Result<(), SendError> {
    in_range(replies.len(), MAX_QUICK_REPLIES, "quick replies", dialect)?;
    for reply in replies {
        // The customer's own number or address is offered without a title.
        if reply["content_type"].as_str().is_none_or(|kind| kind == "text") {
            required(
                &reply["title"],
                MAX_QUICK_REPLY_CHARS,
                "The title of a quick reply",
            )?;
            required(
                &reply["payload"],
                MAX_PAYLOAD_CHARS,
                "The payload of a quick reply",
            )?;
        }
    }
    Ok(())
}

fn check_template(payload: &Value, dialect: &Dialect) -> Result<(), SendError> {
    if let Some(buttons) = payload["buttons"].as_array() {
        in_range(buttons.len(), MAX_BUTTONS, "buttons", dialect)?;
    }
    if let Some(cards) = payload["elements"].as_array() {
        in_range(cards.len(), MAX_CARDS, "cards", dialect)?;
    }
    Ok(())
}

fn in_range(count: usize, max: usize, what: &str, dialect: &Dialect) -> Result<(), SendError> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    Err(refuse(format!(
        "{} shows one to {max} {what}, not {count}.",
        dialect.name
    )))
}

fn required(text: &Value, max: usize, what: &str) -> Result<(), SendError> {
    let count = text.as_str().map_or(0, |text| text.chars().count());
    match count {
        0 => Err(refuse(format!("{what} is missing."))),
        count if count > max => Err(refuse(format!(
            "{what} has {count} characters; {max} at most are shown."
        ))),
        _ => Ok(()),
    }
}
