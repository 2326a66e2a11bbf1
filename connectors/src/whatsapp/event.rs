//! One item of a webhook's lists, as an event. `None`: it lacks what an event can't be without.

use std::time::Duration;

use serde_json::value::RawValue;
use switchboard_domain::{MessageId, MessageStatus, Timestamp};

use super::{
    codes::DICTIONARY,
    content::content,
    identity,
    payload::{
        Contact, Edit, Identifier, Maybe, Message, Revoke, Status, System, UserIdUpdate, member, object, read,
    },
};
use crate::{EchoMessage, Event, InboundMessage, StatusUpdate};

type Contacts<'a> = &'a [Maybe<Contact>];

/// A provider's clock may run ahead of ours by so much; beyond, its time is taken for a mistake.
const MAX_AHEAD: Duration = Duration::from_hours(24);

pub(super) fn message(
    raw: &RawValue,
    message: &Message<'_>,
    contacts: Contacts<'_>,
    alone: bool,
    received_at: Timestamp,
) -> Option<Event> {
    let at = provider_at(message.timestamp, received_at);
    if let Some(event) = change_of_earlier(raw, message, at) {
        return Some(event);
    }
    let sender = identity::sender(message, contacts, alone);
    let kind = kind(message);
    if kind == "system"
        && let Some(event) = identity_changed(raw, message, sender.as_ref().and_then(|s| s.name.clone()), at)
    {
        return Some(event);
    }
    let forwarded = |context: &super::payload::Context| {
        context.forwarded.0 == Some(true) || context.frequently_forwarded.0 == Some(true)
    };
    Some(Event::Message(InboundMessage {
        provider_message_id: message.id.0.as_ref()?.0.clone(),
        sender: sender?,
        content: content(kind, raw),
        provider_at: at,
        reply_to: quoted(message),
        group_id: message.group_id.0.as_ref().map(|id| id.0.clone()),
        forwarded: message.context.0.as_ref().is_some_and(forwarded),
        referral: message.referral.0.clone(),
    }))
}

pub(super) fn echo(
    raw: &RawValue,
    message: &Message<'_>,
    contacts: Contacts<'_>,
    alone: bool,
    received_at: Timestamp,
) -> Option<Event> {
    let at = provider_at(message.timestamp, received_at);
    if let Some(event) = change_of_earlier(raw, message, at) {
        return Some(event);
    }
    Some(Event::Echo(EchoMessage {
        provider_message_id: message.id.0.as_ref()?.0.clone(),
        recipient: identity::recipient(message, contacts, alone)?,
        content: content(kind(message), raw),
        provider_at: at,
        reply_to: quoted(message),
    }))
}

/// `played` is WhatsApp's `read` of a voice note. A status we don't know is left to the ledger.
pub(super) fn status(status: Status<'_>, received_at: Timestamp) -> Option<Event> {
    let known = match status.name.0.as_str() {
        "sent" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        "read" | "played" => MessageStatus::Read,
        "failed" => MessageStatus::Failed,
        _ => return None,
    };
    let error = status.errors.0.into_iter().flatten().find_map(|error| error.0);
    Some(Event::Status(StatusUpdate {
        provider_message_id: status.id.0,
        status: known,
        provider_at: provider_at(status.timestamp, received_at),
        error: error.map(|error| error.to_message_error(&DICTIONARY)),
        message_id: status.biz_opaque_callback_data.0.map(|id| MessageId::from(id.0)),
    }))
}

/// A BSUID follows another, or for the first time stands for a number.
pub(super) fn user_id_update(
    update: &UserIdUpdate<'_>,
    contacts: Contacts<'_>,
    alone: bool,
    received_at: Timestamp,
) -> Option<Event> {
    let wa_id = update.wa_id.0.as_ref();
    let old = update.user_id.previous.0.as_ref().or(wa_id)?;
    Some(Event::IdentityChanged {
        old: old.0.clone(),
        new: update.user_id.current.0.clone(),
        name: identity::name_of(wa_id, contacts, alone),
        provider_at: provider_at(update.timestamp, received_at),
    })
}

