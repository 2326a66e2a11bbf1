//! One item of `messaging[]`, as events. `None`: it lacks what an event can't be without, or we don't know its kind.

use serde_json::{Value, json, value::RawValue};
use switchboard_domain::{Content, MessageId, MessageStatus, Timestamp};

use super::{
    OUR_METADATA,
    content::contents,
    payload::{Delivery, Item, Message, MessageEdit, Party, Postback, Reaction, Read},
};
use crate::{
    EchoMessage, Event, InboundMessage, Sender, StatusUpdate,
    lenient::{Identifier, Unit, member, members, not_empty, object, provider_at, read},
};

/// The starts of ids that are made here, for events to which Meta gives none.
pub(super) const DERIVED: [&str; 3] = ["postback:", "reaction:", "referral:"];

/// The id that the dashboard's test button gives to all of its messages.
const TEST_MID: &str = "random_mid";

/// Larger numbers count milliseconds. In seconds, it is the year 5138.
const LARGEST_SECONDS: i64 = 100_000_000_000;

/// An item and when it happened.
pub(super) struct Around<'a> {
    item: &'a Item<'a>,
    at: Timestamp,
    received_at: Timestamp,
    /// The item's time as it is written, or its entry's: what tells two events without an id apart.
    stamp: String,
    entry_stamp: String,
}

impl<'a> Around<'a> {
    pub fn new(item: &'a Item<'a>, entry_time: Option<&RawValue>, received_at: Timestamp) -> Self {
        let written = |raw: Option<&RawValue>| raw.and_then(read::<Identifier>).map(|time| time.0);
        let entry_stamp = written(entry_time).unwrap_or_default();
        Self {
            item,
            at: time(item.timestamp.or(entry_time), received_at),
            received_at,
            stamp: written(item.timestamp).unwrap_or_else(|| entry_stamp.clone()),
            entry_stamp,
        }
    }

    /// An id for an event that has none, the same whenever it comes.
    fn derived_id(&self, kind: &str, what: &str) -> Option<String> {
        let sender = person(self.item.sender.0.as_ref()?)?.external_id;
        Some(format!("{kind}:{what}{sender}:{}", self.stamp))
    }
}

/// Milliseconds; seconds in the dashboard's tests and in `changes`.
fn time(raw: Option<&RawValue>, received_at: Timestamp) -> Timestamp {
    let number = raw
        .and_then(read::<Identifier>)
        .and_then(|number| number.0.parse::<i64>().ok());
    let unit = match number {
        Some(number) if number <= LARGEST_SECONDS => Unit::Seconds,
        _ => Unit::Millis,
    };
    provider_at(raw, unit, received_at)
}

pub(super) fn events(around: &Around<'_>) -> Option<Vec<Event>> {
    let item = around.item;
    if let Some(raw) = item.message {
        return message(around, &object(raw)?);
    }
    if let Some(raw) = item.delivery {
        return deliveries(around, object(raw)?);
    }
    let event = if let Some(raw) = item.read {
        read_by(around, object(raw)?)?
    } else if let Some(raw) = item.postback {
        postback(around, object(raw)?)?
    } else if let Some(raw) = item.reaction {
        reaction(around, object(raw)?)?
    } else if let Some(raw) = item.message_edit {
        edit(around, object(raw)?)
    } else {
        referral(around, item.referral?)?
    };
    Some(vec![event])
}

/// The name of what the item holds, for those we don't know.
pub(super) fn kind(raw: &RawValue) -> String {
    const AROUND: [&str; 4] = ["sender", "recipient", "timestamp", "prior_message"];
    let names = members(raw).into_iter().map(|(name, _)| name);
    names
        .into_iter()
        .find(|name| !AROUND.contains(&name.as_str()))
        .unwrap_or_else(|| "event".to_owned())
}

/// A message with several attachments becomes several: the first has the id, the others a number after it.
fn message(around: &Around<'_>, message: &Message<'_>) -> Option<Vec<Event>> {
    let mid = match message.mid.0.as_ref()?.0.as_str() {
        TEST_MID => format!("{TEST_MID}:{}", around.entry_stamp),
        mid => mid.to_owned(),
    };
    if message.is_deleted.0 == Some(true) {
        return Some(vec![Event::Deleted {
            event_id: format!("{mid}:deleted"),
            provider_message_id: mid,
            provider_at: around.at,
        }]);
    }
    let item = around.item;
    let replied = |name: &str| member(message.reply_to?, name);
    let reply_to = replied("mid").and_then(read::<Identifier>).map(|mid| mid.0);
    let parts = contents(message).into_iter().enumerate().map(|(n, content)| {
        let id = if n == 0 { mid.clone() } else { format!("{mid}#{n}") };
        (id, content)
    });
    if message.is_echo.0 == Some(true) {
        if let Some(ours) = ours(message) {
            return Some(vec![Event::Status(StatusUpdate {
                provider_message_id: mid,
                status: MessageStatus::Sent,
                provider_at: around.at,
                error: None,
                message_id: Some(ours),
            })]);
        }
        let recipient = person(item.recipient.0.as_ref()?)?;
        return Some(
            parts
                .map(|(id, content)| {
                    Event::Echo(EchoMessage {
                        provider_message_id: id,
                        recipient: recipient.clone(),
                        content,
                        provider_at: around.at,
                        reply_to: reply_to.clone(),
                    })
                })
                .collect(),
        );
    }
    let sender = sender(item)?;
    let story = replied("story")
        .and_then(read::<Value>)
        .map(|story| json!({ "story": story }));
    let referral = message.referral.and_then(read::<Value>).or(story);
    Some(
        parts
            .map(|(id, content)| {
                Event::Message(InboundMessage {
                    sender: sender.clone(),
                    reply_to: reply_to.clone(),
                    referral: referral.clone(),
                    ..inbound(around, id, sender.clone(), content)
                })
            })
            .collect(),
    )
}

