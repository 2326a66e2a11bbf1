//! Whether a silent visitor is still there.

use std::time::Duration;

use tokio::time::Instant;

use super::wire::End;

/// When a silent visitor is asked whether they are there, and when they have been silent for too long.
pub struct Heartbeat {
    interval: Duration,
    idle: Duration,
    pub deadline: Instant,
    spoke_at: Instant,
    asked: bool,
}

impl Heartbeat {
    pub fn new(interval: Duration, idle: Duration) -> Self {
        let now = Instant::now();
        Self {
            interval,
            idle,
            deadline: now + interval,
            spoke_at: now,
            asked: false,
        }
    }

    /// They said something.
    pub fn spoke(&mut self) {
        self.spoke_at = Instant::now();
    }

    /// Something came, if only the answer.
    pub fn lives(&mut self) {
        self.asked = false;
    }

    /// The deadline has come: they are to be asked, or given up.
    pub fn beat(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.asked {
            return Err(End::Gone);
        }
        if now.duration_since(self.spoke_at) >= self.idle {
            return Err(End::Idle);
        }
        self.asked = true;
        self.deadline = now + self.interval;
        Ok(())
    }
}
