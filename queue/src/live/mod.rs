//! The live event stream: what every `serve` node tails, and what a console's gap is replayed from (P6).
//!
//! A cursor is the id of an entry that was in the stream. While that entry is still there, everything after it is
//! too (the stream is only ever trimmed at its old end, but for what is forgotten for good), so "does the cursor still exist?" decides exactly between
//! replaying and refetching, also after the stream was emptied.

mod entry;
mod tail;

use std::time::Duration;

use redis::{Pipeline, Value};
use switchboard_domain::{LiveEvent, Timestamp};

pub use entry::LiveEntry;
use entry::is_cursor;
pub use tail::{LiveTail, Tail};

use crate::{QueueError, Redis, entry::Entry};

/// Entries kept unless configured otherwise: at 300 events/s some five minutes of disconnection.
const DEFAULT_KEEP: usize = 100_000;
/// Entries that appear at once: whoever waits for news is woken for all of them rather than for the first, and no other
/// command waits for more of them than these.
const TOGETHER: usize = 64;
/// Entries read per call in [`LiveStream::since`].
const PAGE: usize = 2_000;
/// The name of the entries nodes write to see the stream working end to end.
pub const HEARTBEAT: &str = "heartbeat";

/// Appends to and reads from the live event stream.
#[derive(Clone)]
pub struct LiveStream {
    redis: Redis,
    key: String,
    keep: usize,
}

/// What a console that comes back has to do.
#[derive(Clone, Debug)]
pub enum Replay {
    /// Exactly what was appended after its cursor, in order.
    Events(Vec<LiveEntry>),
    /// The cursor can't be continued from (malformed, unknown, trimmed away): fetch the state anew.
    Refetch,
}

impl LiveStream {
    pub(crate) fn new(redis: &Redis) -> Self {
        Self {
            key: format!("{}{{live}}:events", redis.prefix()),
            redis: redis.clone(),
            keep: DEFAULT_KEEP,
        }
    }

    /// How many entries to keep, roughly (Redis trims whole blocks).
    #[must_use]
    pub fn keep(mut self, entries: usize) -> Self {
        self.keep = entries;
        self
    }

