//! From a callback to its event.

use switchboard_domain::{MessageError, MessageStatus, Timestamp};

use super::{
    content::content,
    payload::{Callback, Message},
};
use crate::{
    Event, Inbound, InboundMessage, Sender, StatusUpdate, json,
    lenient::{Unit, not_empty, object, provider_at},
};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let event = match json::text(body) {
        Some(text) => read(text, received_at),
        // `verify` lets no such body through; kept all the same, since this is total.
        None => unsupported("body", &String::from_utf8_lossy(body)),
    };
    // A webhook belongs to one bot.
    vec![Inbound {
        provider_account_id: None,
        event,
    }]
}

fn read(text: &str, received_at: Timestamp) -> Event {
    let Some(callback) = serde_json::from_str::<Callback<'_>>(text).ok() else {
        return unsupported("body", text);
    };
    let at = provider_at(callback.timestamp, Unit::Millis, received_at);
    let kind = callback.event.0.as_ref().map_or("body", |event| event.0.as_str());
    let event = match kind {
        "message" => message(&callback, at),
        "delivered" => status(&callback, MessageStatus::Delivered, at),
        "seen" => status(&callback, MessageStatus::Read, at),
        "failed" => status(&callback, MessageStatus::Failed, at),
        _ => None,
    };
    event.unwrap_or_else(|| unsupported(kind, text))
}

fn message(callback: &Callback<'_>, provider_at: Timestamp) -> Option<Event> {
    let sender = callback.sender.0.as_ref()?;
    let message = callback
        .message
        .and_then(object::<Message<'_>>)
        .unwrap_or_default();
    Some(Event::Message(InboundMessage {
        provider_message_id: callback.message_token.0.as_ref()?.0.clone(),
        sender: Sender {
            external_id: sender.id.0.as_ref()?.0.clone(),
            aliases: Vec::new(),
            name: not_empty(sender.name.clone()),
            address: None,
        },
        content: content(message),
        provider_at,
        reply_to: None,
        group_id: None,
        forwarded: false,
        referral: None,
    }))
}

/// Of somebody with several devices, Viber tells each of them.
fn status(callback: &Callback<'_>, status: MessageStatus, provider_at: Timestamp) -> Option<Event> {
    let error = (status == MessageStatus::Failed).then(|| MessageError {
        code: "failed".to_owned(),
        message: match not_empty(callback.desc.clone()) {
            Some(reason) => format!("Viber couldn't deliver the message: {reason}"),
            None => "Viber couldn't deliver the message.".to_owned(),
        },
    });
    Some(Event::Status(StatusUpdate {
        provider_message_id: callback.message_token.0.as_ref()?.0.clone(),
        status,
        provider_at,
        error,
        message_id: None,
    }))
}

fn unsupported(kind: &str, raw: &str) -> Event {
    Event::Unsupported {
        kind: kind.to_owned(),
        raw: raw.to_owned(),
    }
}
