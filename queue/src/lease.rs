//! A lease on what only one process at a time may do, and a note that its holder leaves for the next.
//!
//! Redis's clock counts. A holder that lost the lease without noticing can't overwrite its successor's note: whoever
//! writes is asked for the lease in the same step.

use std::{sync::Arc, time::Duration};

use redis::AsyncCommands;

use crate::{
    QueueError, Redis,
    scripts::{HOLD, KEEP, RELEASE},
};

/// One process's view of a lease. Each has an owner's name of its own; clones share it.
#[derive(Clone)]
pub struct Lease {
    redis: Redis,
    holder: Arc<str>,
    note: Arc<str>,
    owner: Arc<str>,
}

impl Lease {
    /// The hash tag keeps both keys in one slot of a Redis Cluster.
    pub(crate) fn new(redis: &Redis, name: &str) -> Self {
        let key = |kind: &str| format!("{}{{lease:{name}}}:{kind}", redis.prefix()).into();
        Self {
            redis: redis.clone(),
            holder: key("holder"),
            note: key("note"),
            owner: format!("{:032x}", rand::random::<u128>()).into(),
        }
    }

    /// Takes the lease if it is free, or holds on to it, for `ttl` from now. `false`: somebody else has it.
    pub async fn hold(&self, ttl: Duration) -> Result<bool, QueueError> {
        let mut connection = self.redis.commands();
        Ok(HOLD
            .key(&*self.holder)
            .arg(&*self.owner)
            .arg(millis(ttl))
            .invoke_async(&mut connection)
            .await?)
    }

    /// Gives it up, so that the next needn't wait; nothing happens if it isn't ours any more.
    pub async fn release(&self) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        let _: bool = RELEASE
            .key(&*self.holder)
            .arg(&*self.owner)
            .invoke_async(&mut connection)
            .await?;
        Ok(())
    }

    /// The note, if one was left.
    pub async fn note(&self) -> Result<Option<String>, QueueError> {
        Ok(self.redis.commands().get(&*self.note).await?)
    }

    /// Leaves a note that is kept for `ttl`; an empty one takes away what was there. `false`: the lease isn't ours any
    /// more, and the note is as it was.
    pub async fn leave_note(&self, text: &str, ttl: Duration) -> Result<bool, QueueError> {
        let mut connection = self.redis.commands();
        Ok(KEEP
            .key(&*self.holder)
            .key(&*self.note)
            .arg(&*self.owner)
            .arg(text)
            .arg(millis(ttl))
            .invoke_async(&mut connection)
            .await?)
    }
}

/// Redis takes no expiry of nothing.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
