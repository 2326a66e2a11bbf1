//! What was written, as [`Content`].

use switchboard_domain::{Content, Media, Product};

use super::payload::{Body, File, Order, Place};
use crate::lenient::{Maybe, items, object, object_in, read};

/// Never empty: several only where one message has several attachments. `quoted` is the message it refers to.
pub(super) fn contents(text: &str, quoted: Option<&str>) -> Vec<Content> {
    let body: Body<'_> = object_in(text).unwrap_or_default();
    let kind = body
        .message_type
        .as_str()
        .or(body.kind.as_str())
        .unwrap_or("unknown")
        .to_owned();
    if kind == "content"
        && let Some(list) = body.content.and_then(items)
        && !list.is_empty()
    {
        let part = |raw: &serde_json::value::RawValue| {
            let file: File = object(raw).unwrap_or_default();
            let kind = file.kind.as_str().unwrap_or("unknown").to_owned();
            attached(&kind, file).unwrap_or(Content::Unsupported { kind })
        };
        return list.into_iter().map(part).collect();
    }
    vec![known(&kind, body, quoted).unwrap_or(Content::Unsupported { kind })]
}

fn known(kind: &str, body: Body<'_>, quoted: Option<&str>) -> Option<Content> {
    let file = match kind {
        "text" => return Some(Content::text(body.text.0?.0)),
        "image" => body.image,
        "audio" => body.audio,
        "video" => body.video,
        "file" => body.file,
        "sticker" => body.sticker,
        "vcard" => body.vcard,
        "location" => return Some(location(body.location.0?)),
        "reply" => {
            let reply = body.reply.0?;
            return Some(Content::Choice {
                text: reply
                    .title
                    .words()
                    .or_else(|| body.text.words())
                    .unwrap_or_default(),
                payload: reply.id.id(),
            });
        }
        "button" => {
            let button = body.button.0?;
            return Some(Content::Choice {
                text: button.text.words().unwrap_or_default(),
                payload: button.payload.words(),
            });
        }
        "reaction" => {
            let reaction = body.reaction.0?;
            let taken_back = reaction.action.as_str() == Some("unreact");
            return Some(Content::Reaction {
                provider_message_id: quoted?.to_owned(),
                emoji: reaction.emoji.words().filter(|_| !taken_back),
            });
        }
        "order" => return Some(order(body.order.0?)),
        "contact" | "contacts" => {
            let cards = body.contacts.and_then(items)?;
            return Some(Content::Contacts {
                text: String::new(),
                contacts: cards.into_iter().filter_map(read).collect(),
            });
        }
        _ => return None,
    };
    attached(kind, file.0?)
}

fn attached(kind: &str, file: File) -> Option<Content> {
    if kind == "text" {
        return Some(Content::text(file.text.words().unwrap_or_default()));
    }
    let media = Media {
        text: file.caption.words(),
        url: Some(file.url.words()?),
        file_name: file.name.words(),
        ..Media::default()
    };
    Some(match kind {
        "image" => Content::Image(media),
        "audio" => Content::Audio(media),
        "video" => Content::Video(media),
        "sticker" => Content::Sticker(media),
        "file" | "vcard" => Content::Document(media),
        _ => return None,
    })
}

fn location(place: Place) -> Content {
    Content::Location {
        latitude: place.lat.0,
        longitude: place.long.0,
        name: place.name.words(),
        address: place.address.words(),
    }
}

fn order(order: Order) -> Content {
    let price = |price: Maybe<crate::lenient::Decimal>| price.0.map(|price| price.0);
    let products = order.product_items.into_iter().map(|item| Product {
        product_id: item.product_retailer_id.0,
        quantity: item.quantity.0.max(0.0) as u64,
        price: price(item.price),
        currency: item.currency.words(),
    });
    Content::Order {
        text: order.text.words().unwrap_or_default(),
        products: products.collect(),
    }
}
