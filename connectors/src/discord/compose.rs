//! A message in Discord's form. What Discord would refuse is refused here, with a sentence that says why.

use http::Method;
use reqwest::Url;
use serde_json::{Value, json};
use switchboard_domain::{Content, Media};

use super::{MAX_TEXT_CHARS, account::is_id, nonce};
use crate::{Outgoing, SendError};

/// Rows of components, or components of the newer kind.
const MAX_COMPONENTS: usize = 10;

/// A request of the API.
#[derive(Debug)]
pub(super) struct Call {
    pub method: Method,
    pub path: Vec<String>,
    pub body: Option<Value>,
}

pub(super) fn compose(outgoing: &Outgoing) -> Result<Call, SendError> {
    let channel = outgoing.to.trim();
    if !is_id(channel) {
        return Err(refuse("The customer has no address on Discord."));
    }
    if let Content::Reaction {
        provider_message_id,
        emoji,
    } = &outgoing.content
    {
        return reaction(channel, provider_message_id, emoji.as_deref());
    }
    let mut message = body(&outgoing.content)?;
    // Nothing an agent writes rings for a whole server.
    message["allowed_mentions"] = json!({ "parse": [], "replied_user": true });
    message["nonce"] = nonce::of(&outgoing.message_id).into();
    message["enforce_nonce"] = true.into();
    if let Some(quoted) = outgoing.reply_to.as_deref().map(whole).filter(|id| is_id(id)) {
        message["message_reference"] = json!({ "message_id": quoted, "fail_if_not_exists": false });
    }
    Ok(Call {
        method: Method::POST,
        path: path(&["channels", channel, "messages"]),
        body: Some(message),
    })
}

pub(super) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

fn path(segments: &[&str]) -> Vec<String> {
    segments.iter().map(|segment| (*segment).to_owned()).collect()
}

/// Of one of several files, the message it came with.
fn whole(id: &str) -> &str {
    id.split('#').next().unwrap_or_default()
}

fn body(content: &Content) -> Result<Value, SendError> {
    Ok(match content {
        Content::Text { text } => json!({ "content": words(text)? }),
        Content::Image(media) => picture(media)?,
        Content::Sticker(media) => match media.id.as_deref().filter(|id| is_id(id)) {
            Some(id) => json!({ "sticker_ids": [id] }),
            None => picture(media)?,
        },
        Content::Audio(media) | Content::Video(media) | Content::Document(media) => linked(media)?,
        Content::Interactive { text, body } => interactive(text, body)?,
        Content::Location { .. }
        | Content::Contacts { .. }
        | Content::Template { .. }
        | Content::Choice { .. }
        | Content::Reaction { .. }
        | Content::Email(_)
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => return Err(refuse("This kind of message can't be sent on Discord.")),
    })
}

fn words(text: &str) -> Result<&str, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    let count = text.chars().count();
    if count > MAX_TEXT_CHARS {
        return Err(refuse(format!(
            "The text has {count} characters; Discord takes {MAX_TEXT_CHARS} at most."
        )));
    }
    Ok(text)
}

fn caption(media: &Media) -> Option<&str> {
    media.text.as_deref().filter(|text| !text.trim().is_empty())
}

fn picture(media: &Media) -> Result<Value, SendError> {
    let mut message = json!({ "embeds": [{ "image": { "url": address(media)? } }] });
    if let Some(caption) = caption(media) {
        message["content"] = words(caption)?.into();
    }
    Ok(message)
}

/// Other files are linked: Discord takes uploads only of the bytes themselves.
fn linked(media: &Media) -> Result<Value, SendError> {
    let url = address(media)?;
    let text = match caption(media) {
        Some(caption) => format!("{caption}\n{url}"),
        None => url,
    };
    Ok(json!({ "content": words(&text)? }))
}

fn address(media: &Media) -> Result<String, SendError> {
    let url = media.url.as_deref();
    let url = url.ok_or_else(|| refuse("Discord needs the attachment's address to send it."))?;
    let parsed = Url::parse(url).ok();
    parsed
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .map(String::from)
        .ok_or_else(|| refuse("The attachment's address has to start with https:// or http://."))
}

/// Components in Discord's own form, below the text.
fn interactive(text: &str, form: &Value) -> Result<Value, SendError> {
    let components = if form.is_array() {
        form
    } else {
        &form["components"]
    };
    let count = components.as_array().map_or(0, Vec::len);
    if !(1..=MAX_COMPONENTS).contains(&count) {
        return Err(refuse(format!(
            "An interactive message needs one to {MAX_COMPONENTS} rows of components, not {count}."
        )));
    }
    Ok(json!({ "content": words(text)?, "components": components }))
}

/// The sign itself, or `name:id` of a server's own.
fn reaction(channel: &str, provider_message_id: &str, emoji: Option<&str>) -> Result<Call, SendError> {
    let message = whole(provider_message_id);
    if !is_id(message) {
        return Err(refuse("Discord can't find the message to react to."));
    }
    let emoji = emoji.map(|emoji| emoji.trim().trim_matches([':', '<', '>']));
    let emoji = emoji
        .filter(|emoji| !emoji.is_empty())
        .ok_or_else(|| refuse("On Discord a reaction can't be taken back from here."))?;
    let named = emoji.split_once(':').is_none_or(|(_, id)| is_id(id));
    if !named
        || emoji
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Err(refuse("Discord has no such reaction that we know."));
    }
    Ok(Call {
        method: Method::PUT,
        path: path(&[
            "channels",
            channel,
            "messages",
            message,
            "reactions",
            emoji,
            "@me",
        ]),
        body: None,
    })
}
