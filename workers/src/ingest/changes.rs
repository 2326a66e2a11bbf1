//! Edits, deletions and new identities.

use switchboard_domain::{AttachmentId, Audience, LiveEventName, Timestamp};
use switchboard_store::Awaited;

use super::gather::{Change, Edit};
use crate::{Hub, error::WorkError, events, files};

impl Hub {
    /// Returns the places of the jobs whose messages aren't there (yet).
    pub(super) async fn apply_changes(
        &self,
        changes: &[Change],
        now: Timestamp,
    ) -> Result<Vec<usize>, WorkError> {
        let mut missing = Vec::new();
        for change in changes {
            match change {
                Change::Edited(edit) => {
                    if !self.edit(edit, now).await? {
                        missing.push(edit.job);
                    }
                }
                Change::Identity { old, new } => self.store.customers.add_identity(old, new).await?,
            }
        }
        Ok(missing)
    }

    /// Whether there is a message to edit.
    async fn edit(&self, edit: &Edit, now: Timestamp) -> Result<bool, WorkError> {
        let messages = &self.store.messages;
        let Some(message) = messages.edit(&edit.id, &edit.content, edit.at).await? else {
            return Ok(false);
        };
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
        self.send_for(&files).await?;
        Ok(true)
    }
}
