//! From Twilio's form to events: one form is one message or one status.

use serde_json::{Map, Value};
use switchboard_domain::{MessageError, MessageStatus, Timestamp};

use super::{codes, content};
use crate::{Event, Inbound, InboundMessage, Sender, StatusUpdate, form::Form};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    if body.trim_ascii_start().starts_with(b"{") {
        // Other products of Twilio post JSON.
        return vec![unsupported("json", body)];
    }
    let form = Form::parse(body);
    if let Some(name) = status_name(&form) {
        return vec![status(&form, name, received_at).unwrap_or_else(|| unsupported("status", body))];
    }
    let found = messages(&form, received_at);
    if found.is_empty() {
        let kind = form
            .get("EventType")
            .or_else(|| form.get("CallSid").map(|_| "call"));
        return vec![unsupported(kind.unwrap_or("form"), body)];
    }
    found
}

fn unsupported(kind: &str, body: &[u8]) -> Inbound {
    Inbound {
        provider_account_id: None,
        event: Event::Unsupported {
            kind: kind.to_owned(),
            raw: String::from_utf8_lossy(body).into_owned(),
        },
    }
}

/// A message's own status is `received`; anything else is what became of one of ours.
fn status_name<'f>(form: &'f Form<'_>) -> Option<&'f str> {
    let name = form.get("MessageStatus").or_else(|| form.get("SmsStatus"))?;
    (!matches!(name, "received" | "receiving")).then_some(name)
}

/// `MessageSid` is the message; `SmsSid` is its old name and not in all payloads the same.
fn sid<'f>(form: &'f Form<'_>) -> Option<&'f str> {
    form.get("MessageSid")
        .or_else(|| form.get("SmsMessageSid"))
        .or_else(|| form.get("SmsSid"))
}

fn status(form: &Form<'_>, name: &str, received_at: Timestamp) -> Option<Inbound> {
    let status = match name {
        "accepted" | "scheduled" | "queued" | "sending" => MessageStatus::Queued,
        "sent" => MessageStatus::Sent,
        "delivered" | "partially_delivered" => MessageStatus::Delivered,
        "read" => MessageStatus::Read,
        "failed" | "undelivered" | "canceled" => MessageStatus::Failed,
        _ => return None,
    };
    let failed = status == MessageStatus::Failed;
    Some(Inbound {
        provider_account_id: form.owned("From"),
        event: Event::Status(StatusUpdate {
            provider_message_id: sid(form)?.to_owned(),
            status,
            provider_at: received_at,
            error: failed.then(|| error(form, name)),
            message_id: None,
        }),
    })
}

fn error(form: &Form<'_>, status: &str) -> MessageError {
    let code = form.get("ErrorCode").filter(|code| *code != "0");
    let told = form
        .get("ErrorMessage")
        .or_else(|| form.get("ChannelStatusMessage"));
    let known = code.and_then(|code| codes::sentence(code.parse().ok()?));
    MessageError {
        code: code.unwrap_or(status).to_owned(),
        message: known.or(told).map_or_else(
            || format!("Twilio says that the message is {status}, and not why."),
            str::to_owned,
        ),
    }
}

fn messages(form: &Form<'_>, received_at: Timestamp) -> Vec<Inbound> {
    let (Some(id), Some(from)) = (sid(form), form.get("From")) else {
        return Vec::new();
    };
    let yes = |name: &str| form.get(name) == Some("true");
    let message = |nth: usize, content| InboundMessage {
        provider_message_id: if nth == 0 {
            id.to_owned()
        } else {
            format!("{id}#{nth}")
        },
        sender: sender(form, from),
        content,
        provider_at: received_at,
        reply_to: form.owned("OriginalRepliedMessageSid"),
        group_id: None,
        forwarded: yes("Forwarded") || yes("FrequentlyForwarded"),
        referral: referral(form),
    };
    let contents = content::contents(form).into_iter().enumerate();
    contents
        .map(|(nth, content)| Inbound {
            provider_account_id: form.owned("To"),
            event: Event::Message(message(nth, content)),
        })
        .collect()
}

fn sender(form: &Form<'_>, from: &str) -> Sender {
    let other_ids = ["ExternalUserId", "WaId"]
        .iter()
        .filter_map(|name| form.get(name));
    Sender {
        external_id: from.to_owned(),
        aliases: other_ids.filter(|id| *id != from).map(str::to_owned).collect(),
        name: form.owned("ProfileName"),
        address: None,
    }
}

/// The advertisement that led here: `ReferralSourceUrl`, `ReferralHeadline` and so on.
fn referral(form: &Form<'_>) -> Option<Value> {
    let fields: Map<String, Value> = form
        .pairs()
        .iter()
        .filter(|(name, value)| name.starts_with("Referral") && !value.is_empty())
        .map(|(name, value)| (name.to_string(), Value::from(value.as_ref())))
        .collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}
