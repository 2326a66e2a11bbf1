//! What consoles have been told already, as the live stream has it: asked after a worker died between its writes and its
//! telling.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde::Deserialize;
use switchboard_domain::{LiveEventName, Timestamp};
use switchboard_queue::QueueError;

use crate::Hub;

/// Entries of the live stream this much older than what is asked for are looked through too: clocks differ a little.
pub(crate) const SLACK: Duration = Duration::from_secs(5);

/// What is asked for.
const KINDS: [LiveEventName; 4] = [
    LiveEventName::MessageCreated,
    LiveEventName::ConversationCreated,
    LiveEventName::AssignmentOffered,
    LiveEventName::AssignmentUpdated,
];

/// By the event's name and the id of what it tells of: the rooms that were told.
pub(crate) struct Shown(HashMap<(&'static str, String), HashSet<String>>);

impl Shown {
    pub fn rooms(&self, name: LiveEventName, id: &impl ToString) -> Option<&HashSet<String>> {
        self.0.get(&(name.as_str(), id.to_string()))
    }

    pub fn has(&self, name: LiveEventName, id: &impl ToString) -> bool {
        self.rooms(name, id).is_some()
    }
}

impl Hub {
    /// What was shown since then.
    pub(crate) async fn shown_since(&self, at: Timestamp) -> Result<Shown, QueueError> {
        #[derive(Deserialize)]
        struct OnlyId {
            id: String,
        }
        let mut shown: HashMap<(&'static str, String), HashSet<String>> = HashMap::new();
        for entry in self.live.since(at, SLACK).await? {
            let name = KINDS
                .map(LiveEventName::as_str)
                .into_iter()
                .find(|name| *name == entry.name);
            if let Some(name) = name
                && let Ok(OnlyId { id }) = serde_json::from_slice(&entry.data)
            {
                shown.entry((name, id)).or_default().extend(entry.rooms);
            }
        }
        Ok(Shown(shown))
    }
}
