//! Bounces (RFC 3464): which letter of ours came back, and why.

use mail_parser::{Message, MimeHeaders};
use switchboard_domain::{MessageError, MessageStatus, Timestamp};

use super::{
    header::{Headers, ids},
    mail::ProviderId,
    mime,
    nesting::{FLAT_LETTER, flat},
};
use crate::{Event, Inbound, StatusUpdate};

/// The end of a letter that we sent, if `raw` reports it. Delays and arrivals aren't an end.
pub(crate) fn failure(raw: &[u8], received_at: Timestamp, provider_id: ProviderId) -> Option<Inbound> {
    let raw = flat(raw);
    let letter = mime::parse(&raw)?;
    letter
        .content_type()
        .filter(|kind| kind.subtype() == Some("report"))?;
    let report = report(&letter)?;
    if !report.get("Action")?.eq_ignore_ascii_case("failed") {
        return None;
    }
    let status = report.get("Status").unwrap_or("5.0.0");
    let diagnostic = report
        .get("Diagnostic-Code")
        .map(|code| code.split_once(';').map_or(code, |(_, text)| text));
    Some(Inbound {
        provider_account_id: None,
        event: Event::Status(StatusUpdate {
            provider_message_id: provider_id(&original(&letter)?),
            status: MessageStatus::Failed,
            provider_at: received_at,
            error: Some(MessageError {
                code: status.to_owned(),
                message: diagnostic.unwrap_or("The letter came back.").trim().to_owned(),
            }),
            message_id: None,
        }),
    })
}

/// The first recipient's fields; those of the report itself come before them.
fn report(letter: &Message<'_>) -> Option<Headers> {
    let part = letter
        .parts
        .iter()
        .find(|part| part.is_content_type("message", "delivery-status"))?;
    let text = String::from_utf8_lossy(part.contents()).replace("\r\n", "\n");
    let recipient = text
        .split("\n\n")
        .find(|group| group.to_lowercase().contains("action:"))?;
    Some(Headers::parse(recipient.trim_start()))
}

/// The id of the letter that is returned whole, or only its headers.
fn original(letter: &Message<'_>) -> Option<String> {
    let returned = letter.parts.iter().find(|part| {
        part.is_content_type(FLAT_LETTER, "rfc822")
            || part.is_content_type(FLAT_LETTER, "global")
            || part.is_content_type("text", "rfc822-headers")
    })?;
    let text = String::from_utf8_lossy(returned.contents()).into_owned();
    let headers = Headers::parse(text.trim_start());
    headers
        .get("Message-ID")
        .and_then(|value| ids(value).into_iter().next())
}
