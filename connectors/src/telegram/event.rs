//! One update as events. `None`: it lacks what an event can't be without.

use serde_json::{json, value::RawValue};
use switchboard_domain::{Content, Timestamp};

use super::{
    content::contents,
    identity,
    payload::{CallbackQuery, DeletedMessages, Message, MessageReaction, Pressed, Reaction},
};
use crate::{
    EchoMessage, Event, InboundMessage,
    lenient::{Identifier, Maybe, Unit, not_empty, provider_at},
};

pub(super) fn message(raw: &RawValue, message: &Message<'_>, received_at: Timestamp) -> Option<Vec<Event>> {
    let chat = message.chat.0.as_ref()?;
    let chat_id = &chat.id.0.as_ref()?.0;
    let at = provider_at(message.date, Unit::Seconds, received_at);
    if let Some(event) = migrated(message, chat_id, at) {
        return Some(vec![event]);
    }
    let connection = message.business_connection_id.0.as_ref();
    let id = identity::message_id(connection, chat_id, &message.message_id.0.as_ref()?.0);
    let contact = identity::contact(
        chat,
        message.from.0.as_ref(),
        message.sender_chat.0.as_ref(),
        connection,
    )?;
    let reply_to = quoted(message, chat_id);
    let ours = written_by_owner(message, chat_id);
    let event = |(nth, content): (usize, Content)| {
        let provider_message_id = if nth == 0 {
            id.clone()
        } else {
            format!("{id}#{nth}")
        };
        if ours {
            let recipient = identity::contact(chat, None, None, connection)?;
            return Some(Event::Echo(EchoMessage {
                provider_message_id,
                recipient,
                content,
                provider_at: at,
                reply_to: reply_to.clone(),
            }));
        }
        Some(Event::Message(InboundMessage {
            provider_message_id,
            sender: contact.clone(),
            content,
            provider_at: at,
            reply_to: reply_to.clone(),
            group_id: identity::group_id(chat),
            forwarded: message.forward_origin.or(message.forward_date).is_some(),
            referral: start_parameter(message),
        }))
    };
    contents(raw).into_iter().enumerate().map(event).collect()
}

/// The editing has no time of its own in a live location that moves; then its message's counts.
pub(super) fn edited(
    raw: &RawValue,
    message: &Message<'_>,
    update_id: &str,
    received_at: Timestamp,
) -> Option<Event> {
    let chat_id = &message.chat.0.as_ref()?.id.0.as_ref()?.0;
    let connection = message.business_connection_id.0.as_ref();
    Some(Event::Edited {
        provider_message_id: identity::message_id(connection, chat_id, &message.message_id.0.as_ref()?.0),
        content: contents(raw).into_iter().next()?,
        provider_at: provider_at(message.edit_date.or(message.date), Unit::Seconds, received_at),
        event_id: update_id.to_owned(),
    })
}

/// Told of business accounts alone, and without a time.
pub(super) fn deleted(
    deleted: DeletedMessages,
    update_id: &str,
    received_at: Timestamp,
) -> Option<Vec<Event>> {
    let chat_id = deleted.chat.0?.id.0?.0;
    let connection = deleted.business_connection_id.0;
    let ids = deleted.message_ids.0?.into_iter().filter_map(|id| id.0);
    let event = |number: Identifier| Event::Deleted {
        provider_message_id: identity::message_id(connection.as_ref(), &chat_id, &number.0),
        provider_at: received_at,
        event_id: format!("{update_id}:{}", number.0),
    };
    Some(ids.map(event).collect())
}

/// A button under a message of ours. Telegram doesn't say when it was pressed.
pub(super) fn pressed(query: &CallbackQuery, received_at: Timestamp) -> Option<Event> {
    let from = query.from.0.as_ref()?;
    let message = query.message.0.as_ref();
    let chat = message.and_then(|message| message.chat.0.as_ref());
    let connection = message.and_then(|message| message.business_connection_id.0.as_ref());
    let sender = match chat {
        Some(chat) => identity::contact(chat, Some(from), None, connection),
        None => identity::person(from),
    }?;
    let payload = not_empty(query.data.clone()).or_else(|| not_empty(query.game_short_name.clone()));
    let label = message
        .zip(payload.as_deref())
        .and_then(|(message, data)| label(message, data));
    let number = |message: &Pressed| {
        let chat_id = &chat?.id.0.as_ref()?.0;
        Some(identity::message_id(
            connection,
            chat_id,
            &message.message_id.0.as_ref()?.0,
        ))
    };
    Some(Event::Message(InboundMessage {
        provider_message_id: query.id.0.as_ref()?.0.clone(),
        sender,
        content: Content::Choice {
            text: label.or_else(|| payload.clone()).unwrap_or_default(),
            payload,
        },
        provider_at: received_at,
        reply_to: message.and_then(number),
        group_id: chat.and_then(identity::group_id),
        forwarded: false,
        referral: None,
    }))
}

