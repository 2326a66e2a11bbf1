//! The gateway's dispatches about messages. `None`: not one that we know, or it lacks what an event can't be without.

use serde_json::value::RawValue;
use switchboard_domain::{Content, MessageStatus, Timestamp};

use super::{
    content::contents,
    nonce,
    payload::{Deletion, Message, Reaction, id, name, provider_at},
};
use crate::{EchoMessage, Event, InboundMessage, Sender, StatusUpdate, lenient::object};

/// People write these two (Discord, "Message Types"): plain messages and answers. The others are notices and commands.
const WRITTEN: [u64; 2] = [0, 19];
/// Of a reference: the message was passed on rather than answered.
const FORWARD: u64 = 1;

pub(super) fn events(
    kind: &str,
    data: &RawValue,
    number: Option<&str>,
    bot: Option<&str>,
    received_at: Timestamp,
) -> Option<Vec<Event>> {
    match kind {
        "MESSAGE_CREATE" => created(&object(data)?, bot, received_at),
        "MESSAGE_UPDATE" => updated(&object(data)?, received_at).map(|event| vec![event]),
        "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK" => deleted(&object(data)?, received_at),
        "MESSAGE_REACTION_ADD" => {
            reaction(&object(data)?, true, number, bot, received_at).map(|event| vec![event])
        }
        "MESSAGE_REACTION_REMOVE" => {
            reaction(&object(data)?, false, number, bot, received_at).map(|event| vec![event])
        }
        _ => None,
    }
}

fn created(message: &Message<'_>, bot: Option<&str>, received_at: Timestamp) -> Option<Vec<Event>> {
    let (message_id, channel) = (id(&message.id)?, id(&message.channel_id)?);
    let author = message.author.0.as_ref()?;
    let at = provider_at(Some(&message.timestamp), Some(message_id), received_at);
    let reference = message.reference.0.as_ref();
    let forwarded = reference.is_some_and(|reference| reference.kind.0 == Some(FORWARD));
    let reply_to = reference
        .filter(|_| !forwarded)
        .and_then(|reference| id(&reference.message_id))
        .map(str::to_owned);
    let numbered = |nth: usize| match nth {
        0 => message_id.to_owned(),
        nth => format!("{message_id}#{nth}"),
    };
    if author.bot.0 == Some(true) {
        // The nonce is ours if we are who wrote it, and without a name to compare with it is proof enough.
        let by_us = bot.map(|bot| id(&author.id) == Some(bot));
        let ours = id(&message.nonce).and_then(nonce::message);
        if let Some(ours) = ours.filter(|_| by_us != Some(false)) {
            return Some(vec![Event::Status(StatusUpdate {
                provider_message_id: message_id.to_owned(),
                status: MessageStatus::Sent,
                provider_at: at,
                error: None,
                message_id: Some(ours),
            })]);
        }
        let echo = |(nth, content)| {
            Event::Echo(EchoMessage {
                provider_message_id: numbered(nth),
                recipient: person(channel),
                content,
                provider_at: at,
                reply_to: reply_to.clone(),
            })
        };
        let echoes = || contents(message).into_iter().enumerate().map(echo).collect();
        return by_us.filter(|by_us| *by_us).map(|_| echoes());
    }
    let a_person = message.webhook_id.0.is_none() && WRITTEN.contains(&message.kind.0.unwrap_or_default());
    let nick = message.member.0.as_ref().map(|member| &member.nick);
    let sender = sender(
        id(&author.id).filter(|_| a_person)?,
        channel,
        message.guild_id.0.is_none(),
        name(author, nick),
    );
    let write = |(nth, content)| {
        Event::Message(InboundMessage {
            provider_message_id: numbered(nth),
            sender: sender.clone(),
            content,
            provider_at: at,
            reply_to: reply_to.clone(),
            group_id: message.guild_id.0.is_some().then(|| channel.to_owned()),
            forwarded,
            referral: None,
        })
    };
    Some(contents(message).into_iter().enumerate().map(write).collect())
}

/// Discord says `MESSAGE_UPDATE` also when a link got its preview: an edit has a time. A bot's is none of a customer.
fn updated(message: &Message<'_>, received_at: Timestamp) -> Option<Event> {
    let message_id = id(&message.id)?;
    let edited_at = &message.edited_timestamp.0.as_ref()?.0;
    if message.author.0.as_ref()?.bot.0 == Some(true) || message.webhook_id.0.is_some() {
        return None;
    }
    Some(Event::Edited {
        provider_message_id: message_id.to_owned(),
        content: contents(message).into_iter().next()?,
        provider_at: provider_at(Some(&message.edited_timestamp), None, received_at),
        event_id: format!("{message_id}:{edited_at}"),
    })
}

/// Whose message it was, and when it went, Discord doesn't tell.
fn deleted(deletion: &Deletion, received_at: Timestamp) -> Option<Vec<Event>> {
    let many = deletion.ids.0.iter().flatten().filter_map(id);
    let gone: Vec<Event> = id(&deletion.id)
        .into_iter()
        .chain(many)
        .map(|message_id| Event::Deleted {
            provider_message_id: message_id.to_owned(),
            provider_at: received_at,
            event_id: format!("{message_id}:deleted"),
        })
        .collect();
    (!gone.is_empty()).then_some(gone)
}

/// A reaction has no id. It may come and go several times, so its number in the session is part of ours.
fn reaction(
    reaction: &Reaction,
    added: bool,
    number: Option<&str>,
    bot: Option<&str>,
    received_at: Timestamp,
) -> Option<Event> {
    let (user, channel, on) = (
        &reaction.user_id.0,
        &reaction.channel_id.0,
        &reaction.message_id.0,
    );
    let member = reaction.member.0.as_ref();
    let profile = member.and_then(|member| member.user.0.as_ref());
    if bot == Some(user) || profile.is_some_and(|profile| profile.bot.0 == Some(true)) {
        return None;
    }
    let emoji = &reaction.emoji.name.0.as_ref()?.0;
    let shown = if reaction.emoji.id.0.is_some() {
        format!(":{emoji}:")
    } else {
        emoji.clone()
    };
    let name = profile.and_then(|profile| name(profile, member.map(|member| &member.nick)));
    let sign = if added { '+' } else { '-' };
    Some(Event::Message(InboundMessage {
        provider_message_id: format!("{on}:{user}:{sign}{emoji}:{}", number.unwrap_or_default()),
        sender: sender(user, channel, reaction.guild_id.0.is_none(), name),
        content: Content::Reaction {
            provider_message_id: on.clone(),
            emoji: added.then_some(shown),
        },
        provider_at: received_at,
        reply_to: None,
        group_id: reaction.guild_id.0.is_some().then(|| channel.clone()),
        forwarded: false,
        referral: None,
    }))
}

/// Answers go to the channel. One that is between the two of us alone stands for the customer.
pub(super) fn sender(user: &str, channel: &str, is_ours_alone: bool, name: Option<String>) -> Sender {
    Sender {
        external_id: user.to_owned(),
        aliases: is_ours_alone.then(|| channel.to_owned()).into_iter().collect(),
        name,
        address: Some(channel.to_owned()),
    }
}

fn person(channel: &str) -> Sender {
    Sender {
        external_id: channel.to_owned(),
        aliases: Vec::new(),
        name: None,
        address: None,
    }
}
