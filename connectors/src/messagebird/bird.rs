//! Bird's platform (Channels API): `{"service":"channels","event":"sms.inbound","payload":{…}}`.

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::{Content, Media, MessageId, MessageStatus, Timestamp};

use super::normalise::{message_error, provider_at, status_named};
use crate::{
    Event, Inbound, InboundMessage, Sender, StatusUpdate,
    lenient::{Decimal, Identifier, Maybe, Text, object},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    id: Identifier,
    #[serde(default)]
    channel_id: Maybe<Identifier>,
    #[serde(default)]
    sender: Maybe<Party>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
    #[serde(default)]
    status: Maybe<Text>,
    #[serde(default)]
    reason: Maybe<Text>,
    #[serde(default)]
    reference: Maybe<Identifier>,
    #[serde(default)]
    reply_to: Maybe<Quoted>,
    #[serde(default)]
    created_at: Maybe<Text>,
    #[serde(default)]
    updated_at: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Party {
    contact: Maybe<Contact>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Contact {
    id: Maybe<Identifier>,
    identifier_value: Maybe<Identifier>,
    annotations: Maybe<Annotations>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotations {
    name: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quoted {
    id: Maybe<Identifier>,
}

pub(super) fn events(event: &str, payload: &RawValue, received_at: Timestamp) -> Vec<Inbound> {
    let Some(payload) = object::<Payload<'_>>(payload) else {
        return Vec::new();
    };
    let ours = payload.channel_id.as_str().map(str::to_owned);
    let found = match event.rsplit_once('.').map(|(_, what)| what) {
        Some("inbound") => messages(payload, received_at),
        Some("outbound") => status(payload, received_at).into_iter().collect(),
        _ => Vec::new(),
    };
    let inbound = |event| Inbound {
        provider_account_id: ours.clone(),
        event,
    };
    found.into_iter().map(inbound).collect()
}

fn status(payload: Payload<'_>, received_at: Timestamp) -> Option<Event> {
    let name = payload.status.as_str()?;
    let status = status_named(name)?;
    let failed = status == MessageStatus::Failed;
    let error = failed.then(|| message_error(None, payload.reason.as_str(), name));
    Some(Event::Status(StatusUpdate {
        provider_message_id: payload.id.0,
        status,
        provider_at: provider_at(payload.updated_at.as_str(), received_at),
        error,
        message_id: payload.reference.id().map(MessageId::from),
    }))
}

fn messages(payload: Payload<'_>, received_at: Timestamp) -> Vec<Event> {
    let contact = payload
        .sender
        .0
        .and_then(|sender| sender.contact.0)
        .unwrap_or_default();
    let known_as = contact.id.id();
    let Some(external_id) = contact.identifier_value.id().or_else(|| known_as.clone()) else {
        return Vec::new();
    };
    let sender = Sender {
        aliases: known_as.into_iter().filter(|id| *id != external_id).collect(),
        external_id,
        name: contact.annotations.0.and_then(|all| all.name.words()),
        address: None,
    };
    let id = payload.id.0;
    let reply_to = payload.reply_to.0.and_then(|quoted| quoted.id.id());
    let at = provider_at(payload.created_at.as_str(), received_at);
    let message = |(nth, content): (usize, Content)| {
        Event::Message(InboundMessage {
            provider_message_id: if nth == 0 {
                id.clone()
            } else {
                format!("{id}#{nth}")
            },
            sender: sender.clone(),
            content,
            provider_at: at,
            reply_to: reply_to.clone(),
            group_id: None,
            forwarded: false,
            referral: None,
        })
    };
    contents(payload.body)
        .into_iter()
        .enumerate()
        .map(message)
        .collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(rename = "type")]
    kind: Maybe<Text>,
    text: Maybe<Words>,
    image: Maybe<Images>,
    file: Maybe<Files>,
    location: Maybe<Place>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Words {
    text: Maybe<Text>,
    actions: Maybe<Vec<serde_json::Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Images {
    images: Maybe<Vec<Maybe<File>>>,
    text: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Files {
    files: Maybe<Vec<Maybe<File>>>,
    text: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    media_url: Maybe<Text>,
    content_type: Maybe<Text>,
    filename: Maybe<Text>,
}

#[derive(Deserialize)]
struct Place {
    coordinates: Coordinates,
    #[serde(default)]
    location: Maybe<Label>,
}

#[derive(Deserialize)]
struct Coordinates {
    latitude: Decimal,
    longitude: Decimal,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Label {
    label: Maybe<Text>,
    address: Maybe<Text>,
}

/// Never empty.
fn contents(raw: Option<&RawValue>) -> Vec<Content> {
    let body: Body = raw.and_then(object).unwrap_or_default();
    let kind = body.kind.as_str().unwrap_or("unknown").to_owned();
    known(&kind, body)
        .filter(|found| !found.is_empty())
        .unwrap_or_else(|| vec![Content::Unsupported { kind }])
}

fn known(kind: &str, body: Body) -> Option<Vec<Content>> {
    Some(match kind {
        "text" => vec![words(body.text.0?)],
        "image" => {
            let images = body.image.0?;
            attached(images.images, images.text)
        }
        "file" => {
            let files = body.file.0?;
            attached(files.files, files.text)
        }
        "location" => {
            let place = body.location.0?;
            let label = place.location.0.unwrap_or_default();
            vec![Content::Location {
                latitude: place.coordinates.latitude.0,
                longitude: place.coordinates.longitude.0,
                name: label.label.words(),
                address: label.address.words(),
            }]
        }
        _ => return None,
    })
}

/// A pressed button comes as words with a postback among their actions.
fn words(words: Words) -> Content {
    let text = words.text.words().unwrap_or_default();
    let payload = words.actions.0.into_iter().flatten().find_map(|action| {
        let payload = action.pointer("/postback/payload")?;
        payload.as_str().map(str::to_owned)
    });
    match payload {
        Some(payload) => Content::Choice {
            text,
            payload: Some(payload),
        },
        None => Content::text(text),
    }
}

fn attached(files: Maybe<Vec<Maybe<File>>>, words: Maybe<Text>) -> Vec<Content> {
    let mut words = words.words();
    let files = files.0.into_iter().flatten().filter_map(|file| file.0);
    files
        .filter_map(|file| {
            let media = Media {
                url: Some(file.media_url.words()?),
                text: words.take(),
                mime_type: file.content_type.words(),
                file_name: file.filename.words(),
                ..Media::default()
            };
            Some(
                match media.mime_type.as_deref().and_then(|kind| kind.split('/').next()) {
                    Some("image") => Content::Image(media),
                    Some("video") => Content::Video(media),
                    Some("audio") => Content::Audio(media),
                    Some(_) => Content::Document(media),
                    None => super::content::by_ending(media),
                },
            )
        })
        .collect()
}
