//! How often something may happen, counted where all nodes see it.

use std::time::Duration;

use crate::{
    QueueError, Redis,
    scripts::{COUNT, UNCOUNT},
};

/// At most so many within a window that begins with the first.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub count: u32,
    pub window: Duration,
}

/// Counters by name.
#[derive(Clone)]
pub struct Limits {
    redis: Redis,
}

impl Limits {
    pub(crate) fn new(redis: &Redis) -> Self {
        Self { redis: redis.clone() }
    }

    /// Counts one under each name; `Some`: one of them has had enough, for so long, and nothing was counted.
    pub async fn count(&self, names: &[(&str, Allowance)]) -> Result<Option<Duration>, QueueError> {
        let mut call = COUNT.prepare_invoke();
        for (name, allowance) in names {
            call.key(self.key(name));
            call.arg(allowance.count).arg(allowance.window.as_millis() as u64);
        }
        let wait: u64 = call.invoke_async(&mut self.redis.commands()).await?;
        Ok((wait > 0).then(|| Duration::from_millis(wait)))
    }

    /// Takes one back under each name: it turned out not to be what is limited.
    pub async fn take_back(&self, names: &[(&str, Allowance)]) -> Result<(), QueueError> {
        let mut call = UNCOUNT.prepare_invoke();
        for (name, _) in names {
            call.key(self.key(name));
        }
        let _: i64 = call.invoke_async(&mut self.redis.commands()).await?;
        Ok(())
    }

    /// One hash tag for all: several are counted in one step.
    fn key(&self, name: &str) -> String {
        format!("{}{{limit}}:{name}", self.redis.prefix())
    }
}
