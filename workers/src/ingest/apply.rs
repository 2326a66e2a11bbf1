//! The writes: ledger, conversations, messages.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use switchboard_domain::{
    AttachmentId, Content, ConversationId, Direction, LastMessage, Message, MessageId, Timestamp,
};
use switchboard_queue::Job;
use switchboard_store::{Arrived, Awaited, LoggedEvent, NewMessage, OpenConversation};

use super::{
    PREVIEW_CHARS,
    gather::{Gathered, Incoming},
    homes::Homes,
    job::Webhook,
};
use crate::{Hub, error::WorkError, files};

/// Longer than a provider may take to answer a send.
const ECHOES_WAIT: Duration = Duration::from_mins(1);

/// What became of a batch's messages.
#[derive(Default)]
pub struct Applied {
    pub homes: Homes,
    /// Stored by this batch, in its order, with the key of their conversation.
    pub stored: Vec<(String, Message)>,
    /// Of those, the ones that their agent has been told of by the router.
    pub told: HashSet<MessageId>,
    /// Stored before, by a worker that may have died before it showed them.
    pub repeated: Vec<Message>,
    /// Jobs of the batch whose echoes wait for a reply of ours to have its id, or whose customer is just being erased.
    pub waiting: HashSet<usize>,
    /// What was stored before, by whomever, with the place of the job that brought it again.
    pub known: Vec<(MessageId, usize)>,
    /// Files that came with any of these and are to be fetched.
    pub files: Vec<AttachmentId>,
}

impl Hub {
    /// Keeps the webhooks themselves, raw.
    pub(super) async fn log(
        &self,
        jobs: &[Job<Webhook>],
        gathered: &Gathered,
        now: Timestamp,
    ) -> Result<(), WorkError> {
        let ids: Vec<String> = jobs.iter().map(|job| job.payload.0.ledger_id()).collect();
        let events: Vec<LoggedEvent<'_>> = jobs
            .iter()
            .zip(&ids)
            .zip(&gathered.tallies)
            .filter_map(|((job, id), tally)| {
                let (Webhook(job), (events, unsupported)) = (&job.payload, (*tally)?);
                Some(LoggedEvent {
                    id,
                    account: &job.account,
                    arrival: job.arrival,
                    processed_at: now,
                    headers: &job.request.headers,
                    body: &job.request.body,
                    events,
                    unsupported,
                })
            })
            .collect();
        Ok(self.store.event_log.append(&events).await?)
    }

    /// Stores what is new.
    pub(super) async fn apply_messages(
        &self,
        gathered: &Gathered,
        now: Timestamp,
    ) -> Result<Applied, WorkError> {
        if gathered.messages.is_empty() {
            return Ok(Applied::default());
        }
        let ids: Vec<MessageId> = gathered
            .messages
            .iter()
            .map(|message| message.id.clone())
            .collect();
        let keys: HashSet<&String> = gathered
            .messages
            .iter()
            .map(|message| &message.open_key)
            .collect();
        let keys: Vec<String> = keys.into_iter().cloned().collect();
        let (existing, open, ours, theirs) = tokio::try_join!(
            self.store.messages.existing(&ids),
            self.store.conversations.open_by_keys(&keys),
            self.own_messages(gathered),
            self.of_erased_customers(gathered),
        )?;
        self.keep_shells(gathered, &theirs.gone, now).await?;
        let (old, fresh): (Vec<&Incoming>, Vec<&Incoming>) = gathered
            .messages
            .iter()
            .filter(|message| !ours.contains(&message.id) && !theirs.gone.contains_key(&message.id))
            .partition(|message| existing.contains(&message.id));
        let mut early = self.early_echoes(&open, &fresh, now).await?;
        early.extend(theirs.undecided);
        let (waiting, fresh): (Vec<&Incoming>, Vec<&Incoming>) =
            fresh.into_iter().partition(|message| early.contains(&message.id));
        let homes = self.find_homes(open, &fresh, now).await?;
        let (mut written, raced) = self.write(homes, &fresh, now).await?;
        let known = || old.iter().chain(&raced);
        written.known = known().map(|message| (message.id.clone(), message.job)).collect();
        written.waiting = waiting.into_iter().map(|message| message.job).collect();
        // Also what was raced for: a write of a worker that died may have been under way still.
        let recovered: Vec<MessageId> = known()
            .filter(|message| message.recovered)
            .map(|message| message.id.clone())
            .collect();
        written.repeated = self.repeat(&recovered).await?;
        let again = written
            .repeated
            .iter()
            .flat_map(|message| files::awaited(message, None));
        written.files.extend(again.map(|one| one.attachment.id));
        Ok(written)
    }

    /// Echoes of what the hub itself sent: they are messages we have.
    async fn own_messages(
        &self,
        gathered: &Gathered,
    ) -> Result<HashSet<MessageId>, switchboard_store::StoreError> {
        let echoes: HashMap<String, MessageId> = gathered
            .messages
            .iter()
            .filter(|message| message.direction == Direction::Outbound)
            .map(|echo| {
                let key =
                    switchboard_store::Messages::provider_key(&echo.account.key, &echo.provider_message_id);
                (key, echo.id.clone())
            })
            .collect();
        if echoes.is_empty() {
            return Ok(HashSet::new());
        }
        let keys: Vec<String> = echoes.keys().cloned().collect();
        let (found, erased) = tokio::try_join!(
            self.store.messages.by_provider_keys(&keys),
            self.store.messages.erased_keys(&keys),
        )?;
        let erased = erased.iter().filter_map(|key| echoes.get(key).cloned());
        Ok(found
            .into_iter()
            .filter_map(|(key, message)| echoes.get(&key).filter(|id| **id != message.id).cloned())
            .chain(erased)
            .collect())
    }

