//! What customers have read, where the provider says up to when and not which message.
//!
//! Only the provider's clock is asked: a message counts as read if it was delivered, by a status of its own, before that
//! time. Whichever of the two comes first is kept for the other, so that their order doesn't matter.

use std::{collections::HashSet, sync::Arc};

use switchboard_domain::{ChannelAccount, Conversation, ConversationId, Message, MessageStatus, Timestamp};

use crate::{Hub, error::WorkError};

/// A customer has read everything up to a time.
pub struct ReadUpTo {
    pub account: Arc<ChannelAccount>,
    /// The customer's id at the provider.
    pub contact: String,
    pub until: Timestamp,
}

impl Hub {
    pub(super) async fn apply_reads(&self, reads: &[ReadUpTo], now: Timestamp) -> Result<(), WorkError> {
        for read in reads {
            let key = Conversation::open_key(&read.account.key, &read.contact);
            let conversations = &self.store.conversations;
            for id in conversations.contact_has_read(&key, read.until).await? {
                self.mark_read(&id, read.until, now).await?;
            }
        }
        Ok(())
    }

    /// Messages whose delivery we hear of only now may have been read meanwhile.
    pub(crate) async fn look_for_reads(
        &self,
        messages: &[&Message],
        now: Timestamp,
    ) -> Result<(), WorkError> {
        let delivered = messages
            .iter()
            .filter(|message| message.status == MessageStatus::Delivered);
        let ids: HashSet<&ConversationId> = delivered.map(|message| &message.conversation_id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<ConversationId> = ids.into_iter().cloned().collect();
        for (id, until) in self.store.conversations.known_reads(&ids).await? {
            self.mark_read(&id, until, now).await?;
        }
        Ok(())
    }

    async fn mark_read(
        &self,
        conversation: &ConversationId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), WorkError> {
        let read = self.store.messages.read_up_to(conversation, until).await?;
        if read.is_empty() {
            return Ok(());
        }
        self.show_statuses(&read.iter().collect::<Vec<_>>(), now).await
    }
}
