//! The lanes, and where each keeps its things in Redis.

use std::fmt;

/// A stream of jobs with workers of its own, so that none can starve another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Provider events on their way in.
    Ingest,
    /// The same where they are large, so that a batch of small ones is bounded in bytes as well.
    IngestLarge,
    /// Replies on their way out.
    Outbound,
    /// Conversations that wait for an agent.
    Routing,
    /// What is due at a time: offers that expire, snoozes, SLA clocks.
    Timers,
    /// Reports, exports, sync: what may take long.
    Bulk,
}

impl Lane {
    /// Every lane.
    pub const ALL: &[Self] = &[
        Self::Ingest,
        Self::IngestLarge,
        Self::Outbound,
        Self::Routing,
        Self::Timers,
        Self::Bulk,
    ];

    /// Its name in keys, metrics and the ops API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::IngestLarge => "ingest_large",
            Self::Outbound => "outbound",
            Self::Routing => "routing",
            Self::Timers => "timers",
            Self::Bulk => "bulk",
        }
    }

    /// The lane of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lane| lane.as_str() == name)
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A lane's consumer group.
pub(crate) const GROUP: &str = "workers";

/// A lane's keys. The hash tag puts them into one slot of a Redis Cluster, which the scripts rely on.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// Stream of jobs that are ready or being worked on.
    pub stream: String,
    /// Sorted set: what isn't due yet, by due time in milliseconds.
    pub delayed: String,
    /// Hash: `attempts:enqueued_at:payload` of each member of `delayed`.
    pub delayed_jobs: String,
    /// Stream of jobs that were given up.
    pub dead: String,
    /// Exists while the lane is paused.
    pub paused: String,
}

impl Keys {
    pub fn new(prefix: &str, lane: Lane) -> Self {
        let key = |kind: &str| format!("{prefix}{{{lane}}}:{kind}");
        Self {
            stream: key("stream"),
            delayed: key("delayed"),
            delayed_jobs: key("delayed:jobs"),
            dead: key("dead"),
            paused: key("paused"),
        }
    }
}
