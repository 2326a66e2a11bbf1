//! From jobs to events: read, attributed to their accounts, each message once.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use switchboard_connectors::{
    self as connectors, CommerceEvent, EchoMessage, Event, Inbound, InboundMessage, KnownLanguage, Sender,
    StatusUpdate, Verified, email,
};
use switchboard_domain::{
    Author, ChannelAccount, Content, Conversation, Direction, Identity, Message, MessageId, MessageStatus,
    Position, Timestamp,
};
use switchboard_queue::Job;
use switchboard_store::ToldLanguage;

use super::{job::Webhook, reads::ReadUpTo, unfinished::Unfinished};
use crate::accounts::Known;

/// Everything a batch holds, in its order.
#[derive(Default)]
pub struct Gathered {
    pub messages: Vec<Incoming>,
    pub statuses: Vec<(Arc<ChannelAccount>, StatusUpdate)>,
    /// The place in the batch of the job that each status came with.
    pub status_jobs: Vec<usize>,
    pub reads: Vec<ReadUpTo>,
    pub changes: Vec<Change>,
    /// What shops told.
    pub commerce: Vec<(Arc<ChannelAccount>, CommerceEvent)>,
    pub languages: Vec<ToldLanguage>,
    /// Of each job: how many events, and how many of a kind we don't know. Nothing, if its channel account is gone.
    pub tallies: Vec<Option<(u32, u32)>>,
}

/// A message that has no conversation yet.
pub struct Incoming {
    pub id: MessageId,
    pub account: Arc<ChannelAccount>,
    /// Who it is with.
    pub contact: Sender,
    /// [`Conversation::open_key`] of account and contact.
    pub open_key: String,
    pub direction: Direction,
    pub content: Content,
    pub provider_message_id: String,
    pub provider_at: Timestamp,
    pub received_at: Timestamp,
    pub reply_to: Option<String>,
    pub position: Position,
    /// What the contact reads, if the channel says so.
    pub language: Option<String>,
    /// The webhook's name in the ledger, if files of the message are within it.
    pub webhook_id: Option<String>,
    /// Its place in the batch.
    pub job: usize,
    /// The job may have been worked before, wholly or in part.
    pub recovered: bool,
}

/// What happened to something we have.
pub enum Change {
    Edited(Edit),
    Identity { old: Identity, new: Identity },
}

/// A message's content is another now, or none.
pub struct Edit {
    pub id: MessageId,
    pub content: Content,
    pub at: Timestamp,
    /// The place in the batch of the job that tells of it.
    pub job: usize,
}

impl Gathered {
    pub fn from_jobs(jobs: &[Job<Webhook>], accounts: &Known, again: bool) -> Self {
        let mut gathered = Self::default();
        let mut seen = HashMap::new();
        for (
            place,
            Job {
                payload: Webhook(job),
                recovered,
                ..
            },
        ) in jobs.iter().enumerate()
        {
            let Some(door) = accounts.get(&job.account) else {
                gathered.tallies.push(None);
                continue;
            };
            let request = Verified::restore(job.request.clone());
            let received_at = job.arrival.received_at();
            let connector = connectors::find(job.account.channel);
            let events = connector.normalise(&request, received_at);
            let languages = connector.languages(&request);
            let mut unsupported = 0;
            let count = events.len() as u32;
            for (
                nth,
                Inbound {
                    provider_account_id,
                    event,
                },
            ) in events.into_iter().enumerate()
            {
                let account = accounts.owner(door, provider_account_id.as_deref());
                let arrived = Arrived {
                    account,
                    job: place,
                    received_at,
                    recovered: *recovered || again,
                };
                match event {
                    Event::Message(message) => {
                        let position = Position::new(message.provider_at, job.arrival, nth);
                        let mut message = arrived.message(message, position);
                        message.webhook_id = message.has_files_within().then(|| job.ledger_id());
                        message.language = language_of(&languages, &message.contact);
                        gathered.take(message, &mut seen);
                    }
                    Event::Echo(echo) => {
                        let position = Position::new(echo.provider_at, job.arrival, nth);
                        let message = arrived.echo(echo, position);
                        gathered.take(message, &mut seen);
                    }
                    Event::Status(status) => {
                        gathered.statuses.push((arrived.account, status));
                        gathered.status_jobs.push(place);
                    }
                    Event::ReadUpTo { contact, until } => gathered.reads.push(ReadUpTo {
                        account: arrived.account,
                        contact,
                        until,
                    }),
                    Event::Commerce(event) => gathered.commerce.push((arrived.account, event)),
                    Event::Unsupported { .. } => unsupported += 1,
                    change => gathered.changes.extend(arrived.change(change)),
                }
            }
            gathered.tallies.push(Some((count, unsupported)));
            let told = languages.into_iter().map(|known| told(door, known, received_at));
            gathered.languages.extend(told);
        }
        gathered
    }

    /// The jobs that aren't done, and why: what they change is `missing`, or what they bring is `undecided` (by their
    /// places), or their accounts are gone.
    pub fn unfinished(&self, missing: &[usize], undecided: &HashSet<usize>) -> HashMap<usize, Unfinished> {
        let accountless = self
            .tallies
            .iter()
            .enumerate()
            .filter(|(_, tally)| tally.is_none());
        let gone = accountless.map(|(place, _)| (place, Unfinished::AccountGone));
        let missing = missing.iter().map(|place| (*place, Unfinished::MessageMissing));
        // Who is undecided comes again soon, and finds out then what else is.
        let undecided = undecided.iter().map(|place| (*place, Unfinished::Undecided));
        gone.chain(missing).chain(undecided).collect()
    }

