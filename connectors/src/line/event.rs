//! One of LINE's events as one of ours. `None`: it is of another kind, or lacks what an event can't be without.

use switchboard_domain::{Content, Timestamp};

use super::{
    content::content,
    payload::{self, Message, Postback, Source},
};
use crate::{
    Event, InboundMessage, Sender,
    lenient::{Unit, not_empty, object, provider_at},
};

/// The user in the events with which LINE's console once tried whether a webhook answers.
const NOBODY: &str = "Udeadbeefdeadbeefdeadbeefdeadbeef";

pub(super) fn event(event: &payload::Event<'_>, received_at: Timestamp) -> Option<Event> {
    let at = provider_at(event.timestamp, Unit::Millis, received_at);
    match event.kind.0.as_ref()?.0.as_str() {
        "message" => message(event, at),
        "messageEdited" => edited(event, at),
        "postback" => pressed(event, event.postback.0.as_ref()?, at),
        "unsend" => {
            let id = event.unsend.0.as_ref()?.message_id.0.clone();
            Some(Event::Deleted {
                event_id: event_id(event).unwrap_or_else(|| format!("{id}#unsend")),
                provider_message_id: id,
                provider_at: at,
            })
        }
        _ => None,
    }
}

fn message(event: &payload::Event<'_>, provider_at: Timestamp) -> Option<Event> {
    let source = event.source.0.as_ref()?;
    let raw = event.message?;
    let message: Message = object(raw)?;
    Some(Event::Message(InboundMessage {
        provider_message_id: message.id.0?.0,
        sender: sender(source)?,
        content: content(message.kind.0.as_ref().map_or("unknown", |kind| &kind.0), raw),
        provider_at,
        reply_to: message.quoted_message_id.0.map(|id| id.0),
        group_id: group_id(source),
        forwarded: false,
        referral: None,
    }))
}

fn edited(event: &payload::Event<'_>, provider_at: Timestamp) -> Option<Event> {
    let raw = event.message?;
    let message: Message = object(raw)?;
    let id = message.id.0?.0;
    Some(Event::Edited {
        content: content(message.kind.0.as_ref().map_or("unknown", |kind| &kind.0), raw),
        provider_at,
        event_id: event_id(event).unwrap_or_else(|| format!("{id}#edited:{}", provider_at.as_millis())),
        provider_message_id: id,
    })
}

/// A button of ours. It has no message id; the event's own names it, or what it would have been answered with.
fn pressed(event: &payload::Event<'_>, postback: &Postback, provider_at: Timestamp) -> Option<Event> {
    let source = event.source.0.as_ref()?;
    let reply_token = || Some(format!("postback:{}", event.reply_token.0.as_ref()?.0));
    let payload = postback.data.0.as_ref().map(|data| data.0.clone());
    let text = picked(postback).or_else(|| payload.clone());
    Some(Event::Message(InboundMessage {
        provider_message_id: event_id(event).or_else(reply_token)?,
        sender: sender(source)?,
        content: Content::Choice { text: text?, payload },
        provider_at,
        reply_to: None,
        group_id: group_id(source),
        forwarded: false,
        referral: None,
    }))
}

fn picked(postback: &Postback) -> Option<String> {
    let params = postback.params.0.as_ref()?;
    [
        &params.datetime,
        &params.date,
        &params.time,
        &params.new_rich_menu_alias_id,
    ]
    .into_iter()
    .find_map(|value| not_empty(value.clone()))
}

/// A group or room is one contact, whoever writes in it: an answer goes to all of them. LINE names nobody.
fn sender(source: &Source) -> Option<Sender> {
    let user_id = source.user_id.0.as_ref().map(|id| id.0.clone());
    let external_id = group_id(source).or(user_id)?;
    (external_id != NOBODY).then(|| Sender {
        external_id,
        aliases: Vec::new(),
        name: None,
        address: None,
    })
}

fn group_id(source: &Source) -> Option<String> {
    let id = source.group_id.0.as_ref().or(source.room_id.0.as_ref())?;
    Some(id.0.clone())
}

fn event_id(event: &payload::Event<'_>) -> Option<String> {
    event.webhook_event_id.0.as_ref().map(|id| id.0.clone())
}
