//! Buttons, carousels, Flex and quick replies: the caller gives them in LINE's own form, checked here against LINE's
//! limits (Messaging API, "Template messages", "Flex message", "Quick reply").

use serde_json::{Value, json};

use super::compose::{at_most, refuse, text_message};
use crate::SendError;

const MAX_ALT_CHARS: usize = 1500;
const MAX_QUICK_REPLIES: usize = 13;
const MAX_BUTTONS: usize = 4;
const MAX_COLUMNS: usize = 10;
const MAX_LABEL_CHARS: usize = 20;
const MAX_DATA_CHARS: usize = 300;

/// `text` is the message beneath quick replies, and for the other forms what is shown where they can't be.
pub(super) fn compose(text: &str, form: &Value) -> Result<Value, SendError> {
    let mut message = match form["type"].as_str() {
        None if form.get("quickReply").is_some() => text_message(text)?,
        Some("template" | "flex" | "imagemap") => {
            let mut message = form.clone();
            if message["altText"].as_str().is_none_or(str::is_empty) {
                message["altText"] = json!(text);
            }
            let alt = message["altText"].as_str().unwrap_or_default();
            if alt.trim().is_empty() {
                return Err(refuse("An interactive message needs a text."));
            }
            at_most(alt, MAX_ALT_CHARS, "The text of an interactive message")?;
            message
        }
        Some("text" | "textV2") => {
            let mut message = form.clone();
            if message["text"].as_str().is_none_or(str::is_empty) {
                message["text"] = text_message(text)?["text"].take();
            }
            message
        }
        _ => {
            return Err(refuse(
                "An interactive message needs a type: template, flex, imagemap, or a quickReply.",
            ));
        }
    };
    if let Some(quick_reply) = form.get("quickReply") {
        check_quick_reply(quick_reply)?;
        message["quickReply"] = quick_reply.clone();
    }
    if message["type"] == "template" {
        check_template(&message["template"])?;
    }
    Ok(message)
}

fn check_quick_reply(quick_reply: &Value) -> Result<(), SendError> {
    let items = list(&quick_reply["items"]);
    count(items, MAX_QUICK_REPLIES, "quick replies")?;
    items.iter().try_for_each(|item| check_action(&item["action"]))
}

fn check_template(template: &Value) -> Result<(), SendError> {
    match template["type"].as_str() {
        Some("buttons" | "confirm") => {
            let actions = list(&template["actions"]);
            let max = if template["type"] == "confirm" {
                2
            } else {
                MAX_BUTTONS
            };
            count(actions, max, "buttons")?;
            actions.iter().try_for_each(check_action)
        }
        Some("carousel" | "image_carousel") => count(list(&template["columns"]), MAX_COLUMNS, "columns"),
        _ => Err(refuse(
            "A template on LINE is of the type buttons, confirm, carousel or image_carousel.",
        )),
    }
}

fn check_action(action: &Value) -> Result<(), SendError> {
    if action["type"].as_str().is_none_or(str::is_empty) {
        return Err(refuse("A button's action needs a type."));
    }
    let label = action["label"].as_str().unwrap_or_default();
    at_most(label, MAX_LABEL_CHARS, "The text of a button")?;
    let data = action["data"].as_str().unwrap_or_default();
    at_most(data, MAX_DATA_CHARS, "The data of a button")
}

fn count(items: &[Value], max: usize, what: &str) -> Result<(), SendError> {
    if (1..=max).contains(&items.len()) {
        return Ok(());
    }
    let found = items.len();
    Err(refuse(format!(
        "LINE shows one to {max} {what} here, not {found}."
    )))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
