//! One attempt to hand one message over.

use std::time::Duration;

use switchboard_connectors::{
    self as connectors, Connector, Outgoing, Receipt, SendDecision, SendError, Thread,
};
use switchboard_domain::{
    ChannelAccount, Contact, Content, Delivery, DeliveryId, DeliveryOutcome, Email, Message, MessageError,
    MessageId, MessageStatus,
};
use switchboard_queue::{Job, Outcome};
use switchboard_store::{Messages, StatusChange, StoreError};

use super::{Outbound, OutboundJob, account_of, files::longest_attempt};
use crate::error::WorkError;

/// How long a reply waits before it looks again whether the one before it is out.
const BEHIND: Duration = Duration::from_millis(250);

impl Outbound {
    pub(super) async fn send(&self, job: &Job<OutboundJob>, id: &MessageId) -> Result<Outcome, WorkError> {
        let hub = &self.hub;
        let Some(message) = hub.store.messages.get(id).await? else {
            return Ok(Outcome::Done);
        };
        if message.status != MessageStatus::Queued {
            return Ok(Outcome::Done);
        }
        let now = hub.clock.now();
        let key = account_of(&message);
        let accounts = hub.accounts.known_with([&key], now).await?;
        let Some(account) = accounts.get(&key).filter(|account| account.enabled) else {
            let error =
                SendError::give_up("account_disabled", "The channel account is switched off or gone.");
            return self.failed(&message, &error).await;
        };
        if hub.store.messages.has_earlier_queued(&message).await? {
            return Ok(Outcome::Postpone { delay: BEHIND });
        }
        let connector = connectors::find(message.channel);
        let attempts = hub.store.deliveries.of(&message.id).await?;
        if let Some(open) = attempts.last().filter(|attempt| attempt.outcome.is_none())
            && !connector.capabilities().idempotent_send
        {
            return self.unheard_of(&message, open).await;
        }
        if let Some(delay) = self.limits.wait(&account.key, connector.capabilities(), now) {
            return Ok(Outcome::Postpone { delay });
        }
        let outgoing = match self.outgoing(connector, account, &message).await? {
            Ok(Some(outgoing)) => outgoing,
            Ok(None) => return Ok(Outcome::Done),
            Err(error) => return self.failed(&message, &error).await,
        };
        let number = attempts.last().map_or(1, |last| last.attempt + 1);
        let delivery = match hub.store.deliveries.begin(&message.id, number, now).await {
            Err(StoreError::Duplicate) => {
                return Ok(Outcome::Postpone {
                    delay: Duration::from_secs(1),
                });
            }
            other => other?,
        };
        let sent = connector.send(&hub.http, account, &outgoing).await;
        self.handed_over(job, account, &message, &delivery, sent).await
    }

    /// The message in the connector's terms. All that can fail here does so before the attempt is begun.
    async fn outgoing(
        &self,
        connector: &dyn Connector,
        account: &ChannelAccount,
        message: &Message,
    ) -> Result<Result<Option<Outgoing>, SendError>, WorkError> {
        let Some(contact) = self.contact(message).await? else {
            return Ok(Ok(None));
        };
        let mut outgoing = Outgoing {
            message_id: message.id.clone(),
            to: contact.address.unwrap_or(contact.external_id),
            content: message.content.clone(),
            reply_to: message.reply_to.clone(),
            thread: self.thread(message).await?,
            files: Vec::new(),
        };
        let added = self.add_files(connector, account, &mut outgoing).await?;
        Ok(added.map(|()| Some(outgoing)))
    }

    async fn handed_over(
        &self,
        job: &Job<OutboundJob>,
        account: &ChannelAccount,
        message: &Message,
        delivery: &DeliveryId,
        result: Result<Receipt, SendError>,
    ) -> Result<Outcome, WorkError> {
        let label = result
            .as_ref()
            .map_or_else(|error| decision_label(error.decision), |_| "accepted");
        metrics::counter!("switchboard_outbound_attempts_total", "channel" => message.channel.as_str(), "result" => label)
            .increment(1);
        match result {
            Ok(receipt) => {
                self.limits.succeeded(&account.key);
                self.hub.trails.sent(&account.key, self.hub.clock.now());
                self.accepted(account, message, delivery, receipt).await
            }
            Err(error) => self.refused(job, account, message, delivery, &error).await,
        }
    }

    async fn accepted(
        &self,
        account: &ChannelAccount,
        message: &Message,
        delivery: &DeliveryId,
        receipt: Receipt,
    ) -> Result<Outcome, WorkError> {
        let store = &self.hub.store;
        let now = self.hub.clock.now();
        let id = receipt.provider_message_id;
        // The id first: it is what a crash from here on is recovered by.
        let known = store.messages.accepted(&message.id, &account.key, &id).await?;
        let outcome = DeliveryOutcome::Accepted {
            // Of an erased message nothing is kept, and some providers' ids tell whom it went to.
            provider_message_id: known.map(|_| id.clone()).unwrap_or_default(),
            at: now,
        };
        store.deliveries.finish(delivery, &outcome).await?;
        let sent = StatusChange {
            status: MessageStatus::Sent,
            error: None,
            at: now,
        };
        let mut current = store.messages.advance(&message.id, &sent).await?;
        for early in store
            .pending_statuses
            .of(&Messages::provider_key(&account.key, &id))
            .await?
        {
            current = store.messages.advance(&message.id, &early).await?.or(current);
        }
        if let Some(message) = current {
            self.hub.show_statuses(&[&message], now).await?;
            self.hub.look_for_reads(&[&message], now).await?;
        }
        Ok(Outcome::Done)
    }

