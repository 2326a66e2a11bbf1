//! A text that is longer than its channel takes becomes several messages.

use switchboard_connectors::{Capabilities, text::split};
use switchboard_domain::Content;

/// Messages that one text may become: more is no message any more.
pub const MAX_PARTS: usize = 20;

/// What is to be sent, in order: the content itself unless it is too long a text.
pub(super) fn parts(capabilities: &Capabilities, content: Content) -> Result<Vec<Content>, String> {
    let (limit, unit) = (capabilities.max_text, capabilities.text_unit);
    let Content::Text { text } = &content else {
        return Ok(vec![content]);
    };
    let count = unit.count(text);
    if count <= limit {
        return Ok(vec![content]);
    }
    // Said before a text of any length is gone through.
    if count > limit.saturating_mul(MAX_PARTS) {
        return Err(too_long(limit));
    }
    let parts: Vec<Content> = split(text, limit, unit)
        .into_iter()
        // Providers refuse what has nothing to read.
        .filter(|part| !part.trim().is_empty())
        .map(Content::text)
        .collect();
    if parts.len() > MAX_PARTS {
        return Err(too_long(limit));
    }
    Ok(parts)
}

fn too_long(limit: usize) -> String {
    format!(
        "The text is too long: a message on this channel holds {limit} characters, and a text is sent as {MAX_PARTS} messages at most."
    )
}

#[cfg(test)]
mod tests {
    use switchboard_connectors as connectors;
    use switchboard_domain::Channel;

    use super::*;

    fn texts(channel: Channel, text: &str) -> Result<Vec<String>, String> {
        let parts = parts(connectors::find(channel).capabilities(), Content::text(text))?;
        let text = |part| match part {
            Content::Text { text } => text,
            other => panic!("{other:?}"),
        };
        Ok(parts.into_iter().map(text).collect())
    }

    #[test]
    fn each_channel_is_given_what_it_counts() {
        // 4096 is WhatsApp's limit in characters and Telegram's in UTF-16 units.
        let faces = "😀".repeat(4096);
        assert_eq!(texts(Channel::Whatsapp, &faces).unwrap().len(), 1);
        assert_eq!(texts(Channel::Telegram, &faces).unwrap().len(), 2);
        // Instagram counts bytes.
        assert_eq!(texts(Channel::Instagram, &"é".repeat(500)).unwrap().len(), 1);
        assert_eq!(texts(Channel::Instagram, &"é".repeat(501)).unwrap().len(), 2);
    }

    #[test]
    fn twenty_parts_go_and_more_are_refused() {
        let most = "x".repeat(1000 * MAX_PARTS);
        assert_eq!(texts(Channel::Instagram, &most).unwrap().len(), MAX_PARTS);
        let refused = texts(Channel::Instagram, &format!("{most}x")).unwrap_err();
        assert!(refused.contains("1000") && refused.contains("20"), "{refused}");
        // Words that can't be cut fill the parts badly.
        let words = format!("{} ", "x".repeat(501)).repeat(MAX_PARTS + 1);
        assert!(words.len() < 1000 * MAX_PARTS);
        assert!(texts(Channel::Instagram, &words).is_err());
    }

    #[test]
    fn no_part_is_blank() {
        let gap = format!("a{}b", " ".repeat(3000));
        let parts = texts(Channel::Instagram, &gap).unwrap();
        assert!(parts.iter().all(|part| !part.trim().is_empty()), "{parts:?}");
        assert_eq!(parts.concat().replace(' ', ""), "ab");
    }

    #[test]
    fn other_content_is_left_alone() {
        let note = Content::Note {
            text: "x".repeat(100_000),
        };
        let capabilities = connectors::find(Channel::Whatsapp).capabilities();
        assert_eq!(parts(capabilities, note.clone()), Ok(vec![note]));
    }
}
