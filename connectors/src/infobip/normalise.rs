//! From Infobip's webhooks to events: each of `results[]` is a message or a report.

use switchboard_domain::{Content, MessageError, MessageId, MessageStatus, Timestamp};

use super::{
    content::{of_list, of_mms, of_whatsapp},
    payload::{Body, Entry, Envelope, Report},
};
use crate::{
    Event, Inbound, InboundMessage, Sender, StatusUpdate, json,
    lenient::{items, object, object_in},
};

pub(super) fn normalise(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let text = json::text(body);
    let envelope = text.and_then(object_in::<Envelope<'_>>);
    let Some(results) = envelope.and_then(|envelope| envelope.results).and_then(items) else {
        return vec![unsupported("body", &String::from_utf8_lossy(body))];
    };
    let events = results.into_iter().flat_map(|raw| {
        let found = object::<Entry<'_>>(raw)
            .map(|entry| of_entry(entry, received_at))
            .unwrap_or_default();
        if found.is_empty() {
            vec![unsupported("result", raw.get())]
        } else {
            found
        }
    });
    events.collect()
}

fn unsupported(kind: &str, raw: &str) -> Inbound {
    Inbound {
        provider_account_id: None,
        event: Event::Unsupported {
            kind: kind.to_owned(),
            raw: raw.to_owned(),
        },
    }
}

fn of_entry(entry: Entry<'_>, received_at: Timestamp) -> Vec<Inbound> {
    if entry.status.0.is_some() || entry.seen_at.0.is_some() {
        return report(entry, received_at).into_iter().collect();
    }
    messages(entry, received_at)
}

fn report(entry: Entry<'_>, received_at: Timestamp) -> Option<Inbound> {
    let seen = entry.seen_at.as_str();
    let told = entry.status.0.unwrap_or_default();
    let status = match told.group_name.as_str() {
        None if seen.is_some() => MessageStatus::Read,
        Some("SEEN") => MessageStatus::Read,
        Some("ACCEPTED") => MessageStatus::Queued,
        Some("PENDING") => MessageStatus::Sent,
        Some("DELIVERED") => MessageStatus::Delivered,
        Some("UNDELIVERABLE" | "EXPIRED" | "REJECTED" | "FAILED") => MessageStatus::Failed,
        _ => return None,
    };
    let at = seen.or(entry.done_at.as_str()).or(entry.sent_at.as_str());
    let failed = status == MessageStatus::Failed;
    let error = entry.error.0.unwrap_or_default();
    Some(Inbound {
        provider_account_id: entry.from.id(),
        event: Event::Status(StatusUpdate {
            provider_at: provider_at(at, received_at),
            provider_message_id: entry.message_id.0,
            status,
            error: failed.then(|| message_error(&told, &error)),
            message_id: entry.callback_data.id().map(MessageId::from),
        }),
    })
}

/// The error says more than the status, unless it says that there is none.
pub(super) fn message_error(status: &Report, error: &Report) -> MessageError {
    let real = error.name.as_str().is_some_and(|name| name != "NO_ERROR");
    let source = if real { error } else { status };
    MessageError {
        code: source
            .name
            .as_str()
            .or(status.group_name.as_str())
            .unwrap_or("failed")
            .to_owned(),
        message: source
            .description
            .as_str()
            .filter(|text| !text.is_empty())
            .map_or_else(
                || "Infobip failed to deliver the message and gave no reason.".to_owned(),
                |told| format!("Infobip didn't deliver the message: {told}."),
            ),
    }
}

fn messages(entry: Entry<'_>, received_at: Timestamp) -> Vec<Inbound> {
    let Some(from) = entry.from.id() else {
        return Vec::new();
    };
    let body: Option<Body> = entry.message.and_then(object);
    let (mut reply_to, mut forwarded, mut referral) = (None, false, None);
    let list = entry
        .message
        .and_then(of_mms)
        .or_else(|| entry.content.and_then(of_list));
    let contents = match (body, list, entry.text.0) {
        (Some(mut body), ..) => {
            reply_to = body.context.0.take().and_then(|context| context.id.id());
            forwarded = body.forwarded.0 == Some(true);
            referral = body.referral.0.take();
            vec![of_whatsapp(body, reply_to.as_deref())]
        }
        (None, Some(parts), _) => parts,
        (None, None, Some(text)) => vec![Content::text(text.0)],
        (None, None, None) => return Vec::new(),
    };
    let id = entry.message_id.0;
    let ours = entry.to.id();
    let at = provider_at(entry.received_at.as_str(), received_at);
    let name = entry.contact.0.and_then(|contact| contact.name.words());
    let message = |(nth, content)| Inbound {
        provider_account_id: ours.clone(),
        event: Event::Message(InboundMessage {
            provider_message_id: if nth == 0 {
                id.clone()
            } else {
                format!("{id}#{nth}")
            },
            sender: Sender {
                external_id: from.clone(),
                aliases: Vec::new(),
                name: name.clone(),
                address: None,
            },
            content,
            provider_at: at,
            reply_to: reply_to.clone(),
            group_id: None,
            forwarded,
            referral: referral.clone(),
        }),
    };
    contents.into_iter().enumerate().map(message).collect()
}

/// `2016-10-06T09:28:39.220+0000`: RFC 3339 but for the colon in the offset.
fn provider_at(told: Option<&str>, received_at: Timestamp) -> Timestamp {
    // A provider's clock may run ahead of ours, but not by days.
    let latest = received_at.plus(std::time::Duration::from_hours(24));
    let parsed = told.and_then(|told| {
        told.parse::<Timestamp>().ok().or_else(|| {
            let (rest, minutes) = told.split_at_checked(told.len().checked_sub(2)?)?;
            format!("{rest}:{minutes}").parse().ok()
        })
    });
    parsed.filter(|at| *at <= latest).unwrap_or(received_at)
}
