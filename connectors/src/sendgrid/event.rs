//! What became of letters that we sent ("Event Webhook reference").

use serde_json::Value;
use switchboard_domain::{MessageError, MessageId, MessageStatus, Timestamp};

use super::normalise::provider_id;
use crate::{
    Event, StatusUpdate,
    email::{OWN_ID, OWN_MAIL_ID, ids, tree},
};

/// `None`: not about the fate of one letter.
pub(super) fn of_json(data: &Value, received_at: Timestamp) -> Option<Event> {
    let name = tree::text(data, "event")?;
    let status = status(data, name)?;
    let at = data.get("timestamp").and_then(Value::as_i64);
    Some(Event::Status(StatusUpdate {
        provider_message_id: id(data)?,
        status,
        provider_at: at.map_or(received_at, Timestamp::from_secs),
        error: (status == MessageStatus::Failed).then(|| error(data, name)),
        message_id: tree::text(data, OWN_ID).map(MessageId::from),
    }))
}

/// What the send was answered with is the beginning of `sg_message_id`. A letter that came by SMTP, with a `Message-ID`
/// of ours, is known to us by that.
fn id(data: &Value) -> Option<String> {
    if let Some(own) = tree::text(data, OWN_MAIL_ID) {
        return Some(own.to_owned());
    }
    match tree::text(data, "sg_message_id")
        .map(sent_id)
        .filter(|id| !id.is_empty())
    {
        Some(id) => Some(id.to_owned()),
        None => ids(tree::text(data, "smtp-id")?)
            .first()
            .map(|id| provider_id(id)),
    }
}

/// `14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0`: up to the server it went through. A letter that was dropped at
/// once has only the server.
fn sent_id(id: &str) -> &str {
    if id.starts_with("filter") || id.starts_with("recvd") {
        return "";
    }
    let server = id
        .find(".filter")
        .or_else(|| id.find(".recvd"))
        .or_else(|| id.find('.'));
    &id[..server.unwrap_or(id.len())]
}

/// What is deferred is tried again by SendGrid; complaints and unsubscriptions say nothing of the letter's way.
fn status(data: &Value, event: &str) -> Option<MessageStatus> {
    // A mail program that loads pictures by itself shows only that it has the letter.
    let by_machine = data.get("sg_machine_open").and_then(Value::as_bool) == Some(true);
    Some(match event {
        "processed" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        "open" if by_machine => MessageStatus::Delivered,
        "open" | "click" => MessageStatus::Read,
        "bounce" | "dropped" | "blocked" => MessageStatus::Failed,
        _ => return None,
    })
}

fn error(data: &Value, event: &str) -> MessageError {
    let code = tree::text_or_number(data, "status");
    let said = tree::text(data, "reason").or_else(|| tree::text(data, "response"));
    MessageError {
        code: code.unwrap_or_else(|| event.to_owned()),
        message: said
            .unwrap_or("SendGrid couldn't deliver the letter and gave no reason.")
            .to_owned(),
    }
}
