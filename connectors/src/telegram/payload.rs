//! The Bot API's wire types, without what the hub has no use for. An update holds one event under the name of its kind.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Identifier, Maybe, Text};

/// What all kinds of messages have; the body is under the name of its kind.
#[expect(clippy::struct_field_names, reason = "named as the provider names them")]
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    pub message_id: Maybe<Identifier>,
    pub from: Maybe<User>,
    /// Instead of a person: an anonymous administrator's group, or a channel.
    pub sender_chat: Maybe<Chat>,
    pub chat: Maybe<Chat>,
    #[serde(borrow)]
    pub date: Option<&'a RawValue>,
    #[serde(borrow)]
    pub edit_date: Option<&'a RawValue>,
    pub business_connection_id: Maybe<Identifier>,
    pub message_thread_id: Maybe<Identifier>,
    pub is_topic_message: Maybe<bool>,
    pub reply_to_message: Maybe<Quoted>,
    pub migrate_to_chat_id: Maybe<Identifier>,
    pub migrate_from_chat_id: Maybe<Identifier>,
    #[serde(borrow)]
    pub forward_origin: Option<&'a RawValue>,
    /// The sign of a forwarded message before Bot API 7.0.
    #[serde(borrow)]
    pub forward_date: Option<&'a RawValue>,
    pub text: Maybe<Text>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub id: Maybe<Identifier>,
    pub first_name: Maybe<Text>,
    pub last_name: Maybe<Text>,
    pub username: Maybe<Text>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chat {
    pub id: Maybe<Identifier>,
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub title: Maybe<Text>,
    pub first_name: Maybe<Text>,
    pub last_name: Maybe<Text>,
    pub username: Maybe<Text>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Quoted {
    pub message_id: Maybe<Identifier>,
    pub chat: Maybe<Chat>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CallbackQuery {
    pub id: Maybe<Identifier>,
    pub from: Maybe<User>,
    /// Absent if the message is too old, or was sent in inline mode.
    pub message: Maybe<Pressed>,
    pub data: Maybe<Text>,
    pub game_short_name: Maybe<Text>,
}

/// The message of ours whose button was pressed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Pressed {
    pub message_id: Maybe<Identifier>,
    pub chat: Maybe<Chat>,
    pub business_connection_id: Maybe<Identifier>,
    pub reply_markup: Maybe<Keyboard>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Keyboard {
    pub inline_keyboard: Maybe<Vec<Maybe<Vec<Maybe<Button>>>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Button {
    pub text: Maybe<Text>,
    pub callback_data: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageReaction<'a> {
    pub chat: Maybe<Chat>,
    pub message_id: Maybe<Identifier>,
    pub user: Maybe<User>,
    /// Who reacted anonymously.
    pub actor_chat: Maybe<Chat>,
    #[serde(borrow)]
    pub date: Option<&'a RawValue>,
    pub old_reaction: Maybe<Vec<Maybe<Reaction>>>,
    pub new_reaction: Option<Vec<Maybe<Reaction>>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reaction {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub emoji: Maybe<Text>,
    pub custom_emoji_id: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct DeletedMessages {
    pub business_connection_id: Maybe<Identifier>,
    pub chat: Maybe<Chat>,
    pub message_ids: Maybe<Vec<Maybe<Identifier>>>,
}
