//! What was given up: look at it, try it again, throw it away.

use bytes::Bytes;
use switchboard_domain::Timestamp;

use crate::{
    Lane, QueueError, Redis,
    entry::{ATTEMPTS, Entry, FIRST, PAYLOAD, id_millis},
    scripts::REPLAY,
};

/// Letters moved by one call to Redis in [`DeadLetters::replay_all`].
const CHUNK: usize = 200;

/// A job that was given up.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Its id among the dead letters; also the cursor for the next page.
    pub id: String,
    pub lane: Lane,
    pub payload: Bytes,
    /// How often it was attempted.
    pub attempts: u32,
    /// Why it was given up.
    pub error: String,
    pub enqueued_at: Timestamp,
    /// When it was given up.
    pub died_at: Timestamp,
}

/// The lanes' dead letters. They are kept until someone decides.
#[derive(Clone)]
pub struct DeadLetters {
    redis: Redis,
}

impl DeadLetters {
    pub(crate) fn new(redis: &Redis) -> Self {
        Self { redis: redis.clone() }
    }

    /// The oldest first; `after` is the last id of the page before.
    pub async fn list(
        &self,
        lane: Lane,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, QueueError> {
        let start = after.map_or_else(|| "-".to_owned(), |id| format!("({id}"));
        let mut connection = self.redis.commands();
        let entries = redis::cmd("XRANGE")
            .arg(self.redis.keys(lane).dead)
            .arg(start)
            .arg("+")
            .arg("COUNT")
            .arg(limit)
            .query_async(&mut connection)
            .await?;
        Ok(Entry::list(entries)
            .into_iter()
            .map(|entry| letter(lane, entry))
            .collect())
    }

    /// One of them.
    pub async fn get(&self, lane: Lane, id: &str) -> Result<Option<DeadLetter>, QueueError> {
        let mut connection = self.redis.commands();
        let entries = redis::cmd("XRANGE")
            .arg(self.redis.keys(lane).dead)
            .arg(id)
            .arg(id)
            .query_async(&mut connection)
            .await?;
        Ok(Entry::list(entries)
            .into_iter()
            .next()
            .map(|entry| letter(lane, entry)))
    }

    /// Puts one back into its lane, with all its attempts before it; false if there is none of that id.
    pub async fn replay(&self, lane: Lane, id: &str) -> Result<bool, QueueError> {
        Ok(self.replay_some(lane, id, 1).await? == 1)
    }

    /// Puts all that are there now back into their lane; returns how many.
    pub async fn replay_all(&self, lane: Lane) -> Result<usize, QueueError> {
        let mut connection = self.redis.commands();
        let there: usize = redis::cmd("XLEN")
            .arg(self.redis.keys(lane).dead)
            .query_async(&mut connection)
            .await?;
        let mut replayed = 0;
        // Bounded by what was there: what dies again meanwhile waits for the next decision.
        while replayed < there {
            let moved = self.replay_some(lane, "", CHUNK.min(there - replayed)).await?;
            if moved == 0 {
                break;
            }
            replayed += moved;
        }
        Ok(replayed)
    }

    /// Throws one away; false if there is none of that id.
    pub async fn discard(&self, lane: Lane, id: &str) -> Result<bool, QueueError> {
        let mut connection = self.redis.commands();
        Ok(redis::cmd("XDEL")
            .arg(self.redis.keys(lane).dead)
            .arg(id)
            .query_async(&mut connection)
            .await?)
    }

    async fn replay_some(&self, lane: Lane, id: &str, limit: usize) -> Result<usize, QueueError> {
        let keys = self.redis.keys(lane);
        let mut connection = self.redis.commands();
        Ok(REPLAY
            .key(keys.stream)
            .key(keys.dead)
            .arg(id)
            .arg(limit)
            .invoke_async(&mut connection)
            .await?)
    }
}

fn letter(lane: Lane, entry: Entry) -> DeadLetter {
    let died_at = entry.number("t").or_else(|| id_millis(&entry.id)).unwrap_or(0);
    DeadLetter {
        lane,
        payload: entry.bytes(PAYLOAD),
        attempts: entry
            .number(ATTEMPTS)
            .and_then(|n| n.try_into().ok())
            .unwrap_or(0),
        error: entry.text("e"),
        enqueued_at: Timestamp::from_millis(entry.number(FIRST).unwrap_or(died_at)),
        died_at: Timestamp::from_millis(died_at),
        id: entry.id,
    }
}
