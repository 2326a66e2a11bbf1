//! The wire types of the `messaging[]` envelope. Nothing fails for a field that isn't needed; lists and events stay raw, so
//! that one damaged event doesn't take its neighbours along.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Identifier, List, Maybe, Text};

#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub entry: List<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry<'a> {
    /// The page or the Instagram account.
    pub id: Maybe<Identifier>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
    #[serde(borrow)]
    pub messaging: List<'a>,
    /// Events of conversations that another app of the same page has in hand.
    #[serde(borrow)]
    pub standby: List<'a>,
    #[serde(borrow)]
    pub changes: List<'a>,
}

#[derive(Deserialize)]
pub(super) struct Change<'a> {
    pub field: Text,
    #[serde(borrow)]
    pub value: &'a RawValue,
}

/// One event; its kind is the name of the member that is there.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    pub sender: Maybe<Party>,
    pub recipient: Maybe<Party>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub postback: Option<&'a RawValue>,
    #[serde(borrow)]
    pub delivery: Option<&'a RawValue>,
    #[serde(borrow)]
    pub read: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reaction: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message_edit: Option<&'a RawValue>,
    #[serde(borrow)]
    pub referral: Option<&'a RawValue>,
    pub prior_message: Maybe<PriorMessage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Party {
    pub id: Maybe<Identifier>,
    /// Who wrote through a plugin and isn't logged in.
    pub user_ref: Maybe<Identifier>,
}

/// Words of the same person, from when they were known by a plugin's reference only.
#[derive(Deserialize)]
pub(super) struct PriorMessage {
    pub identifier: Identifier,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    pub mid: Maybe<Identifier>,
    pub text: Maybe<Text>,
    #[serde(borrow)]
    pub attachments: List<'a>,
    pub quick_reply: Maybe<QuickReply>,
    /// A message, or on Instagram a story.
    #[serde(borrow)]
    pub reply_to: Option<&'a RawValue>,
    #[serde(borrow)]
    pub referral: Option<&'a RawValue>,
    pub metadata: Maybe<Text>,
    pub is_echo: Maybe<bool>,
    pub is_deleted: Maybe<bool>,
}

#[derive(Deserialize)]
pub(super) struct QuickReply {
    pub payload: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Postback<'a> {
    pub mid: Maybe<Identifier>,
    pub title: Maybe<Text>,
    pub payload: Maybe<Text>,
    #[serde(borrow)]
    pub referral: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delivery<'a> {
    pub mids: Maybe<Vec<Maybe<Identifier>>>,
    #[serde(borrow)]
    pub watermark: Option<&'a RawValue>,
}

/// Instagram names the message, Messenger a time up to which everything was read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Read<'a> {
    pub mid: Maybe<Identifier>,
    #[serde(borrow)]
    pub watermark: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Reaction {
    pub mid: Identifier,
    pub action: Text,
    #[serde(default, rename = "reaction")]
    pub name: Maybe<Text>,
    #[serde(default)]
    pub emoji: Maybe<Text>,
}

#[derive(Deserialize)]
pub(super) struct MessageEdit {
    pub mid: Identifier,
    pub text: Text,
    #[serde(default)]
    pub num_edit: Maybe<Identifier>,
}

#[derive(Deserialize)]
pub(super) struct Attachment<'a> {
    #[serde(rename = "type")]
    pub kind: Text,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
    #[serde(default)]
    pub title: Maybe<Text>,
    #[serde(default)]
    pub url: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AttachmentPayload {
    pub url: Maybe<Text>,
    pub title: Maybe<Text>,
    pub sticker_id: Maybe<Identifier>,
    pub coordinates: Maybe<Coordinates>,
    pub template_type: Maybe<Text>,
    pub text: Maybe<Text>,
    pub intro_message: Maybe<Text>,
    pub elements: Maybe<Vec<Maybe<Element>>>,
    pub product: Maybe<Product>,
}

#[derive(Deserialize)]
pub(super) struct Coordinates {
    pub lat: f64,
    pub long: f64,
}

#[derive(Deserialize)]
pub(super) struct Product {
    pub elements: Vec<Maybe<Element>>,
}

/// A card of a template.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Element {
    pub title: Maybe<Text>,
    pub subtitle: Maybe<Text>,
}
