//! Who an event is about, and the ids of messages and chats as the hub knows them.
//!
//! A message's number counts within its chat only, so its id here is `{chat}:{number}`; in a business account, whose
//! chats have the same ids as the bot's own, `{connection}:{chat}:{number}`.

use super::payload::{Chat, User};
use crate::{
    Sender,
    lenient::{Identifier, Maybe, Text},
};

pub(super) fn message_id(connection: Option<&Identifier>, chat: &str, number: &str) -> String {
    match connection {
        Some(connection) => format!("{}:{chat}:{number}", connection.0),
        None => format!("{chat}:{number}"),
    }
}

/// A private chat is with a person. A group is one contact, whoever writes in it: an answer goes to all of them, and so
/// mustn't be mixed with what one of them wrote in private.
pub(super) fn contact(
    chat: &Chat,
    author: Option<&User>,
    anonymous: Option<&Chat>,
    connection: Option<&Identifier>,
) -> Option<Sender> {
    let chat_id = chat.id.0.as_ref()?.0.as_str();
    let author_name = author
        .and_then(user_name)
        .or_else(|| anonymous.and_then(chat_name));
    if group_id(chat).is_some() {
        return Some(Sender {
            external_id: chat_id.to_owned(),
            aliases: Vec::new(),
            name: within(author_name, chat_name(chat)),
            address: None,
        });
    }
    let person = author
        .and_then(|user| user.id.0.as_ref())
        .map_or(chat_id, |id| &id.0);
    let address = match connection {
        Some(connection) => Some(format!("{chat_id}@{}", connection.0)),
        None => (person != chat_id).then(|| chat_id.to_owned()),
    };
    Some(Sender {
        external_id: person.to_owned(),
        aliases: Vec::new(),
        name: author_name.or_else(|| chat_name(chat)),
        address,
    })
}

/// A person without a chat: who pressed a button under a message that is gone.
pub(super) fn person(user: &User) -> Option<Sender> {
    Some(Sender {
        external_id: user.id.0.as_ref()?.0.clone(),
        aliases: Vec::new(),
        name: user_name(user),
        address: None,
    })
}

/// The chat's id, if several people are in it. Those have negative ids.
pub(super) fn group_id(chat: &Chat) -> Option<String> {
    let id = chat.id.0.as_ref()?;
    let is_group = match &chat.kind.0 {
        Some(kind) => kind.0 != "private",
        None => id.0.starts_with('-'),
    };
    is_group.then(|| id.0.clone())
}

/// What people and chats are called, for sentences.
pub(super) fn user_name(user: &User) -> Option<String> {
    full_name(&user.first_name, &user.last_name).or_else(|| text(&user.username).map(str::to_owned))
}

fn chat_name(chat: &Chat) -> Option<String> {
    text(&chat.title)
        .map(str::to_owned)
        .or_else(|| full_name(&chat.first_name, &chat.last_name))
        .or_else(|| text(&chat.username).map(str::to_owned))
}

fn within(author: Option<String>, group: Option<String>) -> Option<String> {
    match (author, group) {
        (Some(author), Some(group)) if author != group => Some(format!("{author} ({group})")),
        (author, group) => author.or(group),
    }
}

fn full_name(first: &Maybe<Text>, last: &Maybe<Text>) -> Option<String> {
    match (text(first), text(last)) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last).map(str::to_owned),
    }
}

fn text(text: &Maybe<Text>) -> Option<&str> {
    let text = text.0.as_ref()?.0.as_str();
    (!text.trim().is_empty()).then_some(text)
}
