//! From Postmark's webhooks to events: one object each, a letter to us or what became of one of ours.

use serde_json::Value;
use switchboard_domain::{Media, Timestamp};

use super::event;
use crate::{
    Inbound, Verified,
    email::{Headers, Mail, Mailbox, attachment_id, failure, mailboxes, read_mime, tree, unsupported},
};

pub(super) fn normalise(request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
    let Some(body) = tree::read(request.body()) else {
        return vec![unsupported("body", request.body())];
    };
    match tree::text(&body, "RecordType") {
        None | Some("Inbound") => letter(&body, request, received_at),
        Some(record) => match event::of_json(&body, record, received_at) {
            Some(event) => vec![Inbound {
                provider_account_id: None,
                event,
            }],
            None => vec![unsupported(&kind(&body, record), request.body())],
        },
    }
}

/// Bounces that are none are told apart by their type.
fn kind(body: &Value, record: &str) -> String {
    match tree::text(body, "Type") {
        Some(kind) if record == "Bounce" => format!("{record}.{kind}"),
        _ => record.to_owned(),
    }
}

/// Postmark's own `Message-ID` is made of the id that the send was answered with.
pub(super) fn provider_id(message_id: &str) -> String {
    match message_id.split_once('@') {
        Some((local, domain)) if domain == "mtasv.net" || domain.ends_with(".mtasv.net") => local.to_owned(),
        _ => message_id.to_owned(),
    }
}

fn letter(body: &Value, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
    let raw = tree::text(body, "RawEmail").map(str::as_bytes);
    let parsed = parsed(body);
    // "Include raw email content" is a choice of the stream; the parts are there all the same.
    let mail = match raw.filter(|_| parsed.from.is_none() && parsed.text.is_none() && parsed.html.is_none()) {
        Some(raw) => read_mime(raw).unwrap_or(parsed),
        None => parsed,
    };
    let bounce = raw.and_then(|raw| failure(raw, received_at, provider_id));
    match mail.into_inbound(request.body(), received_at, provider_id) {
        Some(message) => [Some(message), bounce].into_iter().flatten().collect(),
        None => vec![unsupported("inbound", request.body())],
    }
}

fn parsed(body: &Value) -> Mail {
    let headers = headers(body);
    let field = |name: &str| tree::text(body, name);
    let person = |name: &str| mailboxes(field(name)?).into_iter().next();
    let full = body
        .get("FromFull")
        .and_then(|from| Mailbox::new(tree::text(from, "Email")?, tree::text(from, "Name")));
    let to = tree::items(body, "ToFull")
        .iter()
        .find_map(|to| tree::text(to, "MailboxHash"));
    Mail {
        from: full.or_else(|| person("From")),
        reply_to: person("ReplyTo"),
        subject: field("Subject").unwrap_or_default().trim().to_owned(),
        text: field("TextBody").map(str::to_owned),
        html: field("HtmlBody").map(str::to_owned),
        answer: field("StrippedTextReply").map(str::to_owned),
        attachments: attachments(body),
        token: field("MailboxHash").or(to).map(str::to_owned),
        id: field("MessageID").map(str::to_owned),
        headers,
        ..Mail::default()
    }
}

/// The date is a field of its own, and not always in the list.
fn headers(body: &Value) -> Headers {
    let listed = tree::items(body, "Headers").iter().filter_map(|one| {
        let value = one.get("Value")?.as_str()?;
        Some((tree::text(one, "Name")?.to_owned(), value.to_owned()))
    });
    let date = tree::text(body, "Date").map(|date| ("Date".to_owned(), date.to_owned()));
    listed.chain(date).collect()
}

fn attachments(body: &Value) -> Vec<Media> {
    let one = |(nth, one): (usize, &Value)| Media {
        id: Some(attachment_id(nth)),
        mime_type: tree::text(one, "ContentType").map(str::to_owned),
        file_name: tree::text(one, "Name").map(str::to_owned),
        ..Media::default()
    };
    tree::items(body, "Attachments")
        .iter()
        .enumerate()
        .map(one)
        .collect()
}
