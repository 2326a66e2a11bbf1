//! Lanes of work on Redis Streams, the live event stream, and leases on what only one process may do.
//!
//! The only room (with `workers`, through what is exported here) that knows apalis and Redis. A lane is a stream with
//! one consumer group: producers append, [`LaneWorker`]s take batches, settle each job after its effect, and whatever a
//! crashed worker left behind is taken over after its lease. Memory follows what is pending: a settled job is deleted.

mod append;
mod connection;
mod dead_letters;
mod entry;
mod error;
mod job;
mod lane;
mod lease;
mod limits;
mod live;
mod mark;
mod mentions;
mod once;
mod outage;
mod pipelines;
mod producer;
mod scripts;
mod stats;
mod worker;

pub use connection::{Persistence, Redis};
pub use dead_letters::{DeadLetter, DeadLetters};
pub use error::QueueError;
pub use job::{Batch, FromPayload, Job, Outcome, PayloadError, Raw};
pub use lane::Lane;
pub use lease::Lease;
pub use limits::{Allowance, Limits};
pub use live::{LiveEntry, LiveStream, LiveTail, Replay, Tail};
pub use mark::Mark;
pub use once::Once;
pub use producer::Producer;
pub use stats::{LaneControl, LaneStats};
pub use worker::{Handler, HealthHandle, LaneConfig, LaneHealth, LaneWorker, WorkerState};