    async fn refused(
        &self,
        job: &Job<OutboundJob>,
        account: &ChannelAccount,
        message: &Message,
        delivery: &DeliveryId,
        error: &SendError,
    ) -> Result<Outcome, WorkError> {
        let now = self.hub.clock.now();
        let cause = error.to_message_error();
        self.hub.trails.failed(&account.key, error, now);
        if error.token_rejected {
            tracing::warn!(account = %account.key, %error, "the provider refused the account's credentials");
        }
        let last = job.attempt >= self.max_attempts;
        let (outcome, next) = match error.decision {
            SendDecision::Uncertain => {
                self.limits.failed(&account.key, now);
                self.finish(
                    delivery,
                    DeliveryOutcome::Uncertain {
                        error: cause,
                        at: now,
                    },
                )
                .await?;
                return self.uncertain(message, error.to_message_error()).await;
            }
            SendDecision::GiveUp => (
                DeliveryOutcome::Refused {
                    error: cause,
                    at: now,
                },
                None,
            ),
            SendDecision::Retry | SendDecision::RetryAfter(_) if last => (
                DeliveryOutcome::Refused {
                    error: cause,
                    at: now,
                },
                None,
            ),
            SendDecision::Retry => {
                self.limits.failed(&account.key, now);
                (
                    DeliveryOutcome::Deferred {
                        error: cause,
                        at: now,
                    },
                    Some(Outcome::retry(error)),
                )
            }
            SendDecision::RetryAfter(delay) => {
                if error.whole_account {
                    self.limits.paused(&account.key, now.plus(delay));
                }
                let next = Outcome::RetryAfter {
                    delay,
                    error: error.to_string(),
                };
                (
                    DeliveryOutcome::Deferred {
                        error: cause,
                        at: now,
                    },
                    Some(next),
                )
            }
        };
        self.finish(delivery, outcome).await?;
        match next {
            Some(next) => Ok(next),
            None => self.failed(message, error).await,
        }
    }

    /// An attempt without an end: of a worker that is still at it, or of one that died.
    async fn unheard_of(&self, message: &Message, open: &Delivery) -> Result<Outcome, WorkError> {
        let now = self.hub.clock.now();
        let age = now.since(open.started_at);
        let longest = longest_attempt(message);
        if age < longest {
            return Ok(Outcome::Postpone {
                delay: longest.saturating_sub(age),
            });
        }
        let error = MessageError {
            code: "interrupted".to_owned(),
            message:
                "We were interrupted while sending this. It may have arrived; ask before you send it again."
                    .to_owned(),
        };
        self.finish(
            &open.id,
            DeliveryOutcome::Uncertain {
                error: error.clone(),
                at: now,
            },
        )
        .await?;
        self.uncertain(message, error).await
    }

    async fn uncertain(&self, message: &Message, error: MessageError) -> Result<Outcome, WorkError> {
        self.settle(message, MessageStatus::Uncertain, error).await
    }

    async fn failed(&self, message: &Message, error: &SendError) -> Result<Outcome, WorkError> {
        self.settle(message, MessageStatus::Failed, error.to_message_error())
            .await
    }

    async fn settle(
        &self,
        message: &Message,
        status: MessageStatus,
        error: MessageError,
    ) -> Result<Outcome, WorkError> {
        let now = self.hub.clock.now();
        let change = StatusChange {
            status,
            error: Some(error),
            at: now,
        };
        if let Some(message) = self.hub.store.messages.advance(&message.id, &change).await? {
            self.hub.show_statuses(&[&message], now).await?;
        }
        Ok(Outcome::Done)
    }

    async fn finish(&self, delivery: &DeliveryId, outcome: DeliveryOutcome) -> Result<(), WorkError> {
        Ok(self.hub.store.deliveries.finish(delivery, &outcome).await?)
    }

    /// What a letter of ours answers: the customer's last one.
    async fn thread(&self, message: &Message) -> Result<Option<Thread>, WorkError> {
        if !message.channel.is_email() {
            return Ok(None);
        }
        let last = self
            .hub
            .store
            .messages
            .last_inbound(&message.conversation_id)
            .await?;
        Ok(last.and_then(|last| match last.content {
            Content::Email(email) => Some(thread_of(&email)),
            _ => None,
        }))
    }

    async fn contact(&self, message: &Message) -> Result<Option<Contact>, WorkError> {
        let ids = std::slice::from_ref(&message.conversation_id);
        Ok(self
            .hub
            .store
            .conversations
            .get_many(ids)
            .await?
            .pop()
            .map(|conversation| conversation.contact)
            // Of an erased customer: the erasure counts the reply as dropped.
            .filter(|contact| !contact.external_id.is_empty()))
    }
}

fn thread_of(email: &Email) -> Thread {
    Thread {
        subject: Some(email.subject.clone()).filter(|subject| !subject.is_empty()),
        message_id: email.message_id.clone(),
        references: email.references.clone(),
    }
}

fn decision_label(decision: SendDecision) -> &'static str {
    match decision {
        SendDecision::Retry => "retry",
        SendDecision::RetryAfter(_) => "retry_after",
        SendDecision::GiveUp => "give_up",
        SendDecision::Uncertain => "uncertain",
    }
}
