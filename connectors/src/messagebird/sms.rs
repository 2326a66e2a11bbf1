//! The SMS API's forms: messages to a number or a short code, and delivery reports.

use switchboard_domain::{Content, Media, MessageId, MessageStatus, Timestamp};

use super::{
    content::by_ending,
    normalise::{message_error, provider_at, status_named},
};
use crate::{Event, Inbound, InboundMessage, Sender, StatusUpdate, form::Form};

pub(super) fn events(body: &[u8], received_at: Timestamp) -> Vec<Inbound> {
    let form = Form::parse(body);
    match form.get("status") {
        Some(name) => status(&form, name, received_at).into_iter().collect(),
        None => messages(&form, received_at),
    }
}

fn status(form: &Form<'_>, name: &str, received_at: Timestamp) -> Option<Inbound> {
    let status = status_named(name)?;
    let failed = status == MessageStatus::Failed;
    let code = form.get("statusErrorCode");
    Some(Inbound {
        provider_account_id: form.owned("originator"),
        event: Event::Status(StatusUpdate {
            provider_message_id: form.owned("id")?,
            status,
            provider_at: provider_at(form.get("statusDatetime"), received_at),
            error: failed.then(|| message_error(code, form.get("statusReason"), name)),
            message_id: form.get("reference").map(MessageId::from),
        }),
    })
}

fn messages(form: &Form<'_>, received_at: Timestamp) -> Vec<Inbound> {
    // A short code's fields have names of their own.
    let id = form
        .get("mid")
        .or_else(|| form.get("id"))
        .or_else(|| form.get("message_id"));
    let (Some(id), Some(from)) = (id, form.get("originator")) else {
        return Vec::new();
    };
    let ours = ["recipient", "receiver", "shortcode"]
        .into_iter()
        .find_map(|name| form.owned(name));
    let told = form
        .get("createdDatetime")
        .or_else(|| form.get("CreatedDatetime"));
    let at = match form.get("receive_datetime").and_then(with_marks) {
        Some(marked) => provider_at(Some(&marked), received_at),
        None => provider_at(told, received_at),
    };
    let message = |(nth, content)| Inbound {
        provider_account_id: ours.clone(),
        event: Event::Message(InboundMessage {
            provider_message_id: if nth == 0 {
                id.to_owned()
            } else {
                format!("{id}#{nth}")
            },
            sender: Sender {
                external_id: from.to_owned(),
                aliases: Vec::new(),
                name: None,
                address: None,
            },
            content,
            provider_at: at,
            reply_to: None,
            group_id: None,
            forwarded: false,
            referral: None,
        }),
    };
    contents(form).into_iter().enumerate().map(message).collect()
}

fn contents(form: &Form<'_>) -> Vec<Content> {
    let mut words = form.owned("body").or_else(|| form.owned("message"));
    let is_file = |name: &str| {
        let name = name.trim_end_matches("[]");
        name.eq_ignore_ascii_case("mediaUrls")
    };
    let files = form
        .pairs()
        .iter()
        .filter(|(name, url)| is_file(name) && !url.is_empty());
    let found: Vec<Content> = files
        .map(|(_, url)| {
            by_ending(Media {
                url: Some(url.as_ref().to_owned()),
                text: words.take(),
                ..Media::default()
            })
        })
        .collect();
    if found.is_empty() {
        return vec![Content::text(words.unwrap_or_default())];
    }
    found
}

/// `20230727004929` as RFC 3339 writes it.
fn with_marks(digits: &str) -> Option<String> {
    let part = |from: usize, to: usize| digits.get(from..to);
    (digits.len() == 14).then_some(())?;
    Some(format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    ))
}
