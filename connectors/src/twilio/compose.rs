//! A message as the fields of Twilio's form. What Twilio would refuse is refused here, with a sentence that says why.

use serde_json::{Map, Value};
use switchboard_domain::{ChannelAccount, Content, Media};

use super::{MAX_TEXT_CHARS, account};
use crate::{
    Outgoing, SendError,
    refusal::{address, at_most, file_address, place, refuse, unsendable, words},
};

pub(super) type Fields = Vec<(&'static str, String)>;

pub(super) fn compose(account: &ChannelAccount, outgoing: &Outgoing) -> Result<Fields, SendError> {
    let (field, sender) = account::sender(&account.settings)?;
    let to = address(&outgoing.to, "Twilio")?;
    let mut fields = vec![("To", to.to_owned())];
    fields.extend(body(&outgoing.content, to)?);
    fields.push((field, sender.to_owned()));
    fields.extend(account::status_callback(account).map(|url| ("StatusCallback", url)));
    Ok(fields)
}

fn body(content: &Content, to: &str) -> Result<Fields, SendError> {
    match content {
        Content::Text { text } => Ok(vec![("Body", words(text, MAX_TEXT_CHARS, "Twilio")?.to_owned())]),
        Content::Image(file) | Content::Video(file) | Content::Audio(file) | Content::Document(file) => {
            attachment(file)
        }
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } if to.starts_with("whatsapp:") => {
            place(*latitude, *longitude)?;
            let label = name.as_deref().or(address.as_deref()).unwrap_or("Location");
            let action = format!(
                "geo:{latitude},{longitude}|{}",
                address.as_deref().unwrap_or(label)
            );
            Ok(vec![("Body", label.to_owned()), ("PersistentAction", action)])
        }
        Content::Location { .. } => Err(refuse(
            "A location can't be sent by SMS. Send its address as text.",
        )),
        Content::Template { name, components, .. } => template(name, components),
        _ => Err(unsendable("Twilio")),
    }
}

fn attachment(file: &Media) -> Result<Fields, SendError> {
    let url = file_address(file)?;
    let mut fields = vec![("MediaUrl", url.to_owned())];
    if let Some(text) = file.text.as_deref().filter(|text| !text.is_empty()) {
        at_most(text, MAX_TEXT_CHARS, "The caption", "Twilio")?;
        fields.push(("Body", text.to_owned()));
    }
    Ok(fields)
}

/// Templates are made in Twilio's content editor and go by their SID; the variables are objects like `{"1":"Ann"}`.
fn template(name: &str, components: &[Value]) -> Result<Fields, SendError> {
    if !name.starts_with("HX") {
        return Err(refuse(
            "A template at Twilio goes by its content SID, which starts with HX.",
        ));
    }
    let mut fields = vec![("ContentSid", name.to_owned())];
    let mut variables = Map::new();
    for component in components {
        let Value::Object(more) = component else {
            return Err(refuse(
                "A template's variables at Twilio are objects like {\"1\":\"Ann\"}.",
            ));
        };
        variables.extend(more.clone());
    }
    if !variables.is_empty() {
        fields.push(("ContentVariables", Value::Object(variables).to_string()));
    }
    Ok(fields)
}
