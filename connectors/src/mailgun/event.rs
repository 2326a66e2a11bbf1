//! What became of letters that we sent (user manual, "Webhook payloads" and, for forms, "Legacy webhooks").

use serde_json::Value;
use switchboard_domain::{MessageError, MessageId, MessageStatus, Timestamp};

use crate::{
    Event, StatusUpdate,
    email::{Form, OWN_ID, ids, tree},
};

/// `event-data` of a JSON webhook. `None`: not about the fate of one letter.
pub(super) fn of_json(data: &Value, received_at: Timestamp) -> Option<Event> {
    let name = tree::text(data, "event")?;
    let severity = tree::text(data, "severity");
    let at = data.get("timestamp").and_then(Value::as_f64);
    let own = data.get("user-variables").and_then(|own| tree::text(own, OWN_ID));
    let headers = data.get("message")?.get("headers")?;
    Some(Event::Status(StatusUpdate {
        provider_message_id: bare_id(tree::text(headers, "message-id")?),
        status: status(name, severity)?,
        provider_at: at.map_or(received_at, |secs| Timestamp::from_millis((secs * 1000.0) as i64)),
        error: error(data, name),
        message_id: own.map(MessageId::from),
    }))
}

pub(super) fn of_form(form: &Form<'_>, received_at: Timestamp) -> Option<Event> {
    let name = form.text("event")?;
    let id = form.text("Message-Id").or_else(|| form.text("message-id"))?;
    let at = form.last("timestamp").and_then(|secs| secs.parse().ok());
    let why = ["error", "notification", "description", "reason"];
    let failed = matches!(name.as_str(), "bounced" | "dropped");
    Some(Event::Status(StatusUpdate {
        provider_message_id: bare_id(&id),
        status: status(&name, None)?,
        provider_at: at.map_or(received_at, Timestamp::from_secs),
        error: failed.then(|| MessageError {
            code: form.text("code").unwrap_or(name),
            message: why
                .iter()
                .find_map(|name| form.text(name))
                .unwrap_or_else(no_reason),
        }),
        message_id: form.text(OWN_ID).map(MessageId::from),
    }))
}

pub(super) fn bare_id(id: &str) -> String {
    ids(id).into_iter().next().unwrap_or_else(|| id.trim().to_owned())
}

/// A temporary failure is tried again by Mailgun; complaints and unsubscriptions say nothing of the letter's way.
fn status(event: &str, severity: Option<&str>) -> Option<MessageStatus> {
    Some(match (event, severity) {
        ("accepted", _) => MessageStatus::Sent,
        ("delivered", _) => MessageStatus::Delivered,
        ("opened" | "clicked", _) => MessageStatus::Read,
        ("failed", Some("temporary")) => return None,
        ("failed" | "rejected" | "bounced" | "dropped", _) => MessageStatus::Failed,
        _ => return None,
    })
}

fn error(data: &Value, event: &str) -> Option<MessageError> {
    if !matches!(event, "failed" | "rejected") {
        return None;
    }
    let empty = Value::Null;
    let delivery = data.get("delivery-status").unwrap_or(&empty);
    let reject = data.get("reject").unwrap_or(&empty);
    let code = tree::text_or_number(delivery, "code").or_else(|| tree::text_or_number(data, "reason"));
    let said = tree::text(delivery, "message")
        .or_else(|| tree::text(delivery, "description"))
        .or_else(|| tree::text(reject, "reason"))
        .or_else(|| tree::text(data, "reason"));
    Some(MessageError {
        code: code.unwrap_or_else(|| event.to_owned()),
        message: said.map_or_else(no_reason, |said| said.replace('\n', " ")),
    })
}

fn no_reason() -> String {
    "Mailgun couldn't deliver the letter and gave no reason.".to_owned()
}
