//! A file of a conversation: fetched from its provider, or uploaded by somebody of ours.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AttachmentId, ConversationId, Media, MessageError, MessageId, Timestamp, UserId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// Still to be fetched.
    Pending,
    Stored,
    /// It can't be had; `error` says why.
    Failed,
}

impl AttachmentState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Stored => "stored",
            Self::Failed => "failed",
        }
    }
}

/// What is known of a file; its bytes are kept under their hash. Its JSON is [`crate::Shown`] to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(remote = "Self")]
pub struct Attachment {
    pub id: AttachmentId,
    /// Whoever sees the conversation sees the file. An upload that isn't part of one yet is its uploader's alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    /// Which of the message's files it is, from 0.
    pub index: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Told by the bytes themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// In bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// In lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    pub state: AttachmentState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<MessageError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_by: Option<UserId>,
    pub created_at: Timestamp,
}

impl Attachment {
    /// The id of a file that came with a message: the same file of the same message is always the same attachment.
    pub fn received_id(message: &MessageId, index: usize, media: &Media) -> AttachmentId {
        AttachmentId::derived(&[
            "file",
            message.as_str(),
            &index.to_string(),
            media.id.as_deref().unwrap_or_default(),
            media.url.as_deref().unwrap_or_default(),
        ])
    }

    /// A file of this message that is still to be fetched; `None` if there is nothing to fetch it by.
    pub fn awaited(
        conversation: &ConversationId,
        message: &MessageId,
        index: usize,
        media: &Media,
        now: Timestamp,
    ) -> Option<Self> {
        (media.id.is_some() || media.url.is_some()).then(|| Self {
            id: Self::received_id(message, index, media),
            conversation_id: Some(conversation.clone()),
            message_id: Some(message.clone()),
            index: index as u32,
            file_name: media.file_name.clone(),
            mime_type: None,
            size: None,
            sha256: None,
            state: AttachmentState::Pending,
            error: None,
            uploaded_by: None,
            created_at: now,
        })
    }
}
