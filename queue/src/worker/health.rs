//! How a worker is doing: alive is not the same as working.

use std::sync::{Arc, Mutex, PoisonError};

use switchboard_domain::Timestamp;

use crate::Lane;

/// What a lane's worker is up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// Not run yet.
    Starting,
    Running,
    /// The lane is paused: it reads nothing, on purpose.
    Paused,
    /// It ended with an error or a panic and is about to be built anew.
    Restarting,
    /// Told to stop; it finishes what it has begun.
    Stopping,
    /// Told to stop, and it did.
    Stopped,
}

impl WorkerState {
    /// Its name in the ops API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}

/// A worker's health at a moment.
#[derive(Clone, Debug)]
pub struct LaneHealth {
    pub lane: Lane,
    /// The worker's consumer name.
    pub consumer: String,
    pub state: WorkerState,
    /// When it last read from the stream without an error (an empty answer counts). While all its slots are busy it
    /// doesn't read: see `busy_since`.
    pub last_poll: Option<Timestamp>,
    /// When its housekeeping (leases, delayed jobs) last succeeded; twice a second while Redis answers.
    pub last_contact: Option<Timestamp>,
    /// Jobs it holds.
    pub in_flight: usize,
    /// When the oldest batch it still works on was taken.
    pub busy_since: Option<Timestamp>,
    /// How often it had to be built anew.
    pub restarts: u32,
    /// Why it was last built anew, or what Redis last answered.
    pub last_error: Option<String>,
}

/// A view of a worker's health that outlives it.
#[derive(Clone)]
pub struct HealthHandle(Arc<Mutex<LaneHealth>>);

impl HealthHandle {
    pub(crate) fn new(lane: Lane, consumer: String) -> Self {
        Self(Arc::new(Mutex::new(LaneHealth {
            lane,
            consumer,
            state: WorkerState::Starting,
            last_poll: None,
            last_contact: None,
            in_flight: 0,
            busy_since: None,
            restarts: 0,
            last_error: None,
        })))
    }

    /// The health now.
    pub fn get(&self) -> LaneHealth {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut LaneHealth)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
