//! A message in Infobip's form. What it would refuse is refused here, with a sentence that says why.

use serde_json::{Value, json};
use switchboard_domain::{ChannelAccount, Content, Media};

use super::{
    MAX_CAPTION_CHARS, MAX_TEXT_CHARS,
    account::{self, Via},
};
use crate::{
    Outgoing, SendError,
    refusal::{address, at_most, file_address, place, refuse, unsendable, words},
    settings,
};

/// Where it goes, and what.
pub(super) fn compose(
    account: &ChannelAccount,
    outgoing: &Outgoing,
) -> Result<(Vec<&'static str>, Value), SendError> {
    let from = account::sender(account)?;
    let to = address(&outgoing.to, "Infobip")?.trim_start_matches('+');
    let ours = outgoing.message_id.as_str();
    let reports = settings::webhook_url(account);
    if account::via(account)? == Via::Sms {
        let Content::Text { text } = &outgoing.content else {
            return Err(refuse("By SMS only text can be sent through Infobip."));
        };
        let mut webhooks = json!({ "callbackData": ours });
        if let Some(url) = reports {
            webhooks["delivery"] = json!({ "url": url, "contentType": "application/json" });
        }
        let message = json!({
            "sender": from,
            "destinations": [{ "to": to, "messageId": ours }],
            "content": { "text": words(text, MAX_TEXT_CHARS, "Infobip")? },
            "webhooks": webhooks,
        });
        return Ok((vec!["sms", "3", "messages"], json!({ "messages": [message] })));
    }
    let (kind, content) = on_whatsapp(&outgoing.content)?;
    let mut message =
        json!({ "from": from, "to": to, "messageId": ours, "callbackData": ours, "content": content });
    if let Some(url) = reports {
        message["notifyUrl"] = url.into();
    }
    if kind == "template" {
        message = json!({ "messages": [message] });
    }
    Ok((vec!["whatsapp", "1", "message", kind], message))
}

fn on_whatsapp(content: &Content) -> Result<(&'static str, Value), SendError> {
    Ok(match content {
        Content::Text { text } => ("text", json!({ "text": words(text, 4096, "WhatsApp")? })),
        Content::Image(file) => ("image", captioned(file)?),
        Content::Video(file) => ("video", captioned(file)?),
        Content::Document(file) => {
            let mut body = captioned(file)?;
            if let Some(name) = &file.file_name {
                body["filename"] = name.as_str().into();
            }
            ("document", body)
        }
        Content::Audio(file) => ("audio", bare(file)?),
        Content::Sticker(file) => ("sticker", bare(file)?),
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => {
            place(*latitude, *longitude)?;
            let mut body = json!({ "latitude": latitude, "longitude": longitude });
            for (field, value) in [("name", name), ("address", address)] {
                if let Some(value) = value {
                    body[field] = value.as_str().into();
                }
            }
            ("location", body)
        }
        Content::Template {
            name,
            language,
            components,
        } => {
            if name.is_empty() || language.is_empty() {
                return Err(refuse("A template needs its name and its language."));
            }
            // Infobip's form of the parameters is an object: {"body":{"placeholders":["Ann"]}}.
            let data = components
                .first()
                .cloned()
                .unwrap_or_else(|| json!({ "body": { "placeholders": [] } }));
            (
                "template",
                json!({ "templateName": name, "language": language, "templateData": data }),
            )
        }
        _ => return Err(unsendable("Infobip")),
    })
}

fn captioned(file: &Media) -> Result<Value, SendError> {
    let mut body = json!({ "mediaUrl": file_address(file)? });
    if let Some(text) = file.text.as_deref().filter(|text| !text.is_empty()) {
        at_most(text, MAX_CAPTION_CHARS, "The caption", "WhatsApp")?;
        body["caption"] = text.into();
    }
    Ok(body)
}

fn bare(file: &Media) -> Result<Value, SendError> {
    if file.text.as_deref().is_some_and(|text| !text.is_empty()) {
        return Err(refuse(
            "No text is shown with this kind of attachment. Send the text by itself.",
        ));
    }
    Ok(json!({ "mediaUrl": file_address(file)? }))
}
