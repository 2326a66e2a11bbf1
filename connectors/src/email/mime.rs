//! Letters as they are on the wire (RFC 5322, RFC 2045).

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};
use switchboard_domain::Media;

use super::{
    attachment::id,
    header::{Headers, mailboxes},
    mail::Mail,
    nesting::{FLAT_LETTER, flat},
};
use crate::FetchedMedia;

/// Of a letter that is [`flat`].
pub(crate) fn parse(flat: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(flat)
}

pub(crate) fn read(raw: &[u8]) -> Option<Mail> {
    let raw = flat(raw);
    let letter = parse(&raw)?;
    let headers: Headers = letter
        .headers_raw()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let person = |name: &str| {
        headers
            .get(name)
            .and_then(|value| mailboxes(value).into_iter().next())
    };
    Some(Mail {
        from: person("From").or_else(|| person("Sender")),
        reply_to: person("Reply-To"),
        envelope_from: headers.get("Return-Path").map(str::to_owned),
        subject: letter.subject().unwrap_or_default().trim().to_owned(),
        text: joined(letter.text_bodies(), |part| match &part.body {
            PartType::Text(text) => Some(text.as_ref()),
            _ => None,
        }),
        html: joined(letter.html_bodies(), |part| match &part.body {
            PartType::Html(html) => Some(html.as_ref()),
            _ => None,
        }),
        attachments: letter
            .attachments()
            .enumerate()
            .map(|(nth, part)| media(nth, part))
            .collect(),
        token: token(&headers),
        headers,
        ..Mail::default()
    })
}

/// Out of the addresses it was sent to.
pub(crate) fn token(headers: &Headers) -> Option<String> {
    let fields = ["Delivered-To", "X-Original-To", "To", "Cc"];
    let mut people = fields
        .iter()
        .filter_map(|name| headers.get(name))
        .flat_map(mailboxes);
    people.find_map(|one| one.token().map(str::to_owned))
}

fn joined<'a>(
    parts: impl Iterator<Item = &'a MessagePart<'a>>,
    words: impl Fn(&'a MessagePart<'a>) -> Option<&'a str>,
) -> Option<String> {
    let found: Vec<&str> = parts.filter_map(words).collect();
    (!found.is_empty()).then(|| found.join("\n"))
}

fn media(nth: usize, part: &MessagePart<'_>) -> Media {
    Media {
        id: Some(id(nth)),
        mime_type: mime_type(part),
        file_name: part.attachment_name().map(str::to_owned),
        ..Media::default()
    }
}

fn mime_type(part: &MessagePart<'_>) -> Option<String> {
    let kind = part.content_type()?;
    let main = match kind.ctype() {
        FLAT_LETTER => "message",
        other => other,
    };
    let whole = match kind.subtype() {
        Some(subtype) => format!("{main}/{subtype}"),
        None => main.to_owned(),
    };
    Some(whole.to_lowercase())
}

pub(crate) fn attachment(raw: &[u8], nth: usize) -> Option<FetchedMedia> {
    let raw = flat(raw);
    let letter = parse(&raw)?;
    let part = letter.attachments().nth(nth)?;
    Some(FetchedMedia {
        bytes: part.contents().to_vec().into(),
        mime_type: mime_type(part),
        file_name: part.attachment_name().map(str::to_owned),
    })
}
