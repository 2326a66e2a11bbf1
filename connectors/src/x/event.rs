//! One item of X's lists, as an event. `None`: it lacks what an event can't be without.

use serde_json::value::RawValue;
use switchboard_domain::{Content, MessageStatus, Timestamp};

use super::{
    content::{content, words},
    payload::{Created, DirectMessage, Flat, MarkRead, People},
};
use crate::{
    EchoMessage, Event, InboundMessage, Sender, StatusUpdate,
    lenient::{Unit, object, provider_at},
};

/// From whose side, and when.
pub(super) struct Seen<'a> {
    /// Our user.
    pub owner: Option<&'a str>,
    pub people: People<'a>,
    pub received_at: Timestamp,
}

/// Written by our user, it is an echo.
pub(super) fn message(raw: &RawValue, seen: &Seen<'_>) -> Option<Event> {
    let message: DirectMessage<'_> = object(raw)?;
    if message
        .kind
        .0
        .as_ref()
        .is_some_and(|kind| kind.0 != "message_create")
    {
        return None;
    }
    let created: Created<'_> = object(message.message_create?)?;
    let provider_message_id = message.id.0?.0;
    let provider_at = provider_at(message.created_timestamp, Unit::Millis, seen.received_at);
    let content = content(created.message_data);
    if seen.owner == Some(&created.sender_id.0) {
        return Some(Event::Echo(EchoMessage {
            provider_message_id,
            recipient: person(created.target.recipient_id.0, seen),
            content,
            provider_at,
            reply_to: None,
        }));
    }
    Some(Event::Message(InboundMessage {
        provider_message_id,
        sender: person(created.sender_id.0, seen),
        content,
        provider_at,
        reply_to: None,
        group_id: None,
        forwarded: false,
        referral: message.initiated_via.0,
    }))
}

/// The customer has read everything up to this one. That we have read ours is no news.
pub(super) fn mark_read(raw: &RawValue, seen: &Seen<'_>) -> Option<Event> {
    let read: MarkRead<'_> = object(raw)?;
    if seen.owner == Some(&read.sender_id.0) {
        return None;
    }
    Some(Event::Status(StatusUpdate {
        provider_message_id: read.last_read_event_id.0,
        status: MessageStatus::Read,
        provider_at: provider_at(read.created_timestamp, Unit::Millis, seen.received_at),
        error: None,
        message_id: None,
    }))
}

/// A conversation of two is named by both, `{id}-{id}`; one of several has a number of its own, and is answered as a whole.
pub(super) fn flat(message: &Flat, kind: &str, seen: &Seen<'_>) -> Option<Vec<Event>> {
    if message
        .event_type
        .0
        .as_ref()
        .is_some_and(|kind| kind.0 != "MessageCreate")
    {
        return None;
    }
    let written = message
        .created_at
        .0
        .as_ref()
        .and_then(|at| at.0.parse::<Timestamp>().ok());
    let provider_at = written.unwrap_or(seen.received_at);
    let conversation = message.dm_conversation_id.0.as_ref().map(|id| id.0.as_str());
    let pair = conversation.and_then(|id| id.split_once('-'));
    let group = conversation.filter(|_| pair.is_none());
    let sender = &message.sender_id.0;
    let contents = contents(message);
    let numbered = |nth: usize| match nth {
        0 => message.id.0.clone(),
        nth => format!("{}#{nth}", message.id.0),
    };
    if kind == "dm.sent" || seen.owner == Some(sender) {
        let other = pair.map(|(one, two)| if one == sender { two } else { one });
        let recipient = addressed(other.or(group)?.to_owned(), group, seen);
        let echo = |(nth, content)| {
            Event::Echo(EchoMessage {
                provider_message_id: numbered(nth),
                recipient: recipient.clone(),
                content,
                provider_at,
                reply_to: None,
            })
        };
        return Some(contents.into_iter().enumerate().map(echo).collect());
    }
    let sender = addressed(sender.clone(), group, seen);
    let write = |(nth, content)| {
        Event::Message(InboundMessage {
            provider_message_id: numbered(nth),
            sender: sender.clone(),
            content,
            provider_at,
            reply_to: None,
            group_id: group.map(str::to_owned),
            forwarded: false,
            referral: None,
        })
    };
    Some(contents.into_iter().enumerate().map(write).collect())
}

/// What is attached, X tells by keys only: there is something, and what the words are.
fn contents(message: &Flat) -> Vec<Content> {
    let text = message.text.0.as_ref().map(|text| words(&text.0));
    let text = text.filter(|text| !text.trim().is_empty());
    let keys = message
        .attachments
        .0
        .as_ref()
        .and_then(|found| found.media_keys.0.as_ref());
    let attached = keys.map_or(0, Vec::len);
    let unseen = || Content::Unsupported {
        kind: "media".to_owned(),
    };
    let mut found: Vec<Content> = text.map(|text| Content::Text { text }).into_iter().collect();
    found.extend((0..attached).map(|_| unseen()));
    if found.is_empty() {
        found.push(unseen());
    }
    found
}

fn addressed(external_id: String, group: Option<&str>, seen: &Seen<'_>) -> Sender {
    Sender {
        address: group.map(|group| format!("group:{group}")),
        ..person(external_id, seen)
    }
}

fn person(external_id: String, seen: &Seen<'_>) -> Sender {
    Sender {
        name: seen.people.name(&external_id),
        aliases: Vec::new(),
        address: None,
        external_id,
    }
}
