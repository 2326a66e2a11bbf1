//! From bytes to an attachment, whoever brings them: a provider, an agent, a visitor.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use switchboard_domain::{Attachment, AttachmentId, AttachmentState, ConversationId, UserId};
use switchboard_store::Kept;

use super::{FileError, Files, kind};
use crate::Hub;

/// The longest name that is kept, in characters.
const MAX_NAME: usize = 200;

/// A file as somebody hands it over.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub bytes: Bytes,
    pub file_name: Option<String>,
    /// What is said of it.
    pub mime_type: Option<String>,
    /// Without one, it is its uploader's until they send it.
    pub conversation_id: Option<ConversationId>,
    /// Nobody, if a customer brings it.
    pub uploaded_by: Option<UserId>,
}

impl Hub {
    /// Keeps a file that somebody uploads. It belongs to no message yet.
    pub async fn keep_file(&self, new: NewFile) -> Result<Attachment, FileError> {
        let bytes = new.bytes.clone();
        let attachment = self.upload(new).await?;
        self.store.attachments.insert(&attachment).await?;
        self.files.make_sure(&attachment, bytes).await?;
        // An upload may take minutes, and its conversation be erased meanwhile.
        if let Some(conversation) = &attachment.conversation_id
            && self.store.conversations.is_erased(conversation).await?
        {
            self.forget_file(&attachment).await?;
            return Err(FileError::NoConversation);
        }
        Ok(attachment)
    }

    /// Keeps a file that a contact uploads: it is theirs alone until they send it.
    pub async fn keep_contacts_file(&self, new: NewFile, contact_key: &str) -> Result<Attachment, FileError> {
        let bytes = new.bytes.clone();
        let attachment = self.upload(new).await?;
        self.store
            .attachments
            .insert_upload(&attachment, contact_key)
            .await?;
        self.files.make_sure(&attachment, bytes).await?;
        Ok(attachment)
    }

    async fn upload(&self, new: NewFile) -> Result<Attachment, FileError> {
        if kind::is_program(kind::recognise(&new.bytes, None, None)) {
            return Err(FileError::Program);
        }
        let kept = self.files.keep(new.bytes, new.mime_type, new.file_name).await?;
        Ok(Attachment {
            id: AttachmentId::fresh(),
            conversation_id: new.conversation_id,
            message_id: None,
            index: 0,
            file_name: kept.file_name,
            mime_type: Some(kept.mime_type),
            size: Some(kept.size),
            sha256: Some(kept.sha256),
            state: AttachmentState::Stored,
            error: None,
            uploaded_by: new.uploaded_by,
            created_at: self.clock.now(),
        })
    }
}

impl Files {
    /// The same bytes may have been another file's, which was forgotten before this one was noted.
    pub(crate) async fn make_sure(&self, noted: &Attachment, bytes: Bytes) -> Result<(), FileError> {
        match &noted.sha256 {
            Some(sha256) => self.blobs.put(sha256, bytes).await,
            None => Ok(()),
        }
    }

    /// Keeps the bytes; what they are. Whoever notes them as a file's makes sure of them after that.
    pub(crate) async fn keep(
        &self,
        bytes: Bytes,
        told: Option<String>,
        file_name: Option<String>,
    ) -> Result<Kept, FileError> {
        let size = bytes.len() as u64;
        if size == 0 {
            return Err(FileError::Empty);
        }
        if size > self.max_bytes {
            return Err(FileError::TooLarge {
                size,
                max: self.max_bytes,
            });
        }
        let file_name = file_name.as_deref().and_then(clean_name);
        let mime_type = kind::recognise(&bytes, told.as_deref(), file_name.as_deref());
        // Megabytes of hashing would hold up whatever else this thread has to do.
        let hashed = bytes.clone();
        let sha256 = tokio::task::spawn_blocking(move || hex::encode(Sha256::digest(&hashed)))
            .await
            .map_err(|error| FileError::Unavailable(error.to_string()))?;
        self.blobs.put(&sha256, bytes).await?;
        Ok(Kept {
            sha256,
            size,
            mime_type: mime_type.to_owned(),
            file_name,
        })
    }
}

/// A name without folders and without what could mislead in a list: control characters and marks that turn the direction
/// of writing.
fn clean_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = last.chars().filter(|c| !c.is_control() && !turns(*c)).collect();
    let clean = clean.trim().trim_matches('.').trim();
    if clean.is_empty() {
        return None;
    }
    let count = clean.chars().count();
    // The end says what it is.
    Some(clean.chars().skip(count.saturating_sub(MAX_NAME)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_folders_and_their_tricks() {
        let clean = |name: &str| clean_name(name);
        assert_eq!(clean("../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(
            clean("C:\\temp\\Rechnung März.pdf").as_deref(),
            Some("Rechnung März.pdf")
        );
        assert_eq!(clean("invoice\u{202e}fdp.exe").as_deref(), Some("invoicefdp.exe"));
        assert_eq!(clean("a\r\nb\".txt").as_deref(), Some("ab\".txt"));
        assert_eq!(clean(" .. "), None);
        assert_eq!(
            clean(&format!("{}.pdf", "x".repeat(500))).unwrap().len(),
            MAX_NAME
        );
    }
}
