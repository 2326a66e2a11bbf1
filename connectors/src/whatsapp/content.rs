//! The bodies of WhatsApp's kinds of messages, as [`Content`].

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_domain::{Content, Media, Product};

use super::payload::{Identifier, Maybe, System, Text, member, object, read};

/// The content of a message, or `Content::Unsupported` with WhatsApp's name of what we can't show.
pub(super) fn content(kind: &str, message: &RawValue) -> Content {
    if kind == "request_welcome" {
        return Content::System {
            text: "The customer opened the chat for the first time.".to_owned(),
        };
    }
    let body = member(message, kind);
    body.and_then(|body| known(kind, body))
        .unwrap_or_else(|| Content::Unsupported {
            kind: unsupported_kind(kind, body),
        })
}

fn known(kind: &str, body: &RawValue) -> Option<Content> {
    Some(match kind {
        "text" => Content::Text {
            text: object::<TextBody>(body)?.body.0,
        },
        "image" => Content::Image(media(body)?),
        "audio" | "voice" => Content::Audio(media(body)?),
        "video" => Content::Video(media(body)?),
        "document" => Content::Document(media(body)?),
        "sticker" => Content::Sticker(media(body)?),
        "location" => location(body)?,
        "contacts" => contacts(body)?,
        "button" => {
            let button: Button = object(body)?;
            choice(button.text, button.payload.0)
        }
        "interactive" => interactive(body)?,
        "reaction" => reaction(body)?,
        "order" => order(body)?,
        "system" => Content::System {
            text: object::<System>(body)?.body.0?.0,
        },
        _ => return None,
    })
}

/// `unsupported` names the real kind inside, and of an interactive answer the inner kind tells more.
fn unsupported_kind(kind: &str, body: Option<&RawValue>) -> String {
    let inner = body
        .and_then(|body| member(body, "type"))
        .and_then(read::<Text>)
        .map(|inner| inner.0);
    match inner {
        Some(inner) if kind == "unsupported" => inner,
        Some(inner) => format!("{kind}.{inner}"),
        None => kind.to_owned(),
    }
}

#[derive(Deserialize)]
struct TextBody {
    body: Text,
}

#[derive(Deserialize)]
struct MediaBody {
    id: Identifier,
    caption: Option<Text>,
    #[serde(default)]
    url: Maybe<Text>,
    #[serde(default)]
    mime_type: Maybe<Text>,
    #[serde(default)]
    sha256: Maybe<Text>,
    #[serde(default)]
    filename: Maybe<Text>,
    #[serde(default)]
    voice: Maybe<bool>,
}

fn media(body: &RawValue) -> Option<Media> {
    let body: MediaBody = object(body)?;
    Some(Media {
        attachment_id: None,
        text: not_empty(body.caption),
        id: Some(body.id.0),
        url: not_empty(body.url.0),
        mime_type: not_empty(body.mime_type.0),
        sha256: not_empty(body.sha256.0),
        file_name: not_empty(body.filename.0),
        voice: body.voice.0,
    })
}

#[derive(Deserialize)]
struct LocationBody {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    name: Maybe<Text>,
    #[serde(default)]
    address: Maybe<Text>,
}

fn location(body: &RawValue) -> Option<Content> {
    let body: LocationBody = object(body)?;
    Some(Content::Location {
        latitude: body.latitude,
        longitude: body.longitude,
        name: not_empty(body.name.0),
        address: not_empty(body.address.0),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Card {
    name: Maybe<CardName>,
    phones: Maybe<Vec<Maybe<CardPhone>>>,
}

#[derive(Deserialize)]
struct CardName {
    formatted_name: Text,
}

#[derive(Deserialize)]
struct CardPhone {
    phone: Text,
}

/// The text names the cards: by name, else by number.
fn contacts(body: &RawValue) -> Option<Content> {
    let contacts: Vec<serde_json::Value> = read(body)?;
    let cards: Vec<Maybe<Card>> = read(body)?;
    let names = cards.into_iter().filter_map(|card| {
        let card = card.0?;
        let phone = || Some(card.phones.0?.into_iter().next()?.0?.phone.0);
        card.name.0.map(|name| name.formatted_name.0).or_else(phone)
    });
    Some(Content::Contacts {
        text: names.collect::<Vec<_>>().join(", "),
        contacts,
    })
}

#[derive(Deserialize)]
struct Button {
    text: Text,
    #[serde(default)]
    payload: Maybe<Text>,
}

#[derive(Deserialize)]
struct Reply {
    id: Text,
    title: Text,
}

/// The answers to a flow: `response_json` holds what was filled in.
#[derive(Deserialize)]
struct FlowReply {
    #[serde(default)]
    body: Maybe<Text>,
    #[serde(default)]
    name: Maybe<Text>,
    response_json: Text,
}

/// The answer to our question whether we may call.
#[derive(Deserialize)]
struct CallPermission {
    response: Text,
}

fn interactive(body: &RawValue) -> Option<Content> {
    let kind: Text = read(member(body, "type")?)?;
    let answer = member(body, &kind.0)?;
    Some(match kind.0.as_str() {
        "button_reply" | "list_reply" => {
            let reply: Reply = object(answer)?;
            choice(reply.title, Some(reply.id))
        }
        "nfm_reply" => {
            let reply: FlowReply = object(answer)?;
            let text = reply.body.0.or(reply.name.0).unwrap_or(Text(String::new()));
            choice(text, Some(reply.response_json))
        }
        "call_permission_reply" => {
            let response = object::<CallPermission>(answer)?.response;
            let text = match response.0.as_str() {
                "accept" => "You may call me.",
                "reject" => "Please don't call me.",
                _ => return None,
            };
            choice(Text(text.to_owned()), Some(response))
        }
        _ => return None,
    })
}

fn choice(text: Text, payload: Option<Text>) -> Content {
    Content::Choice {
        text: text.0,
        payload: payload.map(|payload| payload.0),
    }
}

#[derive(Deserialize)]
struct ReactionBody {
    message_id: Identifier,
    emoji: Option<Text>,
}

fn reaction(body: &RawValue) -> Option<Content> {
    let body: ReactionBody = object(body)?;
    Some(Content::Reaction {
        provider_message_id: body.message_id.0,
        emoji: not_empty(body.emoji),
    })
}

#[derive(Deserialize)]
struct OrderBody {
    #[serde(default)]
    text: Maybe<Text>,
    product_items: Vec<OrderItem>,
}

#[derive(Deserialize)]
struct OrderItem {
    product_retailer_id: Identifier,
    quantity: u64,
    #[serde(default)]
    item_price: Maybe<f64>,
    #[serde(default)]
    currency: Maybe<Text>,
}

fn order(body: &RawValue) -> Option<Content> {
    let body: OrderBody = object(body)?;
    let products = body.product_items.into_iter().map(|item| Product {
        product_id: item.product_retailer_id.0,
        quantity: item.quantity,
        price: item.item_price.0,
        currency: not_empty(item.currency.0),
    });
    Some(Content::Order {
        text: body.text.0.map(|text| text.0).unwrap_or_default(),
        products: products.collect(),
    })
}

fn not_empty(text: Option<Text>) -> Option<String> {
    text.map(|text| text.0).filter(|text| !text.is_empty())
}
