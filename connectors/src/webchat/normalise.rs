//! From a request's body to its events. One that isn't as we write it is kept raw and takes no other along.

use serde::Deserialize;
use serde_json::Value;
use switchboard_domain::{Content, Media, MessageId, MessageStatus, Timestamp};

use super::payload::{Answer, Visitor, VisitorEvent, file, is_client_id};
use crate::{Event, Inbound, InboundMessage, Sender, StatusUpdate, json};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let tree = json::tree(body).unwrap_or_default();
    let visitor = Visitor::deserialize(&tree["visitor"])
        .ok()
        .filter(Visitor::is_named);
    let events = match (visitor, tree["events"].as_array()) {
        (Some(visitor), Some(events)) => events
            .iter()
            .map(|event| read(event, &visitor, received_at).unwrap_or_else(|| unsupported(event)))
            .collect(),
        _ => vec![Event::Unsupported {
            kind: "unknown".to_owned(),
            raw: String::from_utf8_lossy(body).into_owned(),
        }],
    };
    let inbound = |event| Inbound {
        provider_account_id: None,
        event,
    };
    events.into_iter().map(inbound).collect()
}

fn unsupported(event: &Value) -> Event {
    Event::Unsupported {
        kind: event["type"].as_str().unwrap_or("unknown").to_owned(),
        raw: event.to_string(),
    }
}

fn read(event: &Value, visitor: &Visitor, received_at: Timestamp) -> Option<Event> {
    match VisitorEvent::deserialize(event).ok()? {
        VisitorEvent::Message {
            id,
            text,
            payload,
            file,
            reply_to,
            at,
        } => {
            let content = content(text, payload, file)?;
            message(visitor, &id, content, reply_to, at.unwrap_or(received_at))
        }
        VisitorEvent::Form { id, answers, at } => {
            let text = lines(&answers)?;
            message(
                visitor,
                &id,
                Content::System { text },
                None,
                at.unwrap_or(received_at),
            )
        }
        VisitorEvent::Delivered { message_id, at } => Some(status(
            message_id,
            MessageStatus::Delivered,
            at.unwrap_or(received_at),
        )),
        VisitorEvent::Read { message_id, at } => {
            Some(status(message_id, MessageStatus::Read, at.unwrap_or(received_at)))
        }
    }
}

fn content(text: String, payload: Option<String>, sent: Option<Box<Media>>) -> Option<Content> {
    match (sent, payload) {
        (Some(mut media), _) => {
            media.text = Some(text).filter(|text| !text.is_empty());
            (media.id.is_some() || media.url.is_some()).then(|| file(*media))
        }
        (None, _) if text.trim().is_empty() => None,
        (None, payload @ Some(_)) => Some(Content::Choice { text, payload }),
        (None, None) => Some(Content::Text { text }),
    }
}

fn message(
    visitor: &Visitor,
    id: &str,
    content: Content,
    reply_to: Option<String>,
    provider_at: Timestamp,
) -> Option<Event> {
    is_client_id(id).then(|| {
        Event::Message(InboundMessage {
            provider_message_id: visitor.message_id(id),
            sender: Sender {
                external_id: visitor.id.clone(),
                // What a visitor says of themselves proves nothing: it must not lead to somebody else's history.
                aliases: Vec::new(),
                name: visitor.name.clone(),
                address: visitor.email.clone().or_else(|| visitor.phone.clone()),
            },
            content,
            provider_at,
            reply_to,
            group_id: None,
            forwarded: false,
            referral: None,
        })
    })
}

/// Our id and the provider's are the same: we are the provider. So it settles, too, what is delivered before the worker
/// has got to it.
fn status(id: MessageId, status: MessageStatus, provider_at: Timestamp) -> Event {
    Event::Status(StatusUpdate {
        provider_message_id: id.as_str().to_owned(),
        status,
        provider_at,
        error: None,
        message_id: Some(id),
    })
}

fn lines(answers: &[Answer]) -> Option<String> {
    let line = |answer: &Answer| format!("{}: {}", answer.label.trim(), answer.value.trim());
    let lines: Vec<String> = answers.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
