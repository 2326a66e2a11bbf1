//! A message in Slack's form. What Slack would refuse is refused here, with a sentence that says why.

use reqwest::Url;
use serde_json::{Value, json};
use switchboard_domain::{Content, Media};

use super::{MAX_TEXT_CHARS, emoji, event::OUR_METADATA, text::escaped};
use crate::{Outgoing, SendError};

const MAX_BLOCKS: usize = 50;
/// Of a picture's description.
const MAX_ALT_CHARS: usize = 2000;

/// A method of the Web API and what it is called with.
#[derive(Debug)]
pub(super) struct Call {
    pub method: &'static str,
    pub body: Value,
}

pub(super) fn compose(outgoing: &Outgoing) -> Result<Call, SendError> {
    let target = Target::of(outgoing)?;
    if let Content::Reaction {
        provider_message_id,
        emoji,
    } = &outgoing.content
    {
        return reaction(provider_message_id, emoji.as_deref());
    }
    let (text, blocks) = body(&outgoing.content)?;
    let mut message = json!({
        "channel": target.channel,
        "text": text,
        "metadata": { "event_type": OUR_METADATA, "event_payload": { "message_id": outgoing.message_id } },
    });
    if let Some(blocks) = blocks {
        message["blocks"] = blocks;
    }
    if let Some(root) = target.thread {
        message["thread_ts"] = root.into();
    }
    Ok(Call {
        method: "chat.postMessage",
        body: message,
    })
}

pub(super) fn refuse(message: impl Into<String>) -> SendError {
    SendError::give_up("invalid_message", message)
}

/// A channel or user, and the message below which the answer goes.
#[derive(Debug)]
pub(super) struct Target {
    pub channel: String,
    pub thread: Option<String>,
}

impl Target {
    /// The address is `{channel}` or `{channel}:{root of a thread}`. A quoted message stands for its thread, unless we
    /// know already in which one we are: Slack takes nothing but a thread's root.
    pub fn of(outgoing: &Outgoing) -> Result<Self, SendError> {
        let (channel, root) = parts(outgoing.to.trim());
        if !is_id(channel) {
            return Err(refuse("The customer has no address on Slack."));
        }
        let quoted = outgoing.reply_to.as_deref().map(parts);
        let (channel, thread) = match quoted {
            Some((of, Some(ts))) if root.is_none() || of != channel => (of, Some(ts)),
            _ => (channel, root),
        };
        Ok(Self {
            channel: channel.to_owned(),
            thread: thread.map(str::to_owned),
        })
    }
}

/// `{channel}:{ts}`, and `#n` behind it if it is one of several files.
fn parts(id: &str) -> (&str, Option<&str>) {
    let id = id.split('#').next().unwrap_or_default();
    match id.split_once(':') {
        Some((channel, ts)) => (channel, Some(ts).filter(|ts| !ts.is_empty())),
        None => (id, None),
    }
}

fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn body(content: &Content) -> Result<(String, Option<Value>), SendError> {
    Ok(match content {
        Content::Text { text } => (words(text)?, None),
        Content::Image(media) | Content::Sticker(media) => picture(media)?,
        Content::Audio(media) | Content::Video(media) | Content::Document(media) => (linked(media)?, None),
        Content::Interactive { text, body } => interactive(text, body)?,
        Content::Location { .. }
        | Content::Contacts { .. }
        | Content::Template { .. }
        | Content::Choice { .. }
        | Content::Reaction { .. }
        | Content::Email(_)
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Note { .. }
        | Content::Unsupported { .. }
        | Content::Deleted => return Err(refuse("This kind of message can't be sent on Slack.")),
    })
}

fn words(text: &str) -> Result<String, SendError> {
    if text.trim().is_empty() {
        return Err(refuse("The message is empty."));
    }
    at_most(text, MAX_TEXT_CHARS, "The text")?;
    Ok(escaped(text))
}

pub(super) fn caption(media: &Media) -> Result<Option<String>, SendError> {
    let text = media.text.as_deref().filter(|text| !text.trim().is_empty());
    text.map(words).transpose()
}

/// Slack shows a picture of its own or one that everybody can fetch.
fn picture(media: &Media) -> Result<(String, Option<Value>), SendError> {
    let caption = caption(media)?;
    let name = media.file_name.as_deref().unwrap_or("Image");
    let alt: String = name.chars().take(MAX_ALT_CHARS).collect();
    let image = match (&media.id, &media.url) {
        (Some(id), _) => json!({ "type": "image", "slack_file": { "id": id }, "alt_text": alt }),
        (None, Some(url)) => json!({ "type": "image", "image_url": web(url)?, "alt_text": alt }),
        (None, None) => return Err(refuse("The attachment has neither an id nor an address.")),
    };
    let mut blocks = Vec::new();
    if let Some(caption) = &caption {
        blocks.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": caption } }));
    }
    blocks.push(image);
    Ok((caption.unwrap_or_else(|| escaped(name)), Some(blocks.into())))
}

/// Files that aren't ours are linked; ours are uploaded (`upload`).
fn linked(media: &Media) -> Result<String, SendError> {
    let Some(url) = &media.url else {
        return Err(refuse("Slack needs the attachment's address to send it."));
    };
    let (url, caption) = (web(url)?, caption(media)?);
    let link = match &media.file_name {
        Some(name) => format!("<{}|{}>", escaped(&url), escaped(name).replace('|', "-")),
        None => format!("<{}>", escaped(&url)),
    };
    Ok(match caption {
        Some(caption) => format!("{caption}\n{link}"),
        None => link,
    })
}

fn web(url: &str) -> Result<String, SendError> {
    let parsed = Url::parse(url).ok();
    let fetchable = parsed.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    fetchable
        .map(String::from)
        .ok_or_else(|| refuse("The attachment's address has to start with https:// or http://."))
}

/// Blocks in Slack's own form; the text is what notifications show.
fn interactive(text: &str, form: &Value) -> Result<(String, Option<Value>), SendError> {
    let blocks = if form.is_array() { form } else { &form["blocks"] };
    let count = blocks.as_array().map_or(0, Vec::len);
    if !(1..=MAX_BLOCKS).contains(&count) {
        return Err(refuse(format!(
            "An interactive message needs one to {MAX_BLOCKS} blocks, not {count}."
        )));
    }
    Ok((words(text)?, Some(blocks.clone())))
}

fn reaction(provider_message_id: &str, emoji: Option<&str>) -> Result<Call, SendError> {
    let (channel, Some(ts)) = parts(provider_message_id) else {
        return Err(refuse("Slack can't find the message to react to."));
    };
    let emoji = emoji.ok_or_else(|| refuse("On Slack a reaction can't be taken back from here."))?;
    let name = emoji::name(emoji).ok_or_else(|| refuse("Slack has no such reaction that we know."))?;
    Ok(Call {
        method: "reactions.add",
        body: json!({ "channel": channel, "timestamp": ts, "name": name }),
    })
}

fn at_most(text: &str, max: usize, what: &str) -> Result<(), SendError> {
    let count = text.chars().count();
    if count > max {
        return Err(refuse(format!(
            "{what} has {count} characters; Slack takes {max} at most."
        )));
    }
    Ok(())
}
