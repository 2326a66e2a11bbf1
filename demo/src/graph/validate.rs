//! What Meta checks before it accepts a message. Its limits count characters.

use serde_json::Value;

use super::{GraphError, interactive::check_interactive};

const TEXT: usize = 4096;
const CAPTION: usize = 1024;
const OPAQUE: usize = 512;

const TYPES: &str =
    "AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, STICKER, TEMPLATE, TEXT, VIDEO";

/// What the checks need to know besides the message.
pub(super) struct Known<'a> {
    pub(super) our_number: &'a str,
    pub(super) has_media: &'a dyn Fn(&str) -> bool,
    pub(super) has_template: &'a dyn Fn(&str) -> bool,
}

pub(super) type Checked = Result<(), GraphError>;

/// The recipient's digits, or why the message can't be taken.
pub(super) fn check_message(body: &Value, known: &Known<'_>) -> Result<String, GraphError> {
    check_product(body)?;
    let to = recipient(body)?;
    if to == known.our_number {
        return Err(GraphError::of(131_021));
    }
    if body["biz_opaque_callback_data"]
        .as_str()
        .is_some_and(|data| data.chars().count() > OPAQUE)
    {
        return Err(too_long("biz_opaque_callback_data", OPAQUE));
    }
    let context = &body["context"];
    if !context.is_null() && text_at(context, "message_id").is_none() {
        return Err(required("context['message_id']"));
    }
    let kind = body["type"].as_str().unwrap_or("text");
    if !TYPES.split(", ").any(|known| known.eq_ignore_ascii_case(kind)) {
        let given = kind.to_uppercase();
        return Err(GraphError::of(100).saying(format!(
            "(#100) Param type must be one of {{{TYPES}}} - got \"{given}\"."
        )));
    }
    let object = &body[kind];
    let is_there = object.is_object() || (kind == "contacts" && object.is_array());
    if !is_there {
        return Err(required(kind));
    }
    check_object(kind, object, known)?;
    Ok(to)
}

pub(super) fn check_product(body: &Value) -> Checked {
    match body["messaging_product"].as_str() {
        Some(product) if product.eq_ignore_ascii_case("whatsapp") => Ok(()),
        Some(other) => Err(GraphError::of(100).saying(format!(
            "(#100) Param messaging_product must be one of {{WHATSAPP}} - got \"{other}\"."
        ))),
        None => Err(GraphError::of(100).saying("(#100) The parameter messaging_product is required.")),
    }
}

/// `to` wins over `recipient` (a business-scoped user id) when both are given.
fn recipient(body: &Value) -> Result<String, GraphError> {
    if let Some(to) = text_at(body, "to") {
        let digits: String = to.chars().filter(char::is_ascii_digit).collect();
        if !(5..=20).contains(&digits.len()) {
            return Err(invalid(format!("Param to is not a phone number: {to:?}")));
        }
        return Ok(digits);
    }
    text_at(body, "recipient")
        .map(str::to_owned)
        .ok_or_else(|| GraphError::of(100).saying("(#100) The parameter to is required."))
}

fn check_object(kind: &str, object: &Value, known: &Known<'_>) -> Checked {
    match kind {
        "text" => check_text(object, "body", "text['body']", TEXT),
        "image" | "audio" | "video" | "document" | "sticker" => check_media(kind, object, known),
        "location" => {
            if object["latitude"].is_null() || object["longitude"].is_null() {
                return Err(required("location['latitude'] and location['longitude']"));
            }
            Ok(())
        }
        "contacts" => match object.as_array() {
            Some(cards) if !cards.is_empty() => Ok(()),
            _ => Err(required("contacts")),
        },
        "reaction" => {
            if text_at(object, "message_id").is_none() {
                return Err(required("reaction['message_id']"));
            }
            object["emoji"]
                .as_str()
                .map(drop)
                .ok_or_else(|| required("reaction['emoji']"))
        }
        "template" => check_template(object, known),
        "interactive" => check_interactive(object),
        _ => Ok(()),
    }
}

fn check_media(kind: &str, object: &Value, known: &Known<'_>) -> Checked {
    if object["caption"]
        .as_str()
        .is_some_and(|caption| caption.chars().count() > CAPTION)
    {
        return Err(too_long(&format!("{kind}['caption']"), CAPTION));
    }
    match (text_at(object, "id"), text_at(object, "link")) {
        (Some(id), _) if !(known.has_media)(id) => Err(invalid(format!(
            "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
        ))),
        (None, Some(link)) if !link.starts_with("http://") && !link.starts_with("https://") => {
            Err(invalid(format!("Param {kind}['link'] is not a valid URI.")))
        }
        (None, None) => Err(required(&format!("{kind}['id'] or {kind}['link']"))),
        _ => Ok(()),
    }
}

fn check_template(object: &Value, known: &Known<'_>) -> Checked {
    let name = text_at(object, "name").ok_or_else(|| required("template['name']"))?;
    let language =
        text_at(&object["language"], "code").ok_or_else(|| required("template['language']['code']"))?;
    if (known.has_template)(name) {
        return Ok(());
    }
    Err(GraphError::of(132_001).details(format!("template name ({name}) does not exist in {language}")))
}

/// A text that must be there and no longer than `limit`.
pub(super) fn check_text(object: &Value, field: &str, shown: &str, limit: usize) -> Checked {
    let text = text_at(object, field).ok_or_else(|| required(shown))?;
    if text.chars().count() > limit {
        return Err(too_long(shown, limit));
    }
    Ok(())
}

/// A text that isn't empty.
pub(super) fn text_at<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object[field].as_str().filter(|text| !text.is_empty())
}

pub(super) fn required(what: &str) -> GraphError {
    GraphError::of(131_008).details(format!("Parameter {what} is mandatory"))
}

pub(super) fn invalid(details: String) -> GraphError {
    GraphError::of(131_009).details(details)
}

pub(super) fn too_long(what: &str, limit: usize) -> GraphError {
    GraphError::of(100).saying(format!(
        "(#100) Param {what} must be at most {limit} characters long."
    ))
}
