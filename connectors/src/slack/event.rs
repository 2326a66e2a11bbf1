//! One event of the Events API. `None` of the inner functions: it lacks what an event can't be without.

use serde_json::value::RawValue;
use switchboard_domain::{Content, MessageId, MessageStatus, Timestamp};

use super::{
    content::contents,
    emoji,
    files::count,
    normalise::unsupported,
    payload::{Envelope, Message, Reaction, message_id, provider_at},
    upload,
};
use crate::{
    EchoMessage, Event, InboundMessage, Sender, StatusUpdate,
    lenient::{Identifier, Maybe, Text, member, object, read},
};

/// How our own messages are marked, so that their echo is known.
pub(super) const OUR_METADATA: &str = "switchboard_message";

pub(super) fn events(
    envelope: &Envelope<'_>,
    event: &RawValue,
    whole: &str,
    received_at: Timestamp,
) -> Vec<Event> {
    let kind = member(event, "type").and_then(read::<Text>);
    let kind = kind.as_ref().map_or("event", |kind| kind.0.as_str());
    let found = match kind {
        "message" | "app_mention" => {
            object::<Message<'_>>(event).and_then(|message| messages(envelope, &message, received_at))
        }
        "reaction_added" => reaction(envelope, event, true, received_at).map(|event| vec![event]),
        "reaction_removed" => reaction(envelope, event, false, received_at).map(|event| vec![event]),
        _ => None,
    };
    found.unwrap_or_else(|| {
        let subtype = member(event, "subtype").and_then(read::<Text>);
        let kind = subtype.map_or_else(|| kind.to_owned(), |subtype| format!("{kind}.{}", subtype.0));
        vec![unsupported(&kind, whole)]
    })
}

fn messages(envelope: &Envelope<'_>, message: &Message<'_>, received_at: Timestamp) -> Option<Vec<Event>> {
    match message.subtype() {
        None | Some("file_share" | "me_message" | "thread_broadcast" | "bot_message") => {
            written(envelope, message, received_at)
        }
        Some("message_changed") => changed(envelope, message, received_at),
        Some("message_deleted") => deleted(envelope, message, received_at),
        Some(_) => None,
    }
}

fn written(envelope: &Envelope<'_>, message: &Message<'_>, received_at: Timestamp) -> Option<Vec<Event>> {
    let (channel, ts) = (text(&message.channel)?, text(&message.ts)?);
    let at = provider_at(message.ts.0.as_ref(), received_at);
    let id = message_id(channel, ts);
    let reply_to = text(&message.thread_ts)
        .filter(|root| *root != ts)
        .map(|root| message_id(channel, root));
    let numbered = |id: &str, nth: usize| match nth {
        0 => id.to_owned(),
        nth => format!("{id}#{nth}"),
    };
    if message.is_by_a_bot() {
        if !is_ours(envelope, message) {
            return None;
        }
        if let Some(ours) = our_id(message) {
            return Some(vec![taken(id, ours, at)]);
        }
        let contents = contents(message);
        // A file that the hub shared comes back without our mark; the hub knows it by the file.
        let id = upload::shared_id(&contents).unwrap_or(id);
        let echo = |(nth, content)| {
            Event::Echo(EchoMessage {
                provider_message_id: numbered(&id, nth),
                recipient: addressee(channel),
                content,
                provider_at: at,
                reply_to: reply_to.clone(),
            })
        };
        return Some(contents.into_iter().enumerate().map(echo).collect());
    }
    let sender = sender(message, channel)?;
    let forwarded = super::content::is_forwarded(message);
    let write = |(nth, content)| {
        Event::Message(InboundMessage {
            provider_message_id: numbered(&id, nth),
            sender: sender.clone(),
            content,
            provider_at: at,
            reply_to: reply_to.clone(),
            group_id: (!is_direct(message, channel)).then(|| channel.to_owned()),
            forwarded,
            referral: None,
        })
    };
    Some(contents(message).into_iter().enumerate().map(write).collect())
}

/// The echo of what the hub sent settles the send whose answer was lost, or came later than this.
fn taken(provider_message_id: String, message_id: MessageId, provider_at: Timestamp) -> Event {
    Event::Status(StatusUpdate {
        provider_message_id,
        status: MessageStatus::Sent,
        provider_at,
        error: None,
        message_id: Some(message_id),
    })
}

fn our_id(message: &Message<'_>) -> Option<MessageId> {
    let metadata = message.metadata.0.as_ref()?;
    let ours = metadata.event_type.0 == OUR_METADATA;
    ours.then(|| MessageId::from(metadata.event_payload.message_id.0.as_str()))
}

