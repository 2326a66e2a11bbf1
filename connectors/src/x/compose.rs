//! A message in the form of API v2. What X would refuse is refused here, with a sentence that says why.

use serde_json::{Value, json};
use switchboard_domain::{Content, Media};

use super::{MAX_TEXT_CHARS, account::is_id};
use crate::{Outgoing, SendError};

/// Where a message goes, and what it is.
#[derive(Debug)]
pub(super) struct Call {
    pub path: Vec<String>,
    pub body: Value,
}

pub(super) fn compose(outgoing: &Outgoing) -> Result<Call, SendError> {
    let to = outgoing.to.trim();
    let (conversation, id) = match to.strip_prefix("group:") {
        Some(group) => (vec!["dm_conversations", group], group),
        None => (vec!["dm_conversations", "with", to], to),
    };
    if !is_id(id) {
        return Err(refuse("The customer has no address on X."));
    }
    Ok(Call {
        path: conversation
            .into_iter()
            .chain(["messages"])
            .map(str::to_owned)
            .collect(),
        body: body(&outgoing.content)?,
    })
}

pub(super) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

fn body(content: &Content) -> Result<Value, SendError> {
    Ok(match content {
        Content::Text { text } => json!({ "text": words(text)? }),
        Content::Image(media) | Content::Video(media) => uploaded(media)?,
        Content::Audio(_)
        | Content::Document(_)
        | Content::Sticker(_)
        | Content::Location { .. }
        | Content::Contacts { .. }
        | Content::Choice { .. }
        | Content::Interactive { .. }
        | Content::Reaction { .. }
        | Content::Email(_)
        | Content::Order { .. }
        | Content::Template { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => return Err(refuse("This kind of message can't be sent on X.")),
    })
}

fn words(text: &str) -> Result<&str, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    let count = text.chars().count();
    if count > MAX_TEXT_CHARS {
        return Err(refuse(format!(
            "The text has {count} characters; X takes {MAX_TEXT_CHARS} at most."
        )));
    }
    Ok(text)
}

/// X takes a file only by the id it got when it was uploaded.
fn uploaded(media: &Media) -> Result<Value, SendError> {
    let id = media.id.as_deref().filter(|id| is_id(id));
    let id = id.ok_or_else(|| refuse("X takes pictures and videos only after they were uploaded there."))?;
    let mut message = json!({ "attachments": [{ "media_id": id }] });
    if let Some(caption) = media.text.as_deref().filter(|text| !text.trim().is_empty()) {
        message["text"] = words(caption)?.into();
    }
    Ok(message)
}
