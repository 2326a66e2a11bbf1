//! From Mailgun's webhooks to events: JSON tells of letters we sent, forms are letters to us (or events as they were
//! told before 2018).

use switchboard_domain::{Media, Timestamp};

use super::event;
use crate::{
    Event, Inbound, Verified,
    email::{
        Form, Headers, Mail, Mailbox, failure, mailboxes, of_form, raw, read_mime, token, tree, unsupported,
        words,
    },
};

pub(super) fn normalise(request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
    if let Some(form) = Form::of(request) {
        return match form.text("event").filter(|_| !is_letter(&form)) {
            Some(name) => vec![known(event::of_form(&form, received_at), &name, request)],
            None => letter(&form, request, received_at),
        };
    }
    let body = tree::read(request.body());
    let data = body.as_ref().and_then(|body| body.get("event-data"));
    let name = data.and_then(|data| tree::text(data, "event")).unwrap_or("body");
    vec![known(
        data.and_then(|data| event::of_json(data, received_at)),
        name,
        request,
    )]
}

/// Its headers are fields as well, so that a letter may well have an `event`; and some events have a body.
fn is_letter(form: &Form<'_>) -> bool {
    let bodies = ["body-plain", "body-html", "body-mime", "stripped-text"];
    let has = |name: &str| form.bytes(name).is_some();
    has("sender") && bodies.iter().any(|name| has(name))
}

fn letter(form: &Form<'_>, request: &Verified, received_at: Timestamp) -> Vec<Inbound> {
    let mail = match raw(form) {
        Some(raw) => read_mime(raw).map(|mail| with_envelope(mail, form)),
        None => Some(with_envelope(parsed(form), form)),
    };
    let message = mail.and_then(|mail| mail.into_inbound(request.body(), received_at, str::to_owned));
    let bounce = raw(form).and_then(|raw| failure(raw, received_at, str::to_owned));
    match message {
        Some(message) => [Some(message), bounce].into_iter().flatten().collect(),
        None => vec![unsupported("inbound", request.body())],
    }
}

/// A letter that Mailgun has taken apart (user manual, "Receiving messages via HTTP").
fn parsed(form: &Form<'_>) -> Mail {
    let headers = headers(form);
    let person = |name: &str| {
        headers
            .get(name)
            .and_then(|value| mailboxes(value).into_iter().next())
    };
    Mail {
        from: person("From"),
        reply_to: person("Reply-To"),
        subject: headers.get("Subject").map(words).unwrap_or_default(),
        text: form.text("body-plain"),
        html: form.text("body-html"),
        answer: form.text("stripped-text"),
        attachments: attachments(form),
        token: token(&headers),
        headers,
        ..Mail::default()
    }
}

/// What Mailgun says beside the letter itself.
fn with_envelope(mut mail: Mail, form: &Form<'_>) -> Mail {
    mail.envelope_from = match form.bytes("sender") {
        // Nobody: that is how bounces are sent.
        Some([]) => Some("<>".to_owned()),
        _ => form.text("sender").or(mail.envelope_from),
    };
    let recipient = form.text("recipient").and_then(|to| Mailbox::new(&to, None));
    mail.token = recipient
        .and_then(|to| to.token().map(str::to_owned))
        .or(mail.token);
    if mail.headers.message_id().is_none() {
        mail.id = form.last("token");
    }
    let at = form.last("timestamp").and_then(|secs| secs.parse().ok());
    mail.arrived_at = at.map(Timestamp::from_secs);
    mail
}

/// All of them as a list of pairs, and the usual ones as fields, which serve where the list is missing.
fn headers(form: &Form<'_>) -> Headers {
    const FIELDS: [&str; 13] = [
        "From",
        "from",
        "Reply-To",
        "To",
        "Cc",
        "Subject",
        "subject",
        "Date",
        "Message-Id",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "Precedence",
    ];
    let list = form
        .text("message-headers")
        .and_then(|text| tree::read(text.as_bytes()));
    let pairs = list
        .as_ref()
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten();
    let listed = pairs.filter_map(|pair| {
        let value = pair.get(1)?;
        // A content type comes as a list of its own.
        let text = value.as_str().or_else(|| value.get(0)?.as_str())?;
        Some((pair.get(0)?.as_str()?.to_owned(), text.to_owned()))
    });
    let fields = FIELDS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), form.text(name)?)));
    listed.chain(fields).collect()
}

/// In the form itself, or, if the route stores letters, kept by Mailgun for three days.
fn attachments(form: &Form<'_>) -> Vec<Media> {
    let stored = form
        .text("attachments")
        .and_then(|text| tree::read(text.as_bytes()));
    let stored: Vec<Media> = stored
        .as_ref()
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| {
            Some(Media {
                url: Some(tree::text(one, "url")?.to_owned()),
                mime_type: tree::text(one, "content-type").map(str::to_owned),
                file_name: tree::text(one, "name").map(str::to_owned),
                ..Media::default()
            })
        })
        .collect();
    if stored.is_empty() { of_form(form) } else { stored }
}

fn known(event: Option<Event>, name: &str, request: &Verified) -> Inbound {
    match event {
        Some(event) => Inbound {
            provider_account_id: None,
            event,
        },
        None => unsupported(name, request.body()),
    }
}