    /// What is to be changed of messages.
    pub fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.changes.iter().filter_map(|change| match change {
            Change::Edited(edit) => Some(edit),
            Change::Identity { .. } => None,
        })
    }

    /// Each message once; it is recovered if any of its copies is.
    fn take(&mut self, message: Incoming, seen: &mut HashMap<MessageId, usize>) {
        match seen.entry(message.id.clone()) {
            Entry::Vacant(first) => {
                first.insert(self.messages.len());
                self.messages.push(message);
            }
            Entry::Occupied(first) => {
                if let Some(first) = self.messages.get_mut(*first.get()) {
                    first.recovered |= message.recovered;
                }
            }
        }
    }

    /// For the metrics: how many events of which kind.
    pub fn count(&self) {
        let unsupported: u32 = self
            .tallies
            .iter()
            .flatten()
            .map(|(_, unsupported)| unsupported)
            .sum();
        let kinds = [
            ("message", self.messages.len()),
            ("status", self.statuses.len() + self.reads.len()),
            ("change", self.changes.len()),
            ("commerce", self.commerce.len()),
            ("unsupported", unsupported as usize),
        ];
        for (kind, count) in kinds {
            if count > 0 {
                metrics::counter!("switchboard_ingest_events_total", "kind" => kind).increment(count as u64);
            }
        }
    }
}

fn language_of(known: &[KnownLanguage], contact: &Sender) -> Option<String> {
    let known = known
        .iter()
        .find(|known| known.external_id == contact.external_id)?;
    Some(known.language.clone())
}

fn told(account: &ChannelAccount, known: KnownLanguage, at: Timestamp) -> ToldLanguage {
    let identity = Identity {
        channel: account.key.channel,
        external_id: known.external_id,
    };
    ToldLanguage {
        key: identity.key(),
        language: known.language,
        at,
    }
}

/// Where and when an event came in.
struct Arrived {
    account: Arc<ChannelAccount>,
    job: usize,
    received_at: Timestamp,
    recovered: bool,
}

impl Arrived {
    fn message(self, message: InboundMessage, position: Position) -> Incoming {
        self.incoming(
            message.sender,
            Direction::Inbound,
            message.content,
            message.provider_message_id,
            message.provider_at,
            message.reply_to,
            position,
        )
    }

    fn echo(self, echo: EchoMessage, position: Position) -> Incoming {
        self.incoming(
            echo.recipient,
            Direction::Outbound,
            echo.content,
            echo.provider_message_id,
            echo.provider_at,
            echo.reply_to,
            position,
        )
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts that messages and echoes share, each once"
    )]
    fn incoming(
        self,
        contact: Sender,
        direction: Direction,
        content: Content,
        provider_message_id: String,
        provider_at: Timestamp,
        reply_to: Option<String>,
        position: Position,
    ) -> Incoming {
        Incoming {
            id: Message::inbound_id(&self.account.key, &provider_message_id),
            open_key: Conversation::open_key(&self.account.key, &contact.external_id),
            account: self.account,
            contact,
            direction,
            content,
            provider_message_id,
            provider_at,
            received_at: self.received_at,
            reply_to,
            position,
            language: None,
            webhook_id: None,
            job: self.job,
            recovered: self.recovered,
        }
    }

    fn change(self, event: Event) -> Option<Change> {
        let edit = |provider_message_id: &str, content, at| {
            Some(Change::Edited(Edit {
                id: Message::inbound_id(&self.account.key, provider_message_id),
                content,
                at,
                job: self.job,
            }))
        };
        let identity = |external_id| Identity {
            channel: self.account.key.channel,
            external_id,
        };
        match event {
            Event::Edited {
                provider_message_id,
                content,
                provider_at,
                ..
            } => edit(&provider_message_id, content, provider_at),
            Event::Deleted {
                provider_message_id,
                provider_at,
                ..
            } => edit(&provider_message_id, Content::Deleted, provider_at),
            Event::IdentityChanged { old, new, .. } => Some(Change::Identity {
                old: identity(old),
                new: identity(new),
            }),
            Event::Message(_)
            | Event::Echo(_)
            | Event::Status(_)
            | Event::ReadUpTo { .. }
            | Event::Commerce(_)
            | Event::Unsupported { .. } => None,
        }
    }
}

impl Incoming {
    fn has_files_within(&self) -> bool {
        let files = self.content.files();
        files.iter().any(|file| email::number(file).is_some())
    }

    /// The message as it is stored, in its conversation.
    pub fn in_conversation(
        &self,
        conversation: &switchboard_domain::ConversationId,
        now: Timestamp,
    ) -> Message {
        let inbound = self.direction == Direction::Inbound;
        Message {
            id: self.id.clone(),
            conversation_id: conversation.clone(),
            channel: self.account.key.channel,
            account_id: self.account.key.account_id.clone(),
            direction: self.direction,
            content: self.content.clone(),
            provider_message_id: Some(self.provider_message_id.clone()),
            reply_to: self.reply_to.clone(),
            provider_at: self.provider_at,
            received_at: self.received_at,
            processed_at: now,
            status: if inbound {
                MessageStatus::Received
            } else {
                MessageStatus::Sent
            },
            author: if inbound {
                Author::Customer {
                    name: self.contact.name.clone(),
                }
            } else {
                Author::External
            },
            position: self.position.clone(),
            error: None,
            edited_at: None,
        }
    }
}
