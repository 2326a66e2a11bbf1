//! Whether a lane still holds a job of some kind: waiting, being worked on, or due later.

use bytes::Bytes;
use redis::Value;

use crate::{
    Lane, QueueError,
    entry::{Entry, PAYLOAD},
    stats::LaneControl,
};

/// Entries read by one call to Redis.
const PAGE: usize = 500;

impl LaneControl {
    /// Whether there is a job whose payload is one of those. What isn't due yet is looked at before and after the rest,
    /// since jobs move between the two.
    pub async fn holds(&self, lane: Lane, is_one: impl Fn(&Bytes) -> bool) -> Result<bool, QueueError> {
        Ok(self.delays(lane, &is_one).await?
            || self.waits(lane, &is_one).await?
            || self.delays(lane, &is_one).await?)
    }

    async fn waits(&self, lane: Lane, is_one: &impl Fn(&Bytes) -> bool) -> Result<bool, QueueError> {
        let mut start = "-".to_owned();
        let mut connection = self.redis.commands();
        loop {
            let page = redis::cmd("XRANGE")
                .arg(self.redis.keys(lane).stream)
                .arg(&start)
                .arg("+")
                .arg("COUNT")
                .arg(PAGE)
                .query_async(&mut connection)
                .await?;
            let page = Entry::list(page);
            if page.iter().any(|entry| is_one(&entry.bytes(PAYLOAD))) {
                return Ok(true);
            }
            match page.last() {
                Some(last) => start = format!("({}", last.id),
                None => return Ok(false),
            }
        }
    }

    async fn delays(&self, lane: Lane, is_one: &impl Fn(&Bytes) -> bool) -> Result<bool, QueueError> {
        let mut cursor: u64 = 0;
        let mut connection = self.redis.commands();
        loop {
            let (next, jobs): (u64, Vec<Value>) = redis::cmd("HSCAN")
                .arg(self.redis.keys(lane).delayed_jobs)
                .arg(cursor)
                .arg("COUNT")
                .arg(PAGE)
                .query_async(&mut connection)
                .await?;
            // Names and values take turns.
            let values = jobs.into_iter().skip(1).step_by(2);
            if values.filter_map(payload).any(|payload| is_one(&payload)) {
                return Ok(true);
            }
            cursor = next;
            if cursor == 0 {
                return Ok(false);
            }
        }
    }
}

/// Of `attempts:enqueued_at:payload`.
fn payload(value: Value) -> Option<Bytes> {
    let Value::BulkString(value) = value else {
        return None;
    };
    let mut colons = value.iter().enumerate().filter(|(_, byte)| **byte == b':');
    let (second, _) = colons.nth(1)?;
    Some(Bytes::from(value).slice(second + 1..))
}
