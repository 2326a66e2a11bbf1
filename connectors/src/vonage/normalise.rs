//! From Vonage's webhooks to events: each holds one message or one status.

use switchboard_domain::{Content, MessageError, MessageId, MessageStatus, Timestamp};

use super::{
    codes,
    content::contents,
    payload::{Inner, Webhook},
    sms::{Parameters, is_json},
};
use crate::{
    Event, Inbound, InboundMessage, Sender, StatusUpdate, json,
    lenient::{object, object_in},
};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let text = json::text(body).filter(|_| is_json(body));
    let webhook = text.and_then(object_in::<Webhook<'_>>);
    let found = match (text, webhook) {
        (Some(text), Some(webhook)) if webhook.message_uuid.0.is_some() => {
            message_or_status(text, webhook, received_at)
        }
        _ => Parameters::of(body)
            .map(|all| of_sms(&all, received_at))
            .unwrap_or_default(),
    };
    if found.is_empty() {
        let raw = String::from_utf8_lossy(body).into_owned();
        let kind = "body".to_owned();
        return vec![inbound(None, Event::Unsupported { kind, raw })];
    }
    found
}

fn inbound(provider_account_id: Option<String>, event: Event) -> Inbound {
    Inbound {
        provider_account_id,
        event,
    }
}

fn sender(id: &str, name: Option<String>) -> Sender {
    Sender {
        external_id: id.to_owned(),
        aliases: Vec::new(),
        name,
        address: None,
    }
}

fn message_or_status(text: &str, webhook: Webhook<'_>, received_at: Timestamp) -> Vec<Inbound> {
    let (Some(id), Some(from)) = (webhook.message_uuid.id(), webhook.from.0) else {
        return Vec::new();
    };
    let at = provider_at(webhook.timestamp.as_str(), received_at);
    let body = match (&webhook.message, webhook.message_type.0.is_some()) {
        (_, true) => text,
        (Some(message), false) => match object::<Inner<'_>>(message) {
            Some(inner) => inner.content.get(),
            None => message.get(),
        },
        (None, false) => {
            let status = webhook.status.as_str().and_then(status_named);
            let failed = status == Some(MessageStatus::Failed);
            let update = status.map(|status| StatusUpdate {
                provider_message_id: id,
                status,
                provider_at: at,
                error: webhook
                    .error
                    .0
                    .filter(|_| failed)
                    .map(|error| codes::message_error(&error)),
                message_id: webhook.client_ref.id().map(MessageId::from),
            });
            let update = update.map(|update| inbound(Some(from.0), Event::Status(update)));
            return update.into_iter().collect();
        }
    };
    let reply_to = webhook.context.0.and_then(|context| context.message_uuid.id());
    let name = webhook.profile.0.and_then(|profile| profile.name.words());
    let message = |(nth, content): (usize, Content)| InboundMessage {
        provider_message_id: if nth == 0 {
            id.clone()
        } else {
            format!("{id}#{nth}")
        },
        sender: sender(&from.0, name.clone()),
        content,
        provider_at: at,
        reply_to: reply_to.clone(),
        group_id: None,
        forwarded: false,
        referral: webhook
            .whatsapp
            .0
            .as_ref()
            .and_then(|whatsapp| whatsapp.referral.0.clone()),
    };
    let to = webhook.to.0.map(|to| to.0);
    let written = contents(body, reply_to.as_deref()).into_iter().enumerate();
    written
        .map(|part| inbound(to.clone(), Event::Message(message(part))))
        .collect()
}

fn status_named(name: &str) -> Option<MessageStatus> {
    Some(match name {
        "submitted" | "sent" | "accepted" | "buffered" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        "read" => MessageStatus::Read,
        "rejected" | "undeliverable" | "failed" | "expired" => MessageStatus::Failed,
        _ => return None,
    })
}

/// The older API: `msisdn` is the customer, whoever wrote.
fn of_sms(all: &Parameters<'_>, received_at: Timestamp) -> Vec<Inbound> {
    let (Some(id), Some(customer)) = (all.get("messageId"), all.get("msisdn")) else {
        return Vec::new();
    };
    let at = provider_at(all.get("message-timestamp"), received_at);
    let ours = all.get("to").map(str::to_owned);
    if let Some(name) = all.get("status") {
        let update = status_named(name).map(|status| StatusUpdate {
            provider_message_id: id.to_owned(),
            status,
            provider_at: at,
            error: (status == MessageStatus::Failed).then(|| error(all, name)),
            message_id: all.get("client-ref").map(MessageId::from),
        });
        return update
            .map(|update| inbound(ours, Event::Status(update)))
            .into_iter()
            .collect();
    }
    let content = match (all.get("type"), all.get("text")) {
        (Some(kind), None) if kind != "text" && kind != "unicode" => Content::Unsupported {
            kind: kind.to_owned(),
        },
        (_, text) => Content::text(text.unwrap_or_default()),
    };
    let message = InboundMessage {
        provider_message_id: id.to_owned(),
        sender: sender(customer, None),
        content,
        provider_at: at,
        reply_to: None,
        group_id: None,
        forwarded: false,
        referral: None,
    };
    vec![inbound(ours, Event::Message(message))]
}

fn error(all: &Parameters<'_>, status: &str) -> MessageError {
    let code = all.get("err-code").filter(|code| *code != "0");
    let known = code.and_then(codes::sms_sentence);
    MessageError {
        code: code.unwrap_or(status).to_owned(),
        message: known.map_or_else(
            || format!("Vonage says that the message is {status}, and not why."),
            str::to_owned,
        ),
    }
}

/// RFC 3339, or in the older API `2020-01-01 12:00:00`, which is UTC.
fn provider_at(told: Option<&str>, received_at: Timestamp) -> Timestamp {
    let parsed = told.and_then(|told| {
        let told = told.trim();
        told.parse::<Timestamp>()
            .ok()
            .or_else(|| format!("{told}Z").parse().ok())
    });
    // A provider's clock may run ahead of ours, but not by days.
    let latest = received_at.plus(std::time::Duration::from_hours(24));
    parsed.filter(|at| *at <= latest).unwrap_or(received_at)
}
