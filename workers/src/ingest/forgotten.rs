//! What was on its way from somebody who is erased brings nothing back; and what providers tell again of erased messages
//! has no effect, and doesn't stay in the ledger either (P2).

use std::collections::{HashMap, HashSet};

use switchboard_domain::{
    Author, Content, ConversationId, CustomerId, Direction, Identity, Message, MessageId, Timestamp,
};
use switchboard_queue::Job;
use switchboard_store::{Messages, NewMessage, StoreError, Underway};

use super::{
    gather::{Gathered, Incoming},
    job::Webhook,
};
use crate::{Hub, error::WorkError};

/// Messages of a batch whose contact is being erased.
#[derive(Default)]
pub struct Theirs {
    /// They arrived before the cut, of these customers. What came after it is somebody new's.
    pub gone: HashMap<MessageId, CustomerId>,
    /// The cut is about to be made: on which side of it they are isn't known yet.
    pub undecided: HashSet<MessageId>,
}

impl Hub {
    pub(super) async fn of_erased_customers(&self, gathered: &Gathered) -> Result<Theirs, StoreError> {
        let keys: HashSet<String> = gathered.messages.iter().flat_map(identities).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let underway = self.store.erasures.of_identities(&keys).await?;
        let mut theirs = Theirs::default();
        if underway.is_empty() {
            return Ok(theirs);
        }
        for message in &gathered.messages {
            let keys: Vec<String> = identities(message).collect();
            let is_theirs = |one: &&Underway| keys.iter().any(|key| one.traces.identities.contains(key));
            for erasure in underway.iter().filter(is_theirs) {
                let (id, customer) = (message.id.clone(), erasure.customer_id.clone());
                match erasure.cut_at {
                    None => drop(theirs.undecided.insert(id)),
                    Some(cut) if message.received_at <= cut => drop(theirs.gone.insert(id, customer)),
                    Some(_) => {}
                }
            }
        }
        metrics::counter!("switchboard_ingest_messages_of_erased_customers_total")
            .increment(theirs.gone.len() as u64);
        Ok(theirs)
    }

    /// Of what arrived before the cut, that it did: should it be delivered again, it is known, and has no effect.
    pub(super) async fn keep_shells(
        &self,
        gathered: &Gathered,
        gone: &HashMap<MessageId, CustomerId>,
        now: Timestamp,
    ) -> Result<(), WorkError> {
        let mut homes: HashMap<&CustomerId, Option<ConversationId>> = HashMap::new();
        for customer in gone.values() {
            if !homes.contains_key(customer) {
                let theirs = self.store.erasures.conversation_ids(customer).await?;
                homes.insert(customer, theirs.into_iter().next());
            }
        }
        let mut shells = Vec::with_capacity(gone.len());
        for message in &gathered.messages {
            let home = gone.get(&message.id).and_then(|of| homes.get(of)?.as_ref());
            if let Some(home) = home {
                shells.push(NewMessage::encode(&shell(message.in_conversation(home, now)))?);
            }
        }
        self.store.messages.insert(shells).await?;
        Ok(())
    }

    /// Blanks the webhooks of the batch that tell of erased messages: of those that were there before it (`known`, with the
    /// place of their job), of those that were changed, and of our own, by the places of `statuses`.
    pub(super) async fn forget_erased(
        &self,
        jobs: &[Job<Webhook>],
        gathered: &Gathered,
        known: &[(MessageId, usize)],
        statuses: &[usize],
    ) -> Result<(), WorkError> {
        let edited = gathered.edits().map(|edit| (&edit.id, edit.job));
        let told: HashMap<&MessageId, usize> =
            known.iter().map(|(id, job)| (id, *job)).chain(edited).collect();
        let ids: Vec<MessageId> = told.keys().map(|id| (*id).clone()).collect();
        let echoes = echoes(gathered);
        let names: Vec<String> = echoes.keys().cloned().collect();
        let (erased, names) = tokio::try_join!(
            self.store.messages.erased(&ids),
            self.store.messages.erased_keys(&names)
        )?;
        let of_customers = erased.iter().filter_map(|id| told.get(id));
        let of_echoes = names.iter().filter_map(|name| echoes.get(name));
        let of_statuses = statuses
            .iter()
            .filter_map(|status| gathered.status_jobs.get(*status));
        let places: HashSet<usize> = of_customers
            .chain(of_echoes)
            .chain(of_statuses)
            .copied()
            .collect();
        let ledger: Vec<String> = places
            .into_iter()
            .filter_map(|place| Some(jobs.get(place)?.payload.0.ledger_id()))
            .collect();
        Ok(self.store.erasures.blank_ledger(&ledger).await?)
    }
}

/// Without anything that was said, or by whom. The erasure's second pass makes the rest of it.
fn shell(mut message: Message) -> Message {
    message.content = Content::Deleted;
    message.provider_message_id = None;
    message.reply_to = None;
    if let Author::Customer { name } = &mut message.author {
        *name = None;
    }
    message
}

fn identities(message: &Incoming) -> impl Iterator<Item = String> {
    let names = std::iter::once(&message.contact.external_id).chain(&message.contact.aliases);
    names.map(|name| {
        let identity = Identity {
            channel: message.account.key.channel,
            external_id: name.clone(),
        };
        identity.key()
    })
}

/// The names of echoes at their provider, with the place of their job: they may be of what the hub itself sent.
fn echoes(gathered: &Gathered) -> HashMap<String, usize> {
    let echoes = gathered.messages.iter();
    echoes
        .filter(|message| message.direction == Direction::Outbound)
        .map(|echo| {
            let key = Messages::provider_key(&echo.account.key, &echo.provider_message_id);
            (key, echo.job)
        })
        .collect()
}