    /// Appends events in one round trip; returns their cursors.
    pub async fn append(&self, events: &[LiveEvent]) -> Result<Vec<String>, QueueError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = Pipeline::with_capacity(events.len() + 2 * events.len().div_ceil(TOGETHER) + 1);
        for together in events.chunks(TOGETHER) {
            pipeline.cmd("MULTI").ignore();
            for event in together {
                let rooms = entry::join_rooms(&event.audience);
                self.add(&mut pipeline, event.name.as_str(), event.at, &rooms, &event.data);
                pipeline.ignore();
            }
            pipeline.cmd("EXEC");
        }
        if events.iter().any(|event| event.name.moves_queues()) {
            pipeline.cmd("INCR").arg(self.moves_key()).ignore();
        }
        let mut connection = self.redis.commands();
        let cursors: Vec<Vec<String>> = pipeline.query_async(&mut connection).await?;
        Ok(cursors.into_iter().flatten().collect())
    }

    /// How often the queues may have moved ([`switchboard_domain::LiveEventName::moves_queues`]): while it stays the same,
    /// nobody came or went.
    pub async fn moves(&self) -> Result<u64, QueueError> {
        let mut connection = self.redis.commands();
        let moves: Option<u64> = redis::cmd("GET")
            .arg(self.moves_key())
            .query_async(&mut connection)
            .await?;
        Ok(moves.unwrap_or(0))
    }

    fn moves_key(&self) -> String {
        format!("{}{{live}}:moves", self.redis.prefix())
    }

    /// Claims names for ten minutes, each once: true for those that nobody had claimed before.
    pub async fn claim(&self, names: &[String]) -> Result<Vec<bool>, QueueError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = Pipeline::with_capacity(names.len());
        for name in names {
            let key = format!("{}{{live}}:claimed:{name}", self.redis.prefix());
            pipeline.cmd("SET").arg(key).arg(1).arg("NX").arg("EX").arg(600);
        }
        let mut connection = self.redis.commands();
        let answers: Vec<Option<String>> = pipeline.query_async(&mut connection).await?;
        Ok(answers.into_iter().map(|answer| answer.is_some()).collect())
    }

    /// Appends a heartbeat of `node`; it has to come out of the node's own [`LiveTail`] again
    /// ([`LiveEntry::heartbeat`]), or its consoles see nothing.
    pub async fn heartbeat(&self, node: &str) -> Result<String, QueueError> {
        let mut pipeline = Pipeline::with_capacity(1);
        self.add(&mut pipeline, HEARTBEAT, self.redis.clock().now(), "", node);
        let mut connection = self.redis.commands();
        let (cursor,) = pipeline.query_async(&mut connection).await?;
        Ok(cursor)
    }

    /// The cursor of the newest entry: where a console that has just fetched everything continues from. An empty stream
    /// gets a first entry, so that the cursor always is one that can be found again.
    pub async fn last_cursor(&self) -> Result<String, QueueError> {
        let mut connection = self.redis.commands();
        let newest: Value = redis::cmd("XREVRANGE")
            .arg(&self.key)
            .arg("+")
            .arg("-")
            .arg("COUNT")
            .arg(1)
            .query_async(&mut connection)
            .await?;
        match Entry::list(newest).into_iter().next() {
            Some(entry) => Ok(entry.id),
            None => self.heartbeat("").await,
        }
    }

    /// Whether that very entry is in the stream.
    pub async fn has(&self, cursor: &str) -> Result<bool, QueueError> {
        let mut connection = self.redis.long_reads();
        let entries = redis::cmd("XRANGE")
            .arg(&self.key)
            .arg(cursor)
            .arg(cursor)
            .query_async(&mut connection)
            .await?;
        Ok(!Entry::list(entries).is_empty())
    }

    /// Exactly what was appended after `cursor`, the first `limit` of it, if that is known for certain.
    pub async fn after(&self, cursor: &str, limit: usize) -> Result<Replay, QueueError> {
        if !is_cursor(cursor) {
            return Ok(Replay::Refetch);
        }
        let entries = self.range(cursor, limit.saturating_add(1)).await?;
        let mut entries = entries.into_iter();
        Ok(match entries.next() {
            Some(start) if start.id == cursor => Replay::Events(entries.map(LiveEntry::from).collect()),
            _ => Replay::Refetch,
        })
    }

    /// Everything still there that was appended at or after `at` (by Redis's clock), less `slack` for clocks that
    /// differ: which messages were shown already is asked with it after a crash.
    pub async fn since(&self, at: Timestamp, slack: Duration) -> Result<Vec<LiveEntry>, QueueError> {
        let mut found = Vec::new();
        let mut start = at.minus(slack).as_millis().max(0).to_string();
        loop {
            let page = self.range(&start, PAGE).await?;
            let full = page.len() == PAGE;
            if let Some(last) = page.last() {
                start = format!("({}", last.id);
            }
            found.extend(page.into_iter().map(LiveEntry::from));
            if !full {
                return Ok(found);
            }
        }
    }

    /// Takes out every event that mentions one of these. A console whose cursor is one of them fetches its state anew.
    pub async fn forget(&self, mentions: &[&str]) -> Result<(), QueueError> {
        let mut start = "-".to_owned();
        loop {
            let page = self.range(&start, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            start = format!("({}", last.id);
            let ids: Vec<String> = page
                .into_iter()
                .map(LiveEntry::from)
                .filter(|entry| {
                    let data = String::from_utf8_lossy(&entry.data);
                    mentions.iter().any(|mention| data.contains(mention))
                })
                .map(|entry| entry.cursor)
                .collect();
            if !ids.is_empty() {
                let mut connection = self.redis.commands();
                let () = redis::cmd("XDEL")
                    .arg(&self.key)
                    .arg(ids)
                    .query_async(&mut connection)
                    .await?;
            }
        }
    }

    /// Follows the stream from after `cursor`, or from now on. Reading starts with the first call of
    /// [`LiveTail::next`].
    pub fn tail(&self, cursor: Option<String>) -> LiveTail {
        LiveTail::new(self, cursor)
    }

    async fn range(&self, start: &str, count: usize) -> Result<Vec<Entry>, QueueError> {
        let mut connection = self.redis.long_reads();
        let entries = redis::cmd("XRANGE")
            .arg(&self.key)
            .arg(start)
            .arg("+")
            .arg("COUNT")
            .arg(count)
            .query_async(&mut connection)
            .await?;
        Ok(Entry::list(entries))
    }

    fn add(&self, pipeline: &mut Pipeline, name: &str, at: Timestamp, rooms: &str, data: &str) {
        pipeline
            .cmd("XADD")
            .arg(&self.key)
            .arg("MAXLEN")
            .arg("~")
            .arg(self.keep)
            .arg("*")
            .arg("name")
            .arg(name)
            .arg("at")
            .arg(at.as_millis())
            .arg("rooms")
            .arg(rooms)
            .arg("data")
            .arg(data);
    }
}
