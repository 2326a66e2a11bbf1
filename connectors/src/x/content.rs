//! What a direct message says (X, "Message Create object").

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use switchboard_domain::{Content, Media};

use crate::lenient::{Identifier, List, Maybe, Text, not_empty, object, read};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data<'a> {
    text: Maybe<Text>,
    #[serde(borrow)]
    entities: Option<&'a RawValue>,
    attachment: Maybe<Attachment>,
    quick_reply_response: Maybe<QuickReply>,
}

#[derive(Deserialize)]
struct QuickReply {
    #[serde(default)]
    metadata: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attachment {
    #[serde(rename = "type")]
    kind: Maybe<Text>,
    media: Maybe<File>,
    location: Maybe<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    #[serde(rename = "type")]
    kind: Maybe<Text>,
    id: Maybe<Identifier>,
    id_str: Maybe<Identifier>,
    media_url_https: Maybe<Text>,
    media_url: Maybe<Text>,
    /// Its short link, which stands in the text.
    url: Maybe<Text>,
    video_info: Maybe<VideoInfo>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VideoInfo {
    variants: Maybe<Vec<Maybe<Variant>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Variant {
    bitrate: Maybe<u64>,
    content_type: Maybe<Text>,
    url: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entities<'a> {
    #[serde(borrow)]
    urls: List<'a>,
}

#[derive(Deserialize)]
struct Link {
    url: Text,
    expanded_url: Text,
}

pub(super) fn content(raw: &RawValue) -> Content {
    let data: Data<'_> = object(raw).unwrap_or_default();
    let attachment = data.attachment.0.unwrap_or_default();
    let file = attachment.media.0;
    let own_link = file
        .as_ref()
        .and_then(|file| file.url.0.as_ref())
        .map(|url| url.0.as_str());
    let text = data.text.0.map(|text| expanded(&text.0, data.entities, own_link));
    let text = text.filter(|text| !text.trim().is_empty());
    if let Some(reply) = data.quick_reply_response.0 {
        return Content::Choice {
            text: text.unwrap_or_default(),
            payload: not_empty(reply.metadata),
        };
    }
    if let Some(file) = file {
        return of_file(file, text);
    }
    if let Some(place) = attachment
        .location
        .0
        .as_ref()
        .and_then(|found| place(found, text.as_deref()))
    {
        return place;
    }
    let kind = not_empty(attachment.kind).unwrap_or_else(|| "message".to_owned());
    text.map_or(Content::Unsupported { kind }, |text| Content::Text { text })
}

fn of_file(file: File, text: Option<String>) -> Content {
    let kind = not_empty(file.kind).unwrap_or_default();
    let still = not_empty(file.media_url_https).or_else(|| not_empty(file.media_url));
    let variants = file
        .video_info
        .0
        .and_then(|info| info.variants.0)
        .unwrap_or_default();
    let video = variants
        .into_iter()
        .filter_map(|variant| variant.0)
        .filter(|variant| {
            variant
                .content_type
                .0
                .as_ref()
                .is_some_and(|mime| mime.0 == "video/mp4")
        })
        .max_by_key(|variant| variant.bitrate.0);
    let is_video = matches!(kind.as_str(), "video" | "animated_gif");
    let media = Media {
        text,
        id: file.id_str.0.or(file.id.0).map(|id| id.0),
        mime_type: video.as_ref().map(|_| "video/mp4".to_owned()),
        url: video.and_then(|video| not_empty(video.url)).or(still),
        ..Media::default()
    };
    match kind.as_str() {
        _ if is_video => Content::Video(media),
        "audio" => Content::Audio(media),
        _ => Content::Image(media),
    }
}

/// A point (longitude first), or a place with a name and a box around it.
fn place(location: &Value, text: Option<&str>) -> Option<Content> {
    let place = &location["shared_place"]["place"];
    let corner = &place["bounding_box"]["coordinates"][0][0];
    let point = match &location["shared_coordinate"]["coordinates"]["coordinates"] {
        Value::Null => corner,
        point => point,
    };
    let (longitude, latitude) = (point[0].as_f64()?, point[1].as_f64()?);
    let name = place["full_name"].as_str().or_else(|| place["name"].as_str());
    Some(Content::Location {
        latitude,
        longitude,
        name: name.or(text).map(str::to_owned),
        address: None,
    })
}

/// Short links as where they lead, but for the file's own, which leads to itself.
fn expanded(text: &str, entities: Option<&RawValue>, own_link: Option<&str>) -> String {
    let urls = entities.and_then(object::<Entities<'_>>).unwrap_or_default().urls;
    let links: Vec<Link> = match urls {
        List::Items(items) => items.into_iter().filter_map(read).collect(),
        List::Missing | List::Other => Vec::new(),
    };
    let without = own_link.map_or_else(|| text.to_owned(), |own| text.replace(own, ""));
    let whole = links
        .iter()
        .filter(|link| !link.url.0.is_empty())
        .fold(without, |text, link| {
            text.replace(&link.url.0, &link.expanded_url.0)
        });
    let whole = words(&whole);
    if own_link.is_some() {
        whole.trim().to_owned()
    } else {
        whole
    }
}

/// X escapes three signs.
pub(super) fn words(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
