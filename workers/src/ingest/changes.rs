//! Edits, deletions and new identities.

use std::sync::Arc;

use switchboard_domain::{
    AttachmentId, Audience, ChannelAccount, Content, Identity, LiveEventName, MessageId, Timestamp,
};
use switchboard_store::Awaited;

use super::gather::Change;
use crate::{Hub, error::WorkError, events, files};

impl Hub {
    pub(super) async fn apply_changes(
        &self,
        changes: &[(Arc<ChannelAccount>, Change)],
        now: Timestamp,
    ) -> Result<(), WorkError> {
        for (account, change) in changes {
            match change {
                Change::Edited { id, content, at } => self.edit(id, content, *at, now).await?,
                Change::Identity { old, new } => {
                    let identity = |id: &String| Identity {
                        channel: account.key.channel,
                        external_id: id.clone(),
                    };
                    self.store
                        .customers
                        .add_identity(&identity(old), &identity(new))
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// An edit that comes before its message is tried again later, when the message is there.
    async fn edit(
        &self,
        id: &MessageId,
        content: &Content,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), WorkError> {
        let message = self
            .store
            .messages
            .edit(id, content, at)
            .await?
            .ok_or(WorkError::MessageMissing)?;
        // The provider's words know nothing of the attachments we made of the files before.
        let files: Vec<Awaited> = files::awaited(&message, None).collect();
        self.store.attachments.expect(&files).await?;
        let conversations = self
            .store
            .conversations
            .get_many(std::slice::from_ref(&message.conversation_id))
            .await?;
        if let Some(conversation) = conversations.first() {
            let updated = events::message(
                LiveEventName::MessageUpdated,
                Audience::of(conversation),
                &message,
                now,
            )?;
            self.show(&[updated]).await?;
        }
        let files: Vec<AttachmentId> = files.into_iter().map(|file| file.attachment.id).collect();
        self.send_for(&files).await
    }
}
