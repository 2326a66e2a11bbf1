//! A message in the Messages API's form. What Vonage would refuse is refused here, with a sentence that says why.

use serde_json::{Map, Value, json};
use switchboard_domain::{ChannelAccount, Content, Media};

use super::{
    MAX_CAPTION_CHARS, MAX_TEXT_CHARS,
    account::{self, Via},
};
use crate::{
    Outgoing, SendError,
    refusal::{address, at_most, file_address, place, refuse, unsendable, words},
};

/// What Vonage returns in statuses may have so many characters.
const MAX_CLIENT_REF: usize = 40;

pub(super) fn compose(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Value, SendError> {
    let via = account::via(account)?;
    let mut message = body(via, &outgoing.content)?;
    let to = address(&outgoing.to, "Vonage")?;
    message.insert("channel".to_owned(), via.as_str().into());
    message.insert("to".to_owned(), to.trim_start_matches('+').into());
    message.insert("from".to_owned(), account::sender(account)?.into());
    if outgoing.message_id.as_str().len() <= MAX_CLIENT_REF {
        message.insert("client_ref".to_owned(), outgoing.message_id.as_str().into());
    }
    if let (Some(quoted), Via::Whatsapp) = (&outgoing.reply_to, via)
        && !message.contains_key("context")
    {
        message.insert("context".to_owned(), json!({ "message_uuid": quoted }));
    }
    Ok(Value::Object(message))
}

fn body(via: Via, content: &Content) -> Result<Map<String, Value>, SendError> {
    let (kind, value) = match content {
        Content::Text { text } => ("text", words(text, max_text(via), "Vonage")?.into()),
        Content::Image(file) => ("image", attachment(via, "image", file)?),
        Content::Audio(file) => ("audio", attachment(via, "audio", file)?),
        Content::Video(file) => ("video", attachment(via, "video", file)?),
        Content::Document(file) => ("file", attachment(via, "file", file)?),
        Content::Sticker(file) => ("sticker", attachment(via, "sticker", file)?),
        _ if via == Via::Whatsapp => return on_whatsapp(content),
        _ => return Err(unsendable("this channel of Vonage's")),
    };
    Ok(message(kind, value))
}

fn message(kind: &str, value: Value) -> Map<String, Value> {
    [("message_type".to_owned(), kind.into()), (kind.to_owned(), value)]
        .into_iter()
        .collect()
}

fn max_text(via: Via) -> usize {
    match via {
        Via::Sms | Via::Mms => 3200,
        Via::Whatsapp => 4096,
        Via::Messenger => MAX_TEXT_CHARS,
        Via::Viber => 1000,
    }
}

fn attachment(via: Via, kind: &str, file: &Media) -> Result<Value, SendError> {
    let takes = match via {
        Via::Sms => false,
        Via::Viber => matches!(kind, "image" | "file"),
        Via::Mms | Via::Messenger => kind != "sticker",
        Via::Whatsapp => true,
    };
    if !takes {
        return Err(refuse(format!(
            "An attachment of this kind can't be sent by {}.",
            via.as_str()
        )));
    }
    let mut body = json!({ "url": file_address(file)? });
    if let Some(text) = file.text.as_deref().filter(|text| !text.is_empty()) {
        if via == Via::Messenger || matches!(kind, "audio" | "sticker") {
            return Err(refuse(
                "No text is shown with this kind of attachment. Send the text by itself.",
            ));
        }
        at_most(text, MAX_CAPTION_CHARS, "The caption", "Vonage")?;
        body["caption"] = text.into();
    }
    if let (Some(name), "file") = (&file.file_name, kind) {
        body["name"] = name.as_str().into();
    }
    Ok(body)
}

/// Beyond words and files Vonage passes WhatsApp's own form on, as `custom`.
fn on_whatsapp(content: &Content) -> Result<Map<String, Value>, SendError> {
    let custom = match content {
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => {
            place(*latitude, *longitude)?;
            let mut spot = json!({ "latitude": latitude, "longitude": longitude });
            for (field, value) in [("name", name), ("address", address)] {
                if let Some(value) = value {
                    spot[field] = value.as_str().into();
                }
            }
            json!({ "type": "location", "location": spot })
        }
        Content::Contacts { contacts, .. } if !contacts.is_empty() => {
            json!({ "type": "contacts", "contacts": contacts })
        }
        Content::Interactive { body, .. } if body.is_object() => {
            json!({ "type": "interactive", "interactive": body })
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
            json!({ "type": "template", "template": { "name": name, "language": language, "components": components } })
        }
        Content::Reaction {
            provider_message_id,
            emoji,
        } => {
            let reaction = match emoji {
                Some(emoji) => json!({ "action": "react", "emoji": emoji }),
                None => json!({ "action": "unreact" }),
            };
            let mut reacting = message("reaction", reaction);
            reacting.insert(
                "context".to_owned(),
                json!({ "message_uuid": provider_message_id }),
            );
            return Ok(reacting);
        }
        _ => return Err(unsendable("Vonage")),
    };
    Ok(message("custom", custom))
}
