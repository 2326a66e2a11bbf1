//! What the fake remembers. All of it is in memory, and bounded.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use switchboard_domain::Timestamp;
use tokio::sync::watch;

use crate::{
    chat::Chat,
    graph::{Limits, MediaStore},
    options::FakeGraphOptions,
    record::Recorded,
    script::Scripted,
    webhook::{Gates, Posted},
};

/// Recorded calls, posted webhooks and accepted messages kept.
const KEPT: usize = 50_000;
/// Customers kept.
const CUSTOMERS: usize = 5_000;
/// Meta's customer service window.
const WINDOW: Duration = Duration::from_hours(24);

pub(crate) struct Graph {
    pub(crate) options: FakeGraphOptions,
    /// Our own origin, for media links.
    pub(crate) origin: String,
    pub(crate) http: reqwest::Client,
    pub(crate) gates: Gates,
    /// Goes up with every change that the phone shows.
    pub(crate) revision: watch::Sender<u64>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) sent: VecDeque<Recorded>,
    pub(crate) script: VecDeque<Scripted>,
    pub(crate) posted: VecDeque<Posted>,
    pub(crate) chats: BTreeMap<String, Chat>,
    pub(crate) media: MediaStore,
    pub(crate) limits: Limits,
    accepted: HashMap<String, Accepted>,
    accepted_order: VecDeque<String>,
}

/// What a status needs to know of the message it is about.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) to: String,
    /// Echoed in every status.
    pub(crate) opaque: Option<String>,
}

impl Graph {
    pub(crate) fn new(options: FakeGraphOptions, origin: String, http: reqwest::Client) -> Arc<Self> {
        Arc::new(Self {
            options,
            origin,
            http,
            gates: Gates::default(),
            revision: watch::Sender::new(0),
            memory: Mutex::default(),
        })
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// Tells the phones that there is something to see.
    pub(crate) fn show(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub(crate) fn window_is_open(&self, wa_id: &str) -> bool {
        let memory = self.memory();
        let Some(chat) = memory.chats.get(wa_id) else {
            return self.options.strangers_may_be_written;
        };
        if chat.window_closed {
            return false;
        }
        match chat.wrote_at {
            Some(wrote_at) => self.now().since(wrote_at) < WINDOW,
            None => self.options.strangers_may_be_written,
        }
    }
}

impl Memory {
    pub(crate) fn record(&mut self, call: Recorded) {
        keep(&mut self.sent, call);
    }

    pub(crate) fn record_post(&mut self, post: Posted) {
        keep(&mut self.posted, post);
    }

    /// The customer's chat; a new one takes the place of an old one when there are too many.
    pub(crate) fn chat(&mut self, wa_id: &str) -> &mut Chat {
        if self.chats.len() >= CUSTOMERS && !self.chats.contains_key(wa_id) {
            self.chats.pop_first();
        }
        self.chats.entry(wa_id.to_owned()).or_default()
    }

    pub(crate) fn remember_accepted(&mut self, wamid: &str, accepted: Accepted) {
        if self.accepted_order.len() == KEPT
            && let Some(oldest) = self.accepted_order.pop_front()
        {
            self.accepted.remove(&oldest);
        }
        self.accepted_order.push_back(wamid.to_owned());
        self.accepted.insert(wamid.to_owned(), accepted);
    }

    pub(crate) fn accepted(&self, wamid: &str) -> Option<Accepted> {
        self.accepted.get(wamid).cloned()
    }
}

fn keep<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(item);
}
