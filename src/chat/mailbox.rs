//! What a visitor has missed, out of MongoDB.

use std::{collections::HashSet, time::Duration};

use switchboard_domain::{Conversation, ConversationId, MessageId, Position, Timestamp};
use switchboard_store::{Store, StoreError};
use switchboard_workers::files::Links;

use super::shown::{Shown, shown};

/// Of a visitor's ended conversations, the latest few are shown to them.
pub const ENDED: i64 = 10;
const PAGE: usize = 100;
/// A message may be stamped so long before it can be read: longer than a write may take.
pub const OVERLAP: Duration = Duration::from_mins(1);

/// A place in time that a client brings back. The text is ours to read.
pub fn cursor(at: Timestamp) -> String {
    at.as_millis().to_string()
}

pub fn at_cursor(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(Timestamp::from_millis)
}

/// One reading of a mailbox, page by page.
pub struct Reading<'a> {
    store: &'a Store,
    links: &'a Links,
    conversations: Vec<ConversationId>,
    since: Option<Timestamp>,
    have: HashSet<MessageId>,
    after: Option<Position>,
    begun: Timestamp,
    /// What the live stream may tell again.
    pub recent: HashSet<MessageId>,
}

impl<'a> Reading<'a> {
    pub fn new(
        (store, links): (&'a Store, &'a Links),
        conversations: &[Conversation],
        since: Option<&str>,
        have: Vec<MessageId>,
        now: Timestamp,
    ) -> Self {
        let have: HashSet<MessageId> = have.into_iter().collect();
        Self {
            store,
            links,
            conversations: conversations.iter().map(|one| one.id.clone()).collect(),
            since: since.and_then(at_cursor).map(|since| since.minus(OVERLAP)),
            recent: have.clone(),
            have,
            after: (!conversations.is_empty()).then(Position::start),
            begun: now,
        }
    }

    /// `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Shown>>, StoreError> {
        let Some(after) = self.after.take() else {
            return Ok(None);
        };
        let page = self
            .store
            .messages
            .mailbox(&self.conversations, self.since, &after, PAGE)
            .await?;
        self.after = page.next_cursor.map(Position::from);
        let fresh = page
            .items
            .iter()
            .filter(|message| !self.have.contains(&message.id));
        let mut items = Vec::new();
        for message in fresh {
            items.extend(shown(message, self.links, self.begun));
            if message.processed_at > self.begun.minus(OVERLAP) {
                self.recent.insert(message.id.clone());
            }
        }
        Ok(Some(items))
    }
}
