//! What a message of Slack says, as one [`Content`] for each of its files.

use serde::Deserialize;
use switchboard_domain::Content;

use super::{files, payload::Message, text::plain};
use crate::lenient::{List, Maybe, Text, not_empty, object};

/// At least one: somebody wrote, whether or not we can show it.
pub(super) fn contents(message: &Message<'_>) -> Vec<Content> {
    let words = message.text.0.as_ref().map(|text| plain(&text.0));
    let words = words
        .filter(|words| !words.trim().is_empty())
        .or_else(|| quoted(&message.attachments));
    let of_files = files::contents(&message.files, words.clone());
    if !of_files.is_empty() {
        return of_files;
    }
    let shared = shared_files(&message.attachments, words.as_ref());
    if !shared.is_empty() {
        return shared;
    }
    vec![words.map_or_else(
        || Content::Unsupported {
            kind: "message".to_owned(),
        },
        |text| Content::Text { text },
    )]
}

/// A message that was shared from elsewhere, or a card of an app.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Attachment<'a> {
    text: Maybe<Text>,
    fallback: Maybe<Text>,
    is_share: Maybe<bool>,
    #[serde(borrow)]
    files: List<'a>,
}

pub(super) fn is_forwarded(message: &Message<'_>) -> bool {
    attachments(&message.attachments).any(|attachment| attachment.is_share.0 == Some(true))
}

fn quoted(list: &List<'_>) -> Option<String> {
    let texts: Vec<String> = attachments(list)
        .filter_map(|attachment| not_empty(attachment.text).or_else(|| not_empty(attachment.fallback)))
        .map(|text| plain(&text))
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn shared_files(list: &List<'_>, words: Option<&String>) -> Vec<Content> {
    let mut words = words.cloned();
    attachments(list)
        .filter(|attachment| attachment.is_share.0 == Some(true))
        .flat_map(|attachment| {
            let text = if files::count(&attachment.files) > 0 {
                words.take()
            } else {
                None
            };
            files::contents(&attachment.files, text)
        })
        .collect()
}

fn attachments<'l>(list: &'l List<'_>) -> impl Iterator<Item = Attachment<'l>> {
    let items = match list {
        List::Items(items) => items.as_slice(),
        List::Missing | List::Other => &[],
    };
    items.iter().filter_map(|item| object(item))
}
