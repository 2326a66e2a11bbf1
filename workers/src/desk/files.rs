//! Files that agents send: whose they are, and whether the channel takes them.

use switchboard_connectors::{Capabilities, MediaKind, MediaLimit};
use switchboard_domain::{Attachment, AttachmentState, Content, Conversation, MessageId, User};

use super::DeskError;
use crate::{Hub, files::kind};

impl Hub {
    /// Makes the files that `content` names part of the message, and says in it what they are.
    pub(super) async fn claim_files(
        &self,
        capabilities: &Capabilities,
        (conversation, author, message): (&Conversation, &User, &MessageId),
        content: &mut Content,
    ) -> Result<(), DeskError> {
        let kind = kind_of(content);
        for (index, media) in content.files_mut().iter_mut().enumerate() {
            let Some(id) = media.attachment_id.clone() else {
                continue;
            };
            let attachments = &self.store.attachments;
            let known = attachments.get(&id).await?.map(|known| known.attachment);
            let known = known.ok_or_else(no_such_file)?;
            fits(capabilities, kind, &known).map_err(DeskError::Invalid)?;
            let file = attachments
                .claim(&id, &author.id, &conversation.id, message, index)
                .await?
                .ok_or_else(no_such_file)?;
            // The hub's own file, whatever else was said.
            media.id = None;
            media.url = None;
            media.sha256 = None;
            media.mime_type = file.mime_type;
            media.file_name = file.file_name;
        }
        Ok(())
    }
}

fn no_such_file() -> DeskError {
    DeskError::Invalid("There is no such attachment in this conversation. Upload the file again.".into())
}

/// `None`: of a letter, which takes anything.
fn kind_of(content: &Content) -> Option<MediaKind> {
    match content {
        Content::Image(_) => Some(MediaKind::Image),
        Content::Audio(_) => Some(MediaKind::Audio),
        Content::Video(_) => Some(MediaKind::Video),
        Content::Document(_) => Some(MediaKind::Document),
        Content::Sticker(_) => Some(MediaKind::Sticker),
        _ => None,
    }
}

/// As what a channel takes a file: as what it is, else as a document; or why not at all.
pub fn send_as(capabilities: &Capabilities, file: &Attachment) -> Result<MediaKind, String> {
    let own = kind::media_kind(file.mime_type.as_deref().unwrap_or(kind::UNKNOWN));
    match fits(capabilities, Some(own), file) {
        Ok(()) => Ok(own),
        Err(fault) => fits(capabilities, Some(MediaKind::Document), file)
            .map(|()| MediaKind::Document)
            .map_err(|_| fault),
    }
}

/// Whether the channel takes this file as what it is sent as; a sentence if not.
fn fits(capabilities: &Capabilities, kind: Option<MediaKind>, file: &Attachment) -> Result<(), String> {
    if file.state != AttachmentState::Stored {
        return Err("The file isn't here (yet), so it can't be sent.".to_owned());
    }
    let Some(kind) = kind else {
        return Ok(());
    };
    let mime_type = file.mime_type.as_deref().unwrap_or(kind::UNKNOWN);
    let is_one = match kind {
        MediaKind::Document => true,
        MediaKind::Sticker => matches!(mime_type.split('/').next(), Some("image" | "video")),
        own => kind::media_kind(mime_type) == own,
    };
    let (one, many) = words(kind);
    if !is_one {
        return Err(format!(
            "This file is {mime_type}, and no {one}. Send it as a document."
        ));
    }
    let limit = capabilities.media.iter().find(|limit| limit.kind == kind);
    let limit = limit.ok_or_else(|| format!("This channel takes no {many}."))?;
    if !takes(limit, mime_type) {
        let types = limit.mime_types.join(", ");
        return Err(format!(
            "This channel takes {many} only as {types}; this one is {mime_type}."
        ));
    }
    let size = file.size.unwrap_or_default();
    if size > limit.max_bytes {
        let (most, has) = (megabytes(limit.max_bytes), megabytes(size));
        return Err(format!(
            "This channel takes {many} of at most {most}; this one has {has}."
        ));
    }
    Ok(())
}

fn takes(limit: &MediaLimit, mime_type: &str) -> bool {
    limit.mime_types.is_empty() || limit.mime_types.contains(&mime_type)
}

fn words(kind: MediaKind) -> (&'static str, &'static str) {
    match kind {
        MediaKind::Image => ("picture", "pictures"),
        MediaKind::Audio => ("recording", "recordings"),
        MediaKind::Video => ("video", "videos"),
        MediaKind::Document => ("document", "documents"),
        MediaKind::Sticker => ("sticker", "stickers"),
    }
}

fn megabytes(bytes: u64) -> String {
    let tenths = (bytes * 10).div_ceil(1024 * 1024);
    if tenths.is_multiple_of(10) {
        format!("{} MB", tenths / 10)
    } else {
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use switchboard_connectors as connectors;
    use switchboard_domain::{Channel, Timestamp};

    use super::*;

    fn file(mime_type: &str, size: u64) -> Attachment {
        Attachment {
            id: "a".into(),
            conversation_id: None,
            message_id: None,
            index: 0,
            file_name: None,
            mime_type: Some(mime_type.to_owned()),
            size: Some(size),
            sha256: None,
            state: AttachmentState::Stored,
            error: None,
            uploaded_by: None,
            created_at: Timestamp::from_secs(0),
        }
    }

    #[test]
    fn what_doesnt_fit_as_it_is_goes_as_a_document_or_says_why_not() {
        let whatsapp = connectors::find(Channel::Whatsapp).capabilities();
        let (small, large) = (1000, 6 * 1024 * 1024);
        assert_eq!(send_as(whatsapp, &file("image/png", small)), Ok(MediaKind::Image));
        assert_eq!(
            send_as(whatsapp, &file("image/png", large)),
            Ok(MediaKind::Document)
        );
        assert_eq!(
            send_as(whatsapp, &file("image/webp", small)),
            Ok(MediaKind::Document)
        );
        assert_eq!(
            send_as(whatsapp, &file("text/html", small)),
            Ok(MediaKind::Document)
        );
        let refused = send_as(whatsapp, &file("video/mp4", 200 * 1024 * 1024)).unwrap_err();
        assert_eq!(
            refused,
            "This channel takes videos of at most 16 MB; this one has 200 MB."
        );
        let shop = connectors::find(Channel::Shopify).capabilities();
        assert!(send_as(shop, &file("image/png", small)).is_err());
    }

    #[test]
    fn a_file_isnt_sent_as_what_it_is_not() {
        let whatsapp = connectors::find(Channel::Whatsapp).capabilities();
        assert!(fits(whatsapp, Some(MediaKind::Image), &file("application/pdf", 1)).is_err());
        assert!(fits(whatsapp, Some(MediaKind::Document), &file("image/png", 1)).is_ok());
        let mut awaited = file("image/png", 1);
        awaited.state = AttachmentState::Pending;
        assert!(fits(whatsapp, Some(MediaKind::Image), &awaited).is_err());
    }
}
