//! Replies on their way to the provider.
//!
//! Every attempt is recorded before it is made. One that was begun and never heard of again is not repeated where the
//! provider can't tell a repetition: the message becomes `uncertain`, until a status tells.

mod attempt;
mod files;
mod limits;

use std::time::Duration;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use switchboard_connectors as connectors;
use switchboard_domain::{ConversationId, Message, MessageId, Timestamp};
use switchboard_queue::{Batch, Handler, Job, Lane, Outcome};

use crate::{Hub, error::WorkError};
use limits::Limits;

/// A reply this old that is still queued though the lane is empty has lost its job.
const LOST_AFTER: Duration = Duration::from_secs(10);

/// A job of the outbound lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum OutboundJob {
    Send {
        message_id: MessageId,
    },
    /// Tell the customer's app that we have read what they wrote.
    MarkRead {
        conversation_id: ConversationId,
    },
}

/// The outbound lane's handler.
pub struct Outbound {
    hub: Hub,
    limits: Limits,
    max_attempts: u32,
}

impl Outbound {
    /// After `max_attempts` a message has failed.
    pub fn new(hub: Hub, max_attempts: u32) -> Self {
        Self {
            hub,
            limits: Limits::default(),
            max_attempts,
        }
    }

    async fn one(&self, job: &Job<OutboundJob>) -> Outcome {
        let result = match &job.payload {
            OutboundJob::Send { message_id } => self.send(job, message_id).await,
            OutboundJob::MarkRead { conversation_id } => self.mark_read(conversation_id).await,
        };
        result.unwrap_or_else(|error| {
            if error.is_outage() {
                return Outcome::Postpone {
                    delay: Duration::from_secs(1),
                };
            }
            tracing::warn!(%error, job = job.id, attempt = job.attempt, "an outbound job failed");
            Outcome::retry(error)
        })
    }

    /// Best effort: a receipt that doesn't arrive harms nobody, so it is tried once.
    async fn mark_read(&self, conversation: &ConversationId) -> Result<Outcome, WorkError> {
        let Some(message) = self.hub.store.messages.last_inbound(conversation).await? else {
            return Ok(Outcome::Done);
        };
        let connector = connectors::find(message.channel);
        let accounts = self.hub.accounts.known(self.hub.clock.now()).await?;
        let account = accounts
            .get(&account_of(&message))
            .filter(|account| account.enabled);
        let (Some(account), Some(id)) = (account, &message.provider_message_id) else {
            return Ok(Outcome::Done);
        };
        if connector.capabilities().read_receipts
            && let Err(error) = connector.mark_read(&self.hub.http, account, id).await
        {
            tracing::debug!(%error, account = %account.key, "the provider wasn't told that a message was read");
        }
        Ok(Outcome::Done)
    }
}

impl Handler<OutboundJob> for Outbound {
    async fn handle(&self, batch: Batch<OutboundJob>) -> Vec<Outcome> {
        let mut sends = Vec::with_capacity(batch.len());
        for job in &batch {
            sends.push(self.one(job));
        }
        join_all(sends).await
    }
}

fn account_of(message: &Message) -> switchboard_domain::AccountKey {
    switchboard_domain::AccountKey {
        channel: message.channel,
        account_id: message.account_id.clone(),
    }
}

impl Hub {
    /// Sends replies on their way again whose job was lost between the database and the lane.
    pub(crate) async fn resend_lost(&self, now: Timestamp) -> Result<(), WorkError> {
        let stats = self.redis.lanes().stats(Lane::Outbound).await?;
        if stats.depth + stats.pending + stats.delayed > 0 {
            return Ok(());
        }
        let lost = self
            .store
            .messages
            .queued_since(now.minus(LOST_AFTER), 500)
            .await?;
        for message_id in lost {
            let Some(message) = self.store.messages.get(&message_id).await? else {
                continue;
            };
            let ids = std::slice::from_ref(&message.conversation_id);
            if let Some(conversation) = self.store.conversations.get_many(ids).await?.first() {
                // Whoever wrote it may have died before anybody was told.
                self.announce_replies(conversation, std::slice::from_ref(&message))
                    .await?;
            }
            self.producer
                .push(Lane::Outbound, &OutboundJob::Send { message_id })
                .await?;
        }
        Ok(())
    }
}
