//! The Messaging API's wire types, without what the hub has no use for.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Identifier, List, Maybe, Text};

#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub events: List<'a>,
}

/// What all kinds of events have; the body is under the name that goes with `kind`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    pub source: Maybe<Source>,
    /// The same when the event is delivered again; absent in what was sent before 2022.
    #[serde(rename = "webhookEventId")]
    pub webhook_event_id: Maybe<Identifier>,
    #[serde(rename = "replyToken")]
    pub reply_token: Maybe<Identifier>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    pub postback: Maybe<Postback>,
    pub unsend: Maybe<Unsend>,
}

#[expect(clippy::struct_field_names, reason = "named as the provider names them")]
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Source {
    pub user_id: Maybe<Identifier>,
    pub group_id: Maybe<Identifier>,
    pub room_id: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Message {
    pub id: Maybe<Identifier>,
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub quoted_message_id: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Postback {
    pub data: Maybe<Text>,
    pub params: Maybe<PostbackParams>,
}

/// What was chosen with a date, time or menu picker.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PostbackParams {
    pub datetime: Maybe<Text>,
    pub date: Maybe<Text>,
    pub time: Maybe<Text>,
    pub new_rich_menu_alias_id: Maybe<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unsend {
    pub message_id: Identifier,
}
