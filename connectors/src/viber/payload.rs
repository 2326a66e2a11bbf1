//! Viber's wire types, without what the hub has no use for. A callback holds one event.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Identifier, Maybe, Text};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Callback<'a> {
    pub event: Maybe<Text>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    /// Up to 64 bits: more than a float holds.
    pub message_token: Maybe<Identifier>,
    pub sender: Maybe<User>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    /// Why a message wasn't delivered.
    pub desc: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub id: Maybe<Identifier>,
    pub name: Maybe<Text>,
}

/// A message's body, whatever its kind.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub text: Maybe<Text>,
    /// The file's address, or the link in a message of the kind `url`.
    pub media: Maybe<Text>,
    pub file_name: Maybe<Text>,
    pub sticker_id: Maybe<Identifier>,
    pub location: Maybe<Location>,
    #[serde(borrow)]
    pub contact: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Location {
    pub lat: f64,
    pub lon: f64,
    #[serde(default)]
    pub address: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub name: Maybe<Text>,
    pub phone_number: Maybe<Identifier>,
}