/// An edit is what its author changed. Slack says `message_changed` also when it adds a link's preview or a thread's
/// count of answers, and a message of a bot is none that we know as a customer's.
fn changed(envelope: &Envelope<'_>, message: &Message<'_>, received_at: Timestamp) -> Option<Vec<Event>> {
    let channel = text(&message.channel)?;
    let now: Message<'_> = object(message.current?)?;
    let before: Option<Message<'_>> = message.previous.and_then(object);
    let ts = text(&now.ts).or_else(|| text(&before.as_ref()?.ts))?;
    if now.is_by_a_bot() {
        return None;
    }
    let provider_message_id = message_id(channel, ts);
    let event_id = event_id(envelope, message, &provider_message_id);
    if now.subtype() == Some("tombstone") {
        return Some(vec![Event::Deleted {
            provider_message_id,
            provider_at: provider_at(message.event_ts.0.as_ref(), received_at),
            event_id,
        }]);
    }
    let edited = &now.edited.0.as_ref()?.ts;
    let earlier = before.as_ref().and_then(|before| before.edited.0.as_ref());
    if earlier.is_some_and(|earlier| earlier.ts == *edited) {
        return None;
    }
    Some(vec![Event::Edited {
        provider_message_id,
        content: contents(&now).into_iter().next()?,
        provider_at: provider_at(Some(edited), received_at),
        event_id,
    }])
}

/// One message of ours for each of its files.
fn deleted(envelope: &Envelope<'_>, message: &Message<'_>, received_at: Timestamp) -> Option<Vec<Event>> {
    let channel = text(&message.channel)?;
    let before: Option<Message<'_>> = message.previous.and_then(object);
    let ts = text(&message.deleted_ts).or_else(|| text(&before.as_ref()?.ts))?;
    if before.as_ref().is_some_and(Message::is_by_a_bot) {
        return None;
    }
    let id = message_id(channel, ts);
    let event_id = event_id(envelope, message, &id);
    let files = before.as_ref().map_or(0, |before| count(&before.files));
    let at = provider_at(message.event_ts.0.as_ref(), received_at);
    let gone = |nth: usize| Event::Deleted {
        provider_message_id: if nth == 0 {
            id.clone()
        } else {
            format!("{id}#{nth}")
        },
        provider_at: at,
        event_id: event_id.clone(),
    };
    Some((0..files.max(1)).map(gone).collect())
}

fn reaction(envelope: &Envelope<'_>, event: &RawValue, added: bool, received_at: Timestamp) -> Option<Event> {
    let reaction: Reaction = object(event)?;
    let user = &reaction.user.0;
    if envelope.is_our_bot(user) {
        return None;
    }
    let (channel, ts) = (&reaction.item.channel.0, &reaction.item.ts.0);
    let on = message_id(channel, ts);
    let id = envelope.event_id.0.as_ref().map_or_else(
        || {
            let at = text(&reaction.event_ts).unwrap_or_default();
            format!("{on}:{user}:{}:{added}:{at}", reaction.name.0)
        },
        |id| id.0.clone(),
    );
    Some(Event::Message(InboundMessage {
        provider_message_id: id,
        sender: Sender {
            external_id: user.clone(),
            aliases: Vec::new(),
            name: None,
            address: Some(channel.clone()),
        },
        content: Content::Reaction {
            provider_message_id: on,
            emoji: added.then(|| emoji::shown(&reaction.name.0)),
        },
        provider_at: provider_at(reaction.event_ts.0.as_ref(), envelope.at(received_at)),
        reply_to: None,
        group_id: (!channel.starts_with('D')).then(|| channel.clone()),
        forwarded: false,
        referral: None,
    }))
}

fn event_id(envelope: &Envelope<'_>, message: &Message<'_>, id: &str) -> String {
    let of_envelope = text(&envelope.event_id).map(str::to_owned);
    of_envelope.unwrap_or_else(|| format!("{id}:{}", text(&message.event_ts).unwrap_or_default()))
}

fn is_ours(envelope: &Envelope<'_>, message: &Message<'_>) -> bool {
    let profile = message.bot_profile.0.as_ref();
    let app = text(&message.app_id).or_else(|| text(&profile?.app_id));
    app.is_some_and(|app| envelope.is_our_app(app))
        || text(&message.user).is_some_and(|user| envelope.is_our_bot(user))
}

/// A direct message is answered where it was written. In a channel the answer goes into a thread below what the customer
/// wrote, so that others' questions don't get mixed up with it.
fn sender(message: &Message<'_>, channel: &str) -> Option<Sender> {
    let user = text(&message.user).filter(|user| *user != "USLACKBOT")?;
    let direct = is_direct(message, channel);
    let root = text(&message.thread_ts).or_else(|| text(&message.ts).filter(|_| !direct));
    let address = root.map_or_else(|| channel.to_owned(), |root| message_id(channel, root));
    let one_to_one = channel.starts_with('D');
    Some(Sender {
        external_id: user.to_owned(),
        aliases: one_to_one.then(|| channel.to_owned()).into_iter().collect(),
        name: message.name(),
        address: Some(address),
    })
}

/// Of a message of ours Slack tells the channel only; a direct one stands for its customer.
fn addressee(channel: &str) -> Sender {
    Sender {
        external_id: channel.to_owned(),
        aliases: Vec::new(),
        name: None,
        address: None,
    }
}

fn is_direct(message: &Message<'_>, channel: &str) -> bool {
    let kind = message.channel_type.0.as_ref().map(|kind| kind.0.as_str());
    matches!(kind, Some("im" | "app_home")) || channel.starts_with('D')
}

fn text(id: &Maybe<Identifier>) -> Option<&str> {
    id.0.as_ref().map(|id| id.0.as_str())
}
