//! A lane from outside: how full it is, how old its oldest job, and the switch to stop it.

use std::time::Duration;

use switchboard_domain::Timestamp;

use crate::{Lane, QueueError, Redis, entry::id_millis, lane::GROUP, scripts::STATS};

/// A lane's figures at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStats {
    pub lane: Lane,
    /// Jobs in the stream: waiting and being worked on.
    pub depth: u64,
    /// Of these, how many a worker holds.
    pub pending: u64,
    /// Jobs that aren't due yet.
    pub delayed: u64,
    /// Jobs that were given up.
    pub dead: u64,
    pub paused: bool,
    /// How long the oldest job in the stream has been there; zero if it is empty.
    pub oldest_age: Duration,
}

/// Statistics, pause and resume of lanes.
#[derive(Clone)]
pub struct LaneControl {
    pub(crate) redis: Redis,
}

impl LaneControl {
    pub(crate) fn new(redis: &Redis) -> Self {
        Self { redis: redis.clone() }
    }

    /// A lane's figures.
    pub async fn stats(&self, lane: Lane) -> Result<LaneStats, QueueError> {
        let keys = self.redis.keys(lane);
        let mut connection = self.redis.commands();
        let (depth, pending, delayed, dead, paused, oldest): (u64, u64, u64, u64, bool, String) = STATS
            .key(keys.stream)
            .key(keys.delayed)
            .key(keys.dead)
            .key(keys.paused)
            .arg(GROUP)
            .invoke_async(&mut connection)
            .await?;
        let now = self.redis.clock().now();
        let oldest_age =
            id_millis(&oldest).map_or(Duration::ZERO, |millis| now.since(Timestamp::from_millis(millis)));
        Ok(LaneStats {
            lane,
            depth,
            pending,
            delayed,
            dead,
            paused,
            oldest_age,
        })
    }

    /// Every lane's figures.
    pub async fn all(&self) -> Result<Vec<LaneStats>, QueueError> {
        let mut all = Vec::with_capacity(Lane::ALL.len());
        for lane in Lane::ALL {
            all.push(self.stats(*lane).await?);
        }
        Ok(all)
    }

    /// Within a second no worker takes anything from the lane any more; what is being worked on is finished, and timers
    /// wait. Lasts until [`Self::resume`], over restarts.
    pub async fn pause(&self, lane: Lane) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        Ok(redis::cmd("SET")
            .arg(self.redis.keys(lane).paused)
            .arg(self.redis.clock().now().as_millis())
            .query_async(&mut connection)
            .await?)
    }

    /// Undoes [`Self::pause`].
    pub async fn resume(&self, lane: Lane) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        Ok(redis::cmd("DEL")
            .arg(self.redis.keys(lane).paused)
            .exec_async(&mut connection)
            .await?)
    }

    /// Whether the lane is paused.
    pub async fn is_paused(&self, lane: Lane) -> Result<bool, QueueError> {
        let mut connection = self.redis.commands();
        Ok(redis::cmd("EXISTS")
            .arg(self.redis.keys(lane).paused)
            .query_async(&mut connection)
            .await?)
    }
}
