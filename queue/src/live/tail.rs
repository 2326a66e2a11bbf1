//! Following the live stream on a connection of one's own.

use std::time::Duration;

use redis::{Value, aio::MultiplexedConnection};

use super::{LiveEntry, LiveStream};
use crate::{QueueError, entry::Entry, outage::Outage};

/// How long one read waits for something new.
const BLOCK: Duration = Duration::from_secs(2);
/// The most entries per read.
const COUNT: usize = 512;

/// What a [`LiveTail`] came across.
#[derive(Clone, Debug)]
pub enum Tail {
    /// New entries, in order; never empty.
    Events(Vec<LiveEntry>),
    /// The stream was emptied, went back or was trimmed past the tail's position: something may have been missed.
    /// Whoever is shown this stream has to refetch; the tail goes on with what comes.
    Reset,
}

/// Yields what is appended, from one position on, over any outage of Redis.
pub struct LiveTail {
    stream: LiveStream,
    connection: Option<MultiplexedConnection>,
    position: Option<String>,
    outage: Outage,
}

impl LiveTail {
    pub(super) fn new(stream: &LiveStream, position: Option<String>) -> Self {
        Self {
            stream: stream.clone(),
            connection: None,
            position,
            outage: Outage::new("following the live stream"),
        }
    }

    /// The cursor of the last entry that was yielded (or the position to start from).
    pub fn cursor(&self) -> Option<&str> {
        self.position.as_deref()
    }

    /// Waits for what comes next. Never ends and never fails: outages are logged once and waited out. Safe to cancel:
    /// nothing is skipped.
    pub async fn next(&mut self) -> Tail {
        loop {
            match self.read().await {
                Ok(Some(tail)) => {
                    self.outage.over();
                    return tail;
                }
                Ok(None) => self.outage.over(),
                Err(error) => self.outage.wait_after(&error).await,
            }
        }
    }

    /// One read; `None` if nothing came.
    async fn read(&mut self) -> Result<Option<Tail>, QueueError> {
        let position = match &self.position {
            Some(position) => position.clone(),
            None => self.start_at(self.stream.last_cursor().await?),
        };
        // Taken out while it is in use: a call that is cancelled leaves an answer behind that nobody wants.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.stream.redis.blocking(BLOCK).await?,
        };
        // The first command tells whether the position is still there: both see the same stream, and while the second
        // blocks nothing unread can get lost.
        let (here, read): (Value, Value) = redis::pipe()
            .cmd("XRANGE")
            .arg(&self.stream.key)
            .arg(&position)
            .arg(&position)
            .cmd("XREAD")
            .arg("COUNT")
            .arg(COUNT)
            .arg("BLOCK")
            .arg(u64::try_from(BLOCK.as_millis()).unwrap_or(u64::MAX))
            .arg("STREAMS")
            .arg(&self.stream.key)
            .arg(&position)
            .query_async(&mut connection)
            .await?;
        self.connection = Some(connection);
        if Entry::list(here).is_empty() {
            // From a fresh position on: whoever refetches after the reset sees everything up to it.
            self.start_at(self.stream.last_cursor().await?);
            return Ok(Some(Tail::Reset));
        }
        let entries: Vec<LiveEntry> = Entry::of_stream(read).into_iter().map(LiveEntry::from).collect();
        let Some(last) = entries.last() else {
            return Ok(None);
        };
        self.position = Some(last.cursor.clone());
        Ok(Some(Tail::Events(entries)))
    }

    fn start_at(&mut self, cursor: String) -> String {
        self.position = Some(cursor.clone());
        cursor
    }
}
