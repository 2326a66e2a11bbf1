//! Sending: there is nobody to call. A message that is stored lies in the visitor's mailbox; what is checked here is
//! whether their widget could show it.

use switchboard_domain::{Content, Media};

use super::{MAX_TEXT_CHARS, payload::buttons};
use crate::{Outgoing, Receipt, SendError};

const MOST_BUTTONS: usize = 20;

/// The receipt's id is the message's own; `delivered` and `read` wait for the widget's word.
pub(super) fn send(outgoing: &Outgoing) -> Result<Receipt, SendError> {
    fault(&outgoing.content).map_or_else(
        || {
            Ok(Receipt {
                provider_message_id: outgoing.message_id.as_str().to_owned(),
                contact_address: None,
            })
        },
        |fault| Err(SendError::give_up("invalid_message", fault)),
    )
}

fn fault(content: &Content) -> Option<&'static str> {
    match content {
        Content::Text { text } => words(text),
        Content::Image(media) | Content::Audio(media) | Content::Video(media) | Content::Document(media) => {
            attachment(media)
        }
        Content::Interactive { text, body } => words(text).or_else(|| match buttons(body) {
            Some(buttons) if (1..=MOST_BUTTONS).contains(&buttons.len()) => buttons
                .iter()
                .any(|button| button.title.trim().is_empty())
                .then_some("Each button needs a title."),
            _ => {
                Some("The web chat's buttons are {\"buttons\": [{\"title\", \"payload\"?}]}, twenty at most.")
            }
        }),
        Content::Location { .. } => None,
        _ => Some("The web chat can't show this kind of message."),
    }
}

fn words(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("The message is empty.");
    }
    (text.chars().count() > MAX_TEXT_CHARS).then_some("A message has at most 10,000 characters.")
}

fn attachment(media: &Media) -> Option<&'static str> {
    if media.id.is_none() && media.url.is_none() {
        return Some("The attachment has neither a URL nor an id.");
    }
    let url = media.url.as_deref().unwrap_or("https://");
    let opens = url.starts_with("https://") || url.starts_with("http://") || url.starts_with('/');
    (!opens).then_some("A browser can't open the attachment's URL.")
}
