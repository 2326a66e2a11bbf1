//! What became of letters that we sent ("Webhooks overview": delivery, bounce, open, click).

use serde_json::Value;
use switchboard_domain::{MessageError, MessageId, MessageStatus, Timestamp};

use crate::{
    Event, StatusUpdate,
    email::{OWN_ID, OWN_MAIL_ID, tree},
};

/// `None`: not about the fate of one letter.
pub(super) fn of_json(data: &Value, record: &str, received_at: Timestamp) -> Option<Event> {
    let status = status(data, record)?;
    let metadata = data.get("Metadata").cloned().unwrap_or_default();
    // A letter that came by SMTP has an id of ours.
    let id = tree::text(&metadata, OWN_MAIL_ID).or_else(|| tree::text(data, "MessageID"))?;
    let times = ["DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt"];
    let at = times.iter().find_map(|name| tree::text(data, name)?.parse().ok());
    Some(Event::Status(StatusUpdate {
        provider_message_id: id.to_owned(),
        status,
        provider_at: at.unwrap_or(received_at),
        error: (status == MessageStatus::Failed).then(|| error(data)),
        message_id: tree::text(&metadata, OWN_ID).map(MessageId::from),
    }))
}

fn status(data: &Value, record: &str) -> Option<MessageStatus> {
    Some(match record {
        "Delivery" => MessageStatus::Delivered,
        "Open" | "Click" => MessageStatus::Read,
        "Bounce" if is_final(tree::text(data, "Type").unwrap_or_default()) => MessageStatus::Failed,
        _ => return None,
    })
}

/// "Bounce types": the letter won't arrive. The others are answers by machines, delays, and wishes of the recipient.
fn is_final(kind: &str) -> bool {
    matches!(
        kind,
        "HardBounce"
            | "SoftBounce"
            | "DnsError"
            | "SpamNotification"
            | "Blocked"
            | "BadEmailAddress"
            | "ManuallyDeactivated"
            | "VirusNotification"
            | "SMTPApiError"
            | "DMARCPolicy"
            | "TemplateRenderingFailed"
            | "Unknown"
    )
}

fn error(data: &Value) -> MessageError {
    let words = ["Description", "Details", "Name"]
        .iter()
        .find_map(|name| tree::text(data, name));
    MessageError {
        code: tree::text(data, "Type").unwrap_or("Bounce").to_owned(),
        message: words.unwrap_or("The letter came back.").to_owned(),
    }
}