fn change_of_earlier(raw: &RawValue, message: &Message<'_>, at: Timestamp) -> Option<Event> {
    let event_id = message.id.0.as_ref()?.0.clone();
    match kind(message) {
        "edit" => {
            let edit: Edit<'_> = object(member(raw, "edit")?)?;
            let edited: Message<'_> = object(edit.message)?;
            Some(Event::Edited {
                provider_message_id: edit.original_message_id.0,
                content: content(kind(&edited), edit.message),
                provider_at: at,
                event_id,
            })
        }
        "revoke" => {
            let revoke: Revoke = object(member(raw, "revoke")?)?;
            Some(Event::Deleted {
                provider_message_id: revoke.original_message_id.0,
                provider_at: at,
                event_id,
            })
        }
        _ => None,
    }
}

fn identity_changed(
    raw: &RawValue,
    message: &Message<'_>,
    name: Option<String>,
    provider_at: Timestamp,
) -> Option<Event> {
    let system: System = object(member(raw, "system")?)?;
    let (old, new) = match system.kind.0.as_ref()?.0.as_str() {
        "user_changed_number" => (
            message.from.0.clone()?.0,
            system.wa_id.0.or(system.new_wa_id.0)?.0,
        ),
        "user_changed_user_id" => (
            previous_user_id(message, system.body.0.as_ref().map(|body| body.0.as_str()))?,
            system.user_id.0?.0,
        ),
        _ => return None,
    };
    Some(Event::IdentityChanged {
        old,
        new,
        name,
        provider_at,
    })
}

/// Meta's samples tell the former BSUID nowhere but in the sentence "… changed from {old} to {new}".
fn previous_user_id(message: &Message<'_>, body: Option<&str>) -> Option<String> {
    let from_field = message.from_user_id.0.as_ref().map(|id| id.0.clone());
    from_field.or_else(|| {
        let (before, _) = body?.rsplit_once(" to ")?;
        let (_, old) = before.rsplit_once(" from ")?;
        (!old.is_empty() && !old.contains(' ')).then(|| old.to_owned())
    })
}

fn kind<'m>(message: &'m Message<'_>) -> &'m str {
    message.kind.0.as_ref().map_or("unknown", |kind| &kind.0)
}

fn quoted(message: &Message<'_>) -> Option<String> {
    let context = message.context.0.as_ref()?;
    context.id.0.as_ref().map(|id| id.0.clone())
}

/// Whole seconds, as a string or a number. What can't be a time gives way to our own.
fn provider_at(raw: Option<&RawValue>, received_at: Timestamp) -> Timestamp {
    raw.and_then(read::<Identifier>)
        .and_then(|secs| secs.0.parse::<i64>().ok())
        .filter(|secs| *secs > 0)
        .map(Timestamp::from_secs)
        .filter(|at| *at <= received_at.plus(MAX_AHEAD))
        .unwrap_or(received_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_cannot_be_give_way_to_ours() {
        let received_at = Timestamp::from_secs(1_760_000_000);
        let at = |json: &str| provider_at(Some(serde_json::from_str(json).unwrap()), received_at);
        assert_eq!(at("\"1750000000\""), Timestamp::from_secs(1_750_000_000));
        assert_eq!(at("1750000000"), Timestamp::from_secs(1_750_000_000));
        assert_eq!(
            at("\"1760003600\""),
            Timestamp::from_secs(1_760_003_600),
            "an hour ahead"
        );
        for bad in [
            "\"TIMESTAMP\"",
            "\"0\"",
            "\"-5\"",
            "1750000000.5",
            "\"1850000000\"",
            "\"9223372036854775807\"",
            "{}",
        ] {
            assert_eq!(at(bad), received_at, "{bad}");
        }
        assert_eq!(provider_at(None, received_at), received_at);
    }
}
