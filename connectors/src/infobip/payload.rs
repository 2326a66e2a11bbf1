//! Wire types of Infobip's webhooks: `results[]` holds messages, delivery reports and seen reports alike.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Decimal, Identifier, Maybe, Text};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub results: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    pub message_id: Identifier,
    #[serde(default, alias = "sender")]
    pub from: Maybe<Identifier>,
    #[serde(default, alias = "destination")]
    pub to: Maybe<Identifier>,
    #[serde(default)]
    pub text: Maybe<Text>,
    /// WhatsApp's is an object, MMS's a list of segments.
    #[serde(borrow, default)]
    pub message: Option<&'a RawValue>,
    /// In the Messages API's form, where messages of all networks are such a list.
    #[serde(borrow, default)]
    pub content: Option<&'a RawValue>,
    #[serde(default)]
    pub contact: Maybe<Contact>,
    #[serde(default)]
    pub status: Maybe<Report>,
    #[serde(default)]
    pub error: Maybe<Report>,
    #[serde(default)]
    pub callback_data: Maybe<Identifier>,
    #[serde(default)]
    pub received_at: Maybe<Text>,
    #[serde(default)]
    pub done_at: Maybe<Text>,
    #[serde(default)]
    pub sent_at: Maybe<Text>,
    #[serde(default)]
    pub seen_at: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub name: Maybe<Text>,
}

/// A status or an error, by group and name.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Report {
    pub group_name: Maybe<Text>,
    pub name: Maybe<Text>,
    pub description: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Segment {
    pub content_type: Maybe<Text>,
    pub url: Maybe<Text>,
    pub value: Maybe<Text>,
}

/// What was written on WhatsApp.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub text: Maybe<Text>,
    pub url: Maybe<Text>,
    pub caption: Maybe<Text>,
    pub file_name: Maybe<Text>,
    pub latitude: Maybe<Decimal>,
    pub longitude: Maybe<Decimal>,
    pub name: Maybe<Text>,
    pub address: Maybe<Text>,
    pub payload: Maybe<Text>,
    pub id: Maybe<Identifier>,
    pub title: Maybe<Text>,
    pub emoji: Maybe<Text>,
    /// Of the message a reaction is on.
    pub message_id: Maybe<Identifier>,
    pub contacts: Maybe<Vec<serde_json::Value>>,
    pub context: Maybe<Context>,
    pub referral: Maybe<serde_json::Value>,
    pub forwarded: Maybe<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub id: Maybe<Identifier>,
}
