//! From webhooks to events: the Conversations API's and Bird's are JSON, the SMS API's are forms.

use switchboard_domain::{MessageError, MessageStatus, Timestamp};

use super::{
    bird, codes,
    content::content,
    payload::{Contact, Message, Webhook},
    sms,
};
use crate::{EchoMessage, Event, Inbound, InboundMessage, Sender, StatusUpdate, json, lenient::object_in};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let text = json::text(body).filter(|text| text.trim_ascii_start().starts_with('{'));
    let (kind, found) = match text {
        Some(text) => of_json(text, received_at),
        None => ("form".to_owned(), sms::events(body, received_at)),
    };
    if found.is_empty() {
        let raw = String::from_utf8_lossy(body).into_owned();
        return vec![Inbound {
            provider_account_id: None,
            event: Event::Unsupported { kind, raw },
        }];
    }
    found
}

/// What the webhook calls itself, and its events.
fn of_json(text: &str, received_at: Timestamp) -> (String, Vec<Inbound>) {
    let webhook: Webhook<'_> = object_in(text).unwrap_or_default();
    if let (Some(event), Some(payload)) = (webhook.event.as_str(), webhook.payload) {
        return (event.to_owned(), bird::events(event, payload, received_at));
    }
    let kind = webhook.kind.as_str().unwrap_or("body").to_owned();
    let Some(message) = webhook.message.0 else {
        return (kind, Vec::new());
    };
    let contact = webhook.contact.0.unwrap_or_default();
    let provider_account_id = message.channel_id.as_str().map(str::to_owned);
    let event = match (kind.as_str(), message.direction.as_str()) {
        ("message.created", Some("received")) => received(message, &contact, received_at),
        ("message.created", Some("sent")) => sent(message, &contact, received_at),
        ("message.updated", Some("received")) => taken_back(message, received_at),
        ("message.updated", Some("sent")) => status(message, received_at),
        _ => None,
    };
    let found = event.map(|event| Inbound {
        provider_account_id,
        event,
    });
    (kind, found.into_iter().collect())
}

/// By the address the network knows them by; the contact's id at MessageBird is the same person.
fn person(address: Option<String>, contact: &Contact) -> Option<Sender> {
    let number = contact.msisdn.as_str().map(|number| format!("+{number}"));
    let id = contact.id.as_str().map(str::to_owned);
    let external_id = address.or(number).or_else(|| id.clone())?;
    Some(Sender {
        aliases: id.into_iter().filter(|id| *id != external_id).collect(),
        external_id,
        name: contact.name(),
        address: None,
    })
}

fn received(message: Message<'_>, contact: &Contact, received_at: Timestamp) -> Option<Event> {
    Some(Event::Message(InboundMessage {
        provider_message_id: message.id.0,
        sender: person(message.from.id(), contact)?,
        content: content(message.kind.as_str().unwrap_or("unknown"), message.content),
        provider_at: provider_at(message.created_datetime.as_str(), received_at),
        reply_to: message.reply_to.0.and_then(|quoted| quoted.id.id()),
        group_id: None,
        forwarded: false,
        referral: None,
    }))
}

fn sent(message: Message<'_>, contact: &Contact, received_at: Timestamp) -> Option<Event> {
    Some(Event::Echo(EchoMessage {
        provider_message_id: message.id.0,
        recipient: person(message.to.id(), contact)?,
        content: content(message.kind.as_str().unwrap_or("unknown"), message.content),
        provider_at: provider_at(message.created_datetime.as_str(), received_at),
        reply_to: message.reply_to.0.and_then(|quoted| quoted.id.id()),
    }))
}

fn taken_back(message: Message<'_>, received_at: Timestamp) -> Option<Event> {
    (message.status.as_str() == Some("deleted")).then(|| Event::Deleted {
        event_id: format!("{}#deleted", message.id.0),
        provider_message_id: message.id.0,
        provider_at: provider_at(message.updated_datetime.as_str(), received_at),
    })
}

fn status(message: Message<'_>, received_at: Timestamp) -> Option<Event> {
    let name = message.status.as_str()?;
    let status = status_named(name)?;
    let error = (status == MessageStatus::Failed).then(|| {
        let problem = message.error.0.unwrap_or_default();
        let (code, told) = (problem.code.as_str(), problem.description.as_str());
        message_error(code, told, name)
    });
    Some(Event::Status(StatusUpdate {
        provider_at: provider_at(message.updated_datetime.as_str(), received_at),
        provider_message_id: message.id.0,
        status,
        error,
        message_id: None,
    }))
}

pub(super) fn status_named(name: &str) -> Option<MessageStatus> {
    Some(match name {
        "accepted" | "pending" | "scheduled" | "processing" => MessageStatus::Queued,
        "sent" | "transmitted" | "buffered" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        "read" => MessageStatus::Read,
        "failed" | "rejected" | "expired" | "delivery_failed" | "sending_failed" | "skipped" => {
            MessageStatus::Failed
        }
        _ => return None,
    })
}

pub(super) fn message_error(code: Option<&str>, told: Option<&str>, status: &str) -> MessageError {
    let code = code.filter(|code| *code != "0");
    let known = code.and_then(codes::sentence);
    let told = known.or(told.filter(|told| !told.trim().is_empty()));
    MessageError {
        code: code.unwrap_or(status).to_owned(),
        message: told.map_or_else(
            || format!("MessageBird says that the message is {status}, and not why."),
            str::to_owned,
        ),
    }
}

/// RFC 3339; what can't be a time gives way to our own.
pub(super) fn provider_at(told: Option<&str>, received_at: Timestamp) -> Timestamp {
    // A provider's clock may run ahead of ours, but not by days.
    let latest = received_at.plus(std::time::Duration::from_hours(24));
    let parsed = told.and_then(|told| told.parse::<Timestamp>().ok());
    parsed.filter(|at| *at <= latest).unwrap_or(received_at)
}
