//! What may be used for one thing only, known to all nodes.

use std::time::Duration;

use redis::AsyncCommands;

use crate::{QueueError, Redis};

/// Things that were used, by name.
#[derive(Clone)]
pub struct Once {
    redis: Redis,
}

impl Once {
    pub(crate) fn new(redis: &Redis) -> Self {
        Self { redis: redis.clone() }
    }

    /// Uses it for `purpose`, and remembers that for so long; `false`: it was used for something else. The same purpose
    /// again is no other use.
    pub async fn take(&self, name: &str, purpose: &str, remembered: Duration) -> Result<bool, QueueError> {
        let key = format!("{}once:{name}", self.redis.prefix());
        let mut connection = self.redis.commands();
        let options = redis::SetOptions::default()
            .conditional_set(redis::ExistenceCheck::NX)
            .with_expiration(redis::SetExpiry::PX(remembered.as_millis() as u64));
        let set: Option<String> = connection.set_options(&key, purpose, options).await?;
        if set.is_some() {
            return Ok(true);
        }
        // Run out between the two: then nobody minds any more.
        let used: Option<String> = connection.get(&key).await?;
        Ok(used.is_none_or(|used| used == purpose))
    }
}