    /// Echoes in conversations where a reply of ours is on its way: they may be that reply's, whose id we learn in a
    /// moment. After a minute they are taken for what somebody wrote elsewhere.
    async fn early_echoes(
        &self,
        open: &HashMap<String, OpenConversation>,
        fresh: &[&Incoming],
        now: Timestamp,
    ) -> Result<HashSet<MessageId>, WorkError> {
        let echoes: Vec<(&ConversationId, &Incoming)> = fresh
            .iter()
            .filter(|message| message.direction == Direction::Outbound)
            .filter(|echo| now.since(echo.received_at) < ECHOES_WAIT)
            .filter_map(|echo| Some((&open.get(&echo.open_key)?.id, *echo)))
            .collect();
        if echoes.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<ConversationId> = echoes.iter().map(|(id, _)| (*id).clone()).collect();
        let under_way = self.store.messages.with_queued(&ids).await?;
        Ok(echoes
            .into_iter()
            .filter(|(id, _)| under_way.contains(*id))
            .map(|(_, echo)| echo.id.clone())
            .collect())
    }

    /// Also returns those that somebody else stored meanwhile.
    async fn write<'a>(
        &self,
        homes: Homes,
        fresh: &[&'a Incoming],
        now: Timestamp,
    ) -> Result<(Applied, Vec<&'a Incoming>), WorkError> {
        let mut encoded = Vec::with_capacity(fresh.len());
        let mut messages = Vec::with_capacity(fresh.len());
        let mut sources = Vec::with_capacity(fresh.len());
        let mut expected: Vec<Awaited> = Vec::new();
        for incoming in fresh {
            let Some(home) = homes.open.get(&incoming.open_key) else {
                continue;
            };
            let (message, new) = encode(incoming.in_conversation(&home.id, now))?;
            encoded.push(new);
            expected.extend(files::awaited(&message, incoming.webhook_id.as_deref()));
            messages.push((incoming.open_key.clone(), message));
            sources.push(*incoming);
        }
        // Files first: those of a message that isn't stored after all are nobody's, a stored one's must not be forgotten.
        if !expected.is_empty() {
            self.store.attachments.expect(&expected).await?;
        }
        let arrived = arrivals(&messages, Some(&homes.open));
        // The conversation's part first or last makes no difference: a crash in between is repeated by `repeat`.
        let (raced, ()) = tokio::try_join!(
            self.store.messages.insert(encoded),
            self.store.conversations.record(&arrived),
        )?;
        let raced: HashSet<usize> = raced.into_iter().collect();
        let mut stored = Vec::with_capacity(messages.len());
        let mut by_others = Vec::new();
        for (nth, (message, source)) in messages.into_iter().zip(sources).enumerate() {
            if raced.contains(&nth) {
                by_others.push(source);
            } else {
                stored.push(message);
            }
        }
        let applied = Applied {
            homes,
            stored,
            files: expected.into_iter().map(|one| one.attachment.id).collect(),
            ..Applied::default()
        };
        Ok((applied, by_others))
    }

    /// A job that was taken over: its messages are stored, but what follows from them may not have happened.
    async fn repeat(&self, ids: &[MessageId]) -> Result<Vec<Message>, WorkError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let messages = self.store.messages.get_many(ids).await?;
        let keyed: Vec<(String, Message)> = messages
            .iter()
            .map(|message| (message.conversation_id.to_string(), message.clone()))
            .collect();
        self.store.conversations.record(&arrivals(&keyed, None)).await?;
        let inbound = messages
            .iter()
            .filter(|message| message.direction == Direction::Inbound);
        let unread: Vec<_> = inbound
            .map(|message| (&message.conversation_id, &message.id, message.processed_at))
            .collect();
        self.store.conversations.unread_again(&unread).await?;
        Ok(messages)
    }
}

/// One message that MongoDB can't hold mustn't stop the others: its content becomes "unsupported", the ledger has it raw.
fn encode(mut message: Message) -> Result<(Message, NewMessage), WorkError> {
    if let Ok(new) = NewMessage::encode(&message) {
        return Ok((message, new));
    }
    message.content = Content::Unsupported {
        kind: message.content.kind().to_owned(),
    };
    let new = NewMessage::encode(&message)?;
    Ok((message, new))
}

/// What the messages mean for their conversations, one for each. Which are unread is said only of those in `open`.
fn arrivals(
    messages: &[(String, Message)],
    open: Option<&HashMap<String, OpenConversation>>,
) -> Vec<Arrived> {
    let mut by_key: HashMap<&str, Arrived> = HashMap::with_capacity(messages.len());
    for (key, message) in messages {
        let inbound = message.direction == Direction::Inbound;
        let counts =
            inbound && open.is_some_and(|open| open.get(key).is_none_or(OpenConversation::counts_unread));
        let arrived = by_key.entry(key).or_insert_with(|| Arrived {
            conversation_id: message.conversation_id.clone(),
            last: last_message(message),
            unread: Vec::new(),
            last_inbound_at: None,
            activity_at: message.received_at,
        });
        if Some(&message.position) > arrived.last.position.as_ref() {
            arrived.last = last_message(message);
        }
        if counts {
            arrived.unread.push(message.id.clone());
        }
        if inbound {
            arrived.last_inbound_at = arrived.last_inbound_at.max(Some(message.provider_at));
        }
        arrived.activity_at = arrived.activity_at.max(message.received_at);
    }
    by_key.into_values().collect()
}

pub fn last_message(message: &Message) -> LastMessage {
    LastMessage {
        id: message.id.clone(),
        direction: message.direction,
        kind: message.content.kind().to_owned(),
        preview: message.content.preview(PREVIEW_CHARS),
        at: message.provider_at,
        status: message.status,
        position: Some(message.position.clone()),
    }
}
