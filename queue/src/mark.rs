//! How far something has come, remembered apart from the database it is about.

use std::sync::Arc;

use redis::AsyncCommands;

use crate::{QueueError, Redis, scripts::ADVANCE};

/// A position that only goes forward, with a text that belongs to it.
#[derive(Clone)]
pub struct Mark {
    redis: Redis,
    key: Arc<str>,
}

impl Mark {
    pub(crate) fn new(redis: &Redis, name: &str) -> Self {
        Self {
            redis: redis.clone(),
            key: format!("{}mark:{name}", redis.prefix()).into(),
        }
    }

    /// Moves it to `position`, unless it is there already or further.
    pub async fn advance(&self, position: i64, text: &str) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        let _: i64 = ADVANCE
            .key(&*self.key)
            .arg(position)
            .arg(text)
            .invoke_async(&mut connection)
            .await?;
        Ok(())
    }

    /// The text of where it is; none if it was never moved, or Redis was emptied.
    pub async fn text(&self) -> Result<Option<String>, QueueError> {
        Ok(self.redis.commands().hget(&*self.key, "text").await?)
    }
}
