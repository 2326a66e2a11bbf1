//! What providers say of our own messages, in whatever order they say it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use switchboard_connectors::StatusUpdate;
use switchboard_domain::{
    AccountKey, Audience, ChannelAccount, ConversationId, LiveEvent, LiveEventName, Message, MessageId,
    MessageStatus, Timestamp,
};
use switchboard_store::{Messages, StatusChange};

use crate::{Hub, error::WorkError, events};

impl Hub {
    /// Applies them; those of messages that we don't know by that id yet are kept until we do. Which of them, by their place,
    /// are of erased messages: nothing is kept of those.
    pub(super) async fn apply_statuses(
        &self,
        statuses: &[(Arc<ChannelAccount>, StatusUpdate)],
        now: Timestamp,
    ) -> Result<Vec<usize>, WorkError> {
        if statuses.is_empty() {
            return Ok(Vec::new());
        }
        let changes: Vec<(String, StatusChange)> = statuses.iter().map(keyed).collect();
        // Who is known is read before anything is changed: a message that learns its id in between counts as unknown, or
        // neither this nor whoever brings the id would apply its status.
        let known = self.by_provider_keys(&changes).await?;
        self.store.messages.advance_many(&changes).await?;
        let unknown: Vec<usize> = (0..changes.len())
            .filter(|i| !known.contains_key(&changes[*i].0))
            .collect();
        // First, since an erased message learns its name there, too.
        self.settle_by_our_id(statuses, &unknown).await?;
        let erased = self.erased_keys(&changes, &unknown).await?;
        let (erased, unknown): (Vec<usize>, Vec<usize>) =
            unknown.into_iter().partition(|i| erased.contains(&changes[*i].0));
        if !unknown.is_empty() {
            let early: Vec<(String, StatusChange)> = unknown.iter().map(|i| changes[*i].clone()).collect();
            // Kept first, then tried once more: the message may have learned its id between our two looks.
            self.store.pending_statuses.keep(&early, now).await?;
            self.store.messages.advance_many(&early).await?;
        }
        let found = self.by_provider_keys(&changes).await?;
        let told: HashSet<&String> = changes.iter().map(|(key, _)| key).collect();
        let messages: Vec<&Message> = told.into_iter().filter_map(|key| found.get(key)).collect();
        self.show_statuses(&messages, now).await?;
        self.look_for_reads(&messages, now).await?;
        Ok(erased)
    }

    /// Applies to echoes that have just been stored what was said of them before.
    pub(super) async fn settle_early(&self, echoes: &[Message], now: Timestamp) -> Result<(), WorkError> {
        for echo in echoes {
            let Some(id) = &echo.provider_message_id else {
                continue;
            };
            let account = AccountKey {
                channel: echo.channel,
                account_id: echo.account_id.clone(),
            };
            let early = self
                .store
                .pending_statuses
                .of(&Messages::provider_key(&account, id))
                .await?;
            let mut current = None;
            for change in early {
                current = self.store.messages.advance(&echo.id, &change).await?.or(current);
            }
            if let Some(message) = current {
                self.show_statuses(&[&message], now).await?;
                self.look_for_reads(&[&message], now).await?;
            }
        }
        Ok(())
    }

    /// Tells consoles how these messages stand now.
    pub(crate) async fn show_statuses(&self, messages: &[&Message], now: Timestamp) -> Result<(), WorkError> {
        let last: Vec<(MessageId, ConversationId, MessageStatus)> = messages
            .iter()
            .map(|message| {
                (
                    message.id.clone(),
                    message.conversation_id.clone(),
                    message.status,
                )
            })
            .collect();
        self.store.conversations.last_status(&last).await?;
        let ids: HashSet<ConversationId> = messages
            .iter()
            .map(|message| message.conversation_id.clone())
            .collect();
        let conversations = self
            .store
            .conversations
            .get_many(&ids.into_iter().collect::<Vec<_>>())
            .await?;
        let audiences: HashMap<&ConversationId, Audience> = conversations
            .iter()
            .map(|conversation| (&conversation.id, Audience::of(conversation)))
            .collect();
        let shown: Vec<LiveEvent> = messages
            .iter()
            .filter_map(|message| {
                let audience = audiences.get(&message.conversation_id)?.clone();
                Some(events::message(
                    LiveEventName::MessageUpdated,
                    audience,
                    message,
                    now,
                ))
            })
            .collect::<Result<_, _>>()?;
        Ok(self.show(&shown).await?)
    }

    async fn erased_keys(
        &self,
        changes: &[(String, StatusChange)],
        unknown: &[usize],
    ) -> Result<HashSet<String>, WorkError> {
        let keys: Vec<String> = unknown.iter().map(|i| changes[*i].0.clone()).collect();
        Ok(self.store.messages.erased_keys(&keys).await?)
    }

    async fn by_provider_keys(
        &self,
        changes: &[(String, StatusChange)],
    ) -> Result<HashMap<String, Message>, WorkError> {
        let keys: HashSet<String> = changes.iter().map(|(key, _)| key.clone()).collect();
        let found = self
            .store
            .messages
            .by_provider_keys(&keys.into_iter().collect::<Vec<_>>())
            .await?;
        Ok(found.into_iter().collect())
    }

    /// A send whose answer never reached us: the provider returns our own id with the status, and so tells its own.
    async fn settle_by_our_id(
        &self,
        statuses: &[(Arc<ChannelAccount>, StatusUpdate)],
        unknown: &[usize],
    ) -> Result<(), WorkError> {
        for index in unknown {
            let (account, status) = &statuses[*index];
            let Some(id) = &status.message_id else { continue };
            let ours = self.store.messages.get(id).await?;
            let same_account = |message: &Message| {
                message.channel == account.key.channel && message.account_id == account.key.account_id
            };
            if ours.is_some_and(|message| message.provider_message_id.is_none() && same_account(&message)) {
                self.store
                    .messages
                    .accepted(id, &account.key, &status.provider_message_id)
                    .await?;
            }
        }
        Ok(())
    }
}

fn keyed((account, status): &(Arc<ChannelAccount>, StatusUpdate)) -> (String, StatusChange) {
    let key = Messages::provider_key(&account.key, &status.provider_message_id);
    (
        key,
        StatusChange {
            status: status.status,
            error: status.error.clone(),
            at: status.provider_at,
        },
    )
}
