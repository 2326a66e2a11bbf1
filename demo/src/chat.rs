//! What the customer's phone shows.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;
use switchboard_domain::Timestamp;

/// Bubbles kept for each customer.
const KEPT: usize = 500;

/// One customer's side of things.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Chat {
    pub(crate) name: String,
    /// When the customer last wrote to us: opens the 24-hour window.
    pub(crate) wrote_at: Option<Timestamp>,
    /// The window was closed by a test, whatever the time.
    pub(crate) window_closed: bool,
    /// The hub showed "typing…" until then.
    pub(crate) typing_until: Option<Timestamp>,
    pub(crate) entries: VecDeque<Entry>,
}

/// A bubble.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub id: String,
    pub from_customer: bool,
    pub at: Timestamp,
    pub name: String,
    /// The message in Meta's own form: `type` and the object of that name.
    pub message: Value,
    pub state: EntryState,
    /// What the hub answered to the latest attempt to post it: a status, and for a refusal its words.
    pub hub_status: Option<u16>,
    pub hub_answer: Option<String>,
    pub attempts: u32,
}

/// The ticks, as the customer sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// On its way: the hub hasn't taken it.
    Posting,
    /// The hub refused it for good.
    Refused,
    /// The hub has it.
    Delivered,
    /// The hub said that it was read; or the customer read ours.
    Read,
}

impl Chat {
    pub(crate) fn push(&mut self, entry: Entry) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn entry_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().rev().find(|entry| entry.id == id)
    }

    /// A read receipt is for the message and all before it. Says whether there is such a message.
    pub(crate) fn mark_read_up_to(&mut self, id: &str) -> bool {
        let Some(last) = self
            .entries
            .iter()
            .rposition(|entry| entry.from_customer && entry.id == id)
        else {
            return false;
        };
        for entry in self.entries.range_mut(..=last) {
            if entry.from_customer && entry.state == EntryState::Delivered {
                entry.state = EntryState::Read;
            }
        }
        if let Some(entry) = self.entries.get_mut(last) {
            entry.state = EntryState::Read;
        }
        true
    }

    /// Marks the hub's messages as read and says which were not.
    pub(crate) fn read_all(&mut self) -> Vec<String> {
        let unread = self
            .entries
            .iter_mut()
            .filter(|entry| !entry.from_customer && entry.state != EntryState::Read);
        unread
            .map(|entry| {
                entry.state = EntryState::Read;
                entry.id.clone()
            })
            .collect()
    }
}
