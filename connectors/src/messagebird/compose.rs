//! A message in the form of MessageBird's interfaces. What they would refuse is refused here, with a sentence that
//! says why.

use serde_json::{Value, json};
use switchboard_domain::{ChannelAccount, Content, Media};

use super::{
    MAX_CAPTION_CHARS, MAX_TEXT_CHARS,
    account::{self, Api},
};
use crate::{
    Outgoing, SendError,
    refusal::{address, at_most, file_address, place, refuse, unsendable, words},
};

pub(super) fn compose(account: &ChannelAccount, api: Api, outgoing: &Outgoing) -> Result<Value, SendError> {
    let to = address(&outgoing.to, "MessageBird")?;
    let from = account::sender(account)?;
    let ours = outgoing.message_id.as_str();
    Ok(match api {
        Api::Sms => json!({
            "recipients": [to.trim_start_matches('+')],
            "originator": from,
            "body": text_alone(&outgoing.content)?,
            "datacoding": "auto",
            "reference": ours,
        }),
        Api::Conversations => {
            let (kind, content) = conversation(&outgoing.content)?;
            let mut message = json!({ "to": to, "from": from, "type": kind, "content": content });
            if let Some(quoted) = &outgoing.reply_to {
                message["replyTo"] = json!({ "id": quoted });
            }
            message
        }
        Api::Bird => {
            let contact = if to.contains('-') {
                json!({ "id": to })
            } else {
                json!({ "identifierKey": "phonenumber", "identifierValue": to })
            };
            json!({
                "receiver": { "contacts": [contact] },
                "body": on_bird(&outgoing.content)?,
                "reference": ours,
            })
        }
    })
}

fn text_alone(content: &Content) -> Result<&str, SendError> {
    match content {
        Content::Text { text } => words(text, MAX_TEXT_CHARS, "MessageBird"),
        _ => Err(refuse("By SMS only text can be sent through MessageBird.")),
    }
}

fn conversation(content: &Content) -> Result<(&'static str, Value), SendError> {
    Ok(match content {
        Content::Text { text } => (
            "text",
            json!({ "text": words(text, MAX_TEXT_CHARS, "MessageBird")? }),
        ),
        Content::Image(file) => ("image", json!({ "image": captioned(file)? })),
        Content::Video(file) => ("video", json!({ "video": captioned(file)? })),
        Content::Document(file) => ("file", json!({ "file": captioned(file)? })),
        Content::Audio(file) => ("audio", json!({ "audio": { "url": bare(file)? } })),
        Content::Sticker(file) => (
            "whatsappSticker",
            json!({ "whatsappSticker": { "link": bare(file)? } }),
        ),
        Content::Location {
            latitude, longitude, ..
        } => {
            place(*latitude, *longitude)?;
            let spot = json!({ "latitude": latitude, "longitude": longitude });
            ("location", json!({ "location": spot }))
        }
        Content::Interactive { body, .. } if body.is_object() => {
            ("interactive", json!({ "interactive": body }))
        }
        Content::Template {
            name,
            language,
            components,
        } => {
            if name.is_empty() || language.is_empty() {
                return Err(refuse("A template needs its name and its language."));
            }
            let language = json!({ "policy": "deterministic", "code": language });
            let template = json!({ "templateName": name, "language": language, "components": components });
            ("hsm", json!({ "hsm": template }))
        }
        _ => return Err(unsendable("MessageBird")),
    })
}

fn on_bird(content: &Content) -> Result<Value, SendError> {
    Ok(match content {
        Content::Text { text } => {
            json!({ "type": "text", "text": { "text": words(text, MAX_TEXT_CHARS, "Bird")? } })
        }
        Content::Image(file) => {
            let mut image = json!({ "images": [{ "mediaUrl": file_address(file)? }] });
            if let Some(text) = caption(file)? {
                image["text"] = text.into();
            }
            json!({ "type": "image", "image": image })
        }
        Content::Video(file) | Content::Audio(file) | Content::Document(file) => {
            let mut one = json!({ "mediaUrl": file_address(file)? });
            for (field, value) in [("contentType", &file.mime_type), ("filename", &file.file_name)] {
                if let Some(value) = value {
                    one[field] = value.as_str().into();
                }
            }
            let mut files = json!({ "files": [one] });
            if let Some(text) = caption(file)? {
                files["text"] = text.into();
            }
            json!({ "type": "file", "file": files })
        }
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => {
            place(*latitude, *longitude)?;
            json!({ "type": "location", "location": {
                "coordinates": { "latitude": latitude, "longitude": longitude },
                "location": { "label": name, "address": address },
            } })
        }
        _ => return Err(unsendable("Bird")),
    })
}

fn caption(file: &Media) -> Result<Option<&str>, SendError> {
    let text = file.text.as_deref().filter(|text| !text.is_empty());
    if let Some(text) = text {
        at_most(text, MAX_CAPTION_CHARS, "The caption", "MessageBird")?;
    }
    Ok(text)
}

fn captioned(file: &Media) -> Result<Value, SendError> {
    let mut body = json!({ "url": file_address(file)? });
    if let Some(text) = caption(file)? {
        body["caption"] = text.into();
    }
    Ok(body)
}

fn bare(file: &Media) -> Result<&str, SendError> {
    if file.text.as_deref().is_some_and(|text| !text.is_empty()) {
        return Err(refuse(
            "No text is shown with this kind of attachment. Send the text by itself.",
        ));
    }
    file_address(file)
}