/// What is written on the button.
fn label(message: &Pressed, data: &str) -> Option<String> {
    let rows = message.reply_markup.0.as_ref()?.inline_keyboard.0.as_ref()?;
    let mut buttons = rows
        .iter()
        .filter_map(|row| row.0.as_ref())
        .flatten()
        .filter_map(|button| button.0.as_ref());
    let pressed = buttons.find(|button| button.callback_data.0.as_ref().is_some_and(|of| of.0 == data))?;
    not_empty(pressed.text.clone())
}

/// The update tells the reactions before and after; what came is shown, else what is left, else that it was taken back.
pub(super) fn reaction(
    update: &MessageReaction<'_>,
    update_id: &str,
    received_at: Timestamp,
) -> Option<Event> {
    let chat = update.chat.0.as_ref()?;
    let chat_id = &chat.id.0.as_ref()?.0;
    let message_id = identity::message_id(None, chat_id, &update.message_id.0.as_ref()?.0);
    let emojis = |list: &[Maybe<Reaction>]| -> Vec<String> {
        list.iter()
            .filter_map(|reaction| emoji(reaction.0.as_ref()?))
            .collect()
    };
    let before = emojis(update.old_reaction.0.as_deref().unwrap_or_default());
    let after = emojis(update.new_reaction.as_deref()?);
    let emoji = after
        .iter()
        .find(|emoji| !before.contains(emoji))
        .or(after.first());
    Some(Event::Message(InboundMessage {
        provider_message_id: format!("{message_id}#reaction:{update_id}"),
        sender: identity::contact(chat, update.user.0.as_ref(), update.actor_chat.0.as_ref(), None)?,
        content: Content::Reaction {
            provider_message_id: message_id,
            emoji: emoji.cloned(),
        },
        provider_at: provider_at(update.date, Unit::Seconds, received_at),
        reply_to: None,
        group_id: identity::group_id(chat),
        forwarded: false,
        referral: None,
    }))
}

/// A paid reaction is a star; a custom one has no character and is told by its id.
fn emoji(reaction: &Reaction) -> Option<String> {
    match reaction.kind.0.as_ref()?.0.as_str() {
        "emoji" => not_empty(reaction.emoji.clone()),
        "custom_emoji" => Some(format!(":{}:", reaction.custom_emoji_id.0.as_ref()?.0)),
        "paid" => Some("⭐".to_owned()),
        _ => None,
    }
}

/// A group became a supergroup, under another id: said once in the old one and once in the new one.
fn migrated(message: &Message<'_>, chat_id: &str, provider_at: Timestamp) -> Option<Event> {
    let (old, new) = match (&message.migrate_to_chat_id.0, &message.migrate_from_chat_id.0) {
        (Some(to), _) => (chat_id, to.0.as_str()),
        (None, Some(from)) => (from.0.as_str(), chat_id),
        (None, None) => return None,
    };
    let title = message
        .chat
        .0
        .as_ref()
        .and_then(|chat| not_empty(chat.title.clone()));
    Some(Event::IdentityChanged {
        old: old.to_owned(),
        new: new.to_owned(),
        name: title,
        provider_at,
    })
}

/// In a topic, Telegram lets every message that answers nothing answer the topic's first one.
fn quoted(message: &Message<'_>, chat_id: &str) -> Option<String> {
    let quoted = message.reply_to_message.0.as_ref()?;
    let number = quoted.message_id.0.as_ref()?;
    let is_topic = message.is_topic_message.0 == Some(true);
    if is_topic && message.message_thread_id.0.as_ref() == Some(number) {
        return None;
    }
    let chat = quoted.chat.0.as_ref().and_then(|chat| chat.id.0.as_ref());
    let chat_id = chat.map_or(chat_id, |id| &id.0);
    Some(identity::message_id(
        message.business_connection_id.0.as_ref(),
        chat_id,
        &number.0,
    ))
}

/// A business account's own words come in the same way as its customers'; a private chat has the customer's id.
fn written_by_owner(message: &Message<'_>, chat_id: &str) -> bool {
    let author = message.from.0.as_ref().and_then(|user| user.id.0.as_ref());
    message.business_connection_id.0.is_some() && author.is_some_and(|author| author.0 != chat_id)
}

/// `/start {parameter}` is what a link to the bot (`t.me/bot?start=…`) sends.
fn start_parameter(message: &Message<'_>) -> Option<serde_json::Value> {
    let parameter = message.text.0.as_ref()?.0.strip_prefix("/start ")?.trim();
    (!parameter.is_empty()).then(|| json!({ "start": parameter }))
}
