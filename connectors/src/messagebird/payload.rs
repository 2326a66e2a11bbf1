//! Wire types of the Conversations API's webhooks.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Decimal, Identifier, Maybe, Text};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Webhook<'a> {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub contact: Maybe<Contact>,
    #[serde(borrow)]
    pub message: Maybe<Message<'a>>,
    /// Of Bird's platform, see `bird`.
    pub event: Maybe<Text>,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Contact {
    pub id: Maybe<Identifier>,
    pub msisdn: Maybe<Identifier>,
    pub display_name: Maybe<Text>,
    pub first_name: Maybe<Text>,
    pub last_name: Maybe<Text>,
}

impl Contact {
    pub fn name(&self) -> Option<String> {
        let parts = [self.first_name.as_str(), self.last_name.as_str()];
        let parts: Vec<&str> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        let name = if parts.is_empty() {
            self.display_name.as_str()?.to_owned()
        } else {
            parts.join(" ")
        };
        (!name.is_empty()).then_some(name)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message<'a> {
    pub id: Identifier,
    #[serde(default)]
    pub channel_id: Maybe<Identifier>,
    #[serde(default)]
    pub from: Maybe<Identifier>,
    #[serde(default)]
    pub to: Maybe<Identifier>,
    #[serde(default)]
    pub direction: Maybe<Text>,
    #[serde(default)]
    pub status: Maybe<Text>,
    #[serde(default, rename = "type")]
    pub kind: Maybe<Text>,
    #[serde(borrow, default)]
    pub content: Option<&'a RawValue>,
    #[serde(default)]
    pub error: Maybe<Problem>,
    #[serde(default)]
    pub reply_to: Maybe<Quoted>,
    #[serde(default)]
    pub created_datetime: Maybe<Text>,
    #[serde(default)]
    pub updated_datetime: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Quoted {
    pub id: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    pub code: Maybe<Identifier>,
    pub description: Maybe<Text>,
}

/// Under the name of the kind is what was written.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body {
    pub text: Maybe<Text>,
    pub image: Maybe<File>,
    pub video: Maybe<File>,
    pub audio: Maybe<File>,
    pub file: Maybe<File>,
    pub whatsapp_sticker: Maybe<File>,
    pub location: Maybe<Place>,
    pub interactive: Maybe<Interactive>,
    pub button: Maybe<Button>,
    pub contacts: Maybe<Vec<serde_json::Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    #[serde(alias = "link")]
    pub url: Maybe<Text>,
    pub caption: Maybe<Text>,
}

#[derive(Deserialize)]
pub(super) struct Place {
    pub latitude: Decimal,
    pub longitude: Decimal,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Interactive {
    pub reply: Maybe<Button>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Button {
    pub id: Maybe<Identifier>,
    pub payload: Maybe<Text>,
    #[serde(alias = "title")]
    pub text: Maybe<Text>,
}
