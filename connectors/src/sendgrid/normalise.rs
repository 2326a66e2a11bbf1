//! From SendGrid's webhooks to events: lists tell of letters we sent, forms are letters to us.

use serde_json::Value;
use switchboard_domain::Timestamp;

use super::event;
use crate::{
    Inbound, Verified,
    email::{
        Form, Headers, Mail, Mailbox, failure, mailboxes, of_form, raw, read_mime, token, tree, unsupported,
        words,
    },
};

pub(super) fn normalise(request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
    if let Some(form) = Form::of(request) {
        return letter(&form, request, received_at);
    }
    let body = tree::read(request.body());
    let Some(events) = body.as_ref().and_then(Value::as_array) else {
        return vec![unsupported("body", request.body())];
    };
    events.iter().map(|data| one(data, received_at)).collect()
}

fn one(data: &Value, received_at: Timestamp) -> Inbound {
    match event::of_json(data, received_at) {
        Some(event) => Inbound {
            provider_account_id: None,
            event,
        },
        None => unsupported(
            tree::text(data, "event").unwrap_or("event"),
            data.to_string().as_bytes(),
        ),
    }
}

/// A letter of ours is known by the id that the send was answered with, and SendGrid's own `Message-ID` begins with it.
pub(super) fn provider_id(message_id: &str) -> String {
    match message_id.split_once('@') {
        Some((local, domain)) if domain.ends_with(".sendgrid.net") || domain.contains("ismtpd") => {
            local.to_owned()
        }
        _ => message_id.to_owned(),
    }
}

fn letter(form: &Form<'_>, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
    let raw = raw(form);
    let mail = match raw {
        Some(raw) => read_mime(raw),
        None => Some(parsed(form)),
    };
    let message = mail
        .map(|mail| with_envelope(mail, form))
        .and_then(|mail| mail.into_inbound(request.body(), received_at, provider_id));
    let bounce = raw.and_then(|raw| failure(raw, received_at, provider_id));
    match message {
        Some(message) => [Some(message), bounce].into_iter().flatten().collect(),
        None => vec![unsupported("inbound", request.body())],
    }
}

/// A letter that SendGrid has taken apart ("Inbound Parse": default payload). Each field has a charset of its own.
fn parsed(form: &Form<'_>) -> Mail {
    let charsets = form
        .text("charsets")
        .and_then(|text| tree::read(text.as_bytes()))
        .unwrap_or_default();
    let field = |name: &str| form.text_in(name, tree::text(&charsets, name));
    let headers = Headers::parse(&form.text("headers").unwrap_or_default());
    let people = |name: &str| headers.get(name).map(mailboxes).unwrap_or_default();
    let from = field("from").map(|from| mailboxes(&from)).unwrap_or_default();
    let subject = field("subject").or_else(|| headers.get("Subject").map(str::to_owned));
    Mail {
        from: from.into_iter().chain(people("From")).next(),
        reply_to: people("Reply-To").into_iter().next(),
        subject: subject.as_deref().map(words).unwrap_or_default(),
        text: field("text"),
        html: field("html"),
        attachments: of_form(form),
        token: token(&headers),
        headers,
        ..Mail::default()
    }
}

/// The envelope tells to which of our addresses it really went, and who vouches for it.
fn with_envelope(mut mail: Mail, form: &Form<'_>) -> Mail {
    let envelope = form
        .text("envelope")
        .and_then(|text| tree::read(text.as_bytes()))
        .unwrap_or_default();
    mail.envelope_from = match envelope.get("from").and_then(Value::as_str) {
        Some("") => Some("<>".to_owned()),
        Some(from) => Some(from.to_owned()),
        None => mail.envelope_from,
    };
    let to = tree::items(&envelope, "to").iter().filter_map(Value::as_str);
    let tokens = to.filter_map(|to| Mailbox::new(to, None)?.token().map(str::to_owned));
    mail.token = tokens.into_iter().next().or(mail.token);
    mail
}