/// Of a message that the hub sent, the id we gave along.
fn ours(message: &Message<'_>) -> Option<MessageId> {
    let id = message.metadata.0.as_ref()?.0.strip_prefix(OUR_METADATA)?;
    (!id.is_empty()).then(|| MessageId::from(id.to_owned()))
}

fn deliveries(around: &Around<'_>, delivery: Delivery<'_>) -> Option<Vec<Event>> {
    // Of the sending of the last of them; a customer's reading is told in the same terms.
    let at = delivery
        .watermark
        .map_or(around.at, |raw| time(Some(raw), around.received_at));
    let mids = delivery.mids.0?.into_iter().filter_map(|mid| mid.0);
    Some(
        mids.map(|mid| status(MessageStatus::Delivered, mid, at))
            .collect(),
    )
}

fn read_by(around: &Around<'_>, read: Read<'_>) -> Option<Event> {
    if let Some(mid) = read.mid.0 {
        return Some(status(MessageStatus::Read, mid, around.at));
    }
    let until = read.watermark?;
    // A time that can't be read would become the present one, and everything read.
    until.get().trim_matches('"').parse::<u64>().ok()?;
    Some(Event::ReadUpTo {
        contact: person(around.item.sender.0.as_ref()?)?.external_id,
        until: time(Some(until), around.received_at),
    })
}

fn status(status: MessageStatus, mid: Identifier, provider_at: Timestamp) -> Event {
    Event::Status(StatusUpdate {
        provider_message_id: mid.0,
        status,
        provider_at,
        error: None,
        message_id: None,
    })
}

/// A button of ours, or the one that begins a conversation. Its payload is for machines, but better than nothing.
fn postback(around: &Around<'_>, postback: Postback<'_>) -> Option<Event> {
    let payload = not_empty(postback.payload);
    let text = not_empty(postback.title).or_else(|| payload.clone())?;
    let id = match postback.mid.0 {
        Some(mid) => mid.0,
        None => around.derived_id("postback", "")?,
    };
    let content = Content::Choice { text, payload };
    Some(Event::Message(InboundMessage {
        referral: postback.referral.and_then(read),
        ..inbound(around, id, sender(around.item)?, content)
    }))
}

fn reaction(around: &Around<'_>, reaction: Reaction) -> Option<Event> {
    let named = not_empty(reaction.name).map(|name| emoji(&name).to_owned());
    let emoji = match reaction.action.0.as_str() {
        "react" => Some(not_empty(reaction.emoji).or(named)?),
        "unreact" => None,
        _ => return None,
    };
    let mid = reaction.mid.0;
    let id = around.derived_id("reaction", &format!("{mid}:{}:", reaction.action.0))?;
    let content = Content::Reaction {
        provider_message_id: mid,
        emoji,
    };
    Some(Event::Message(inbound(around, id, sender(around.item)?, content)))
}

/// What Meta calls the emoji that it offers first.
fn emoji(name: &str) -> &str {
    match name {
        "smile" | "laugh" | "haha" => "😆",
        "angry" => "😠",
        "sad" => "😢",
        "wow" => "😮",
        "love" => "❤️",
        "like" => "👍",
        "dislike" => "👎",
        other => other,
    }
}

fn edit(around: &Around<'_>, edit: MessageEdit) -> Event {
    let number = edit
        .num_edit
        .0
        .map_or_else(|| around.stamp.clone(), |number| number.0);
    Event::Edited {
        event_id: format!("{}:edit:{number}", edit.mid.0),
        provider_message_id: edit.mid.0,
        content: Content::Text { text: edit.text.0 },
        provider_at: around.at,
    }
}

/// The customer came by a link or an advertisement and hasn't written yet.
fn referral(around: &Around<'_>, referral: &RawValue) -> Option<Event> {
    let referral: Value = object(referral)?;
    let content = Content::System {
        text: "The customer opened the chat through a link or an advertisement.".to_owned(),
    };
    let id = around.derived_id("referral", "")?;
    Some(Event::Message(InboundMessage {
        referral: Some(referral),
        ..inbound(around, id, sender(around.item)?, content)
    }))
}

fn inbound(around: &Around<'_>, id: String, sender: Sender, content: Content) -> InboundMessage {
    InboundMessage {
        provider_message_id: id,
        sender,
        content,
        provider_at: around.at,
        reply_to: None,
        group_id: None,
        forwarded: false,
        referral: None,
    }
}

/// The customer, by an id that holds for this page alone.
fn sender(item: &Item<'_>) -> Option<Sender> {
    let mut sender = person(item.sender.0.as_ref()?)?;
    if let Some(prior) = &item.prior_message.0 {
        sender.aliases.push(prior.identifier.0.clone());
    }
    sender.aliases.retain(|alias| *alias != sender.external_id);
    sender.aliases.dedup();
    Some(sender)
}

fn person(party: &Party) -> Option<Sender> {
    let mut ids = [&party.id, &party.user_ref]
        .into_iter()
        .filter_map(|id| id.0.as_ref());
    Some(Sender {
        external_id: ids.next()?.0.clone(),
        aliases: ids.map(|id| id.0.clone()).collect(),
        name: None,
        address: None,
    })
}
