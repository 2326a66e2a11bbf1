//! How often sessions begin. Discord takes 1,000 `IDENTIFY` a day, one per five seconds; whoever sends more has their
//! token reset (Discord, "Gateway: Rate Limiting", "Session Start Limit").

use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);
/// With one start per two minutes a day has 720.
const LONGEST: Duration = Duration::from_mins(2);
/// After so long a session was a good one.
const CALM: Duration = Duration::from_mins(10);

/// The starts of one holder: five seconds apart, then ten, twenty …, until one has lasted.
#[derive(Debug, Default)]
pub struct Starts {
    last: Option<Duration>,
    in_a_row: u32,
}

impl Starts {
    /// Before this no session may begin.
    pub fn next_at(&self) -> Duration {
        let doubled = 2_u32.saturating_pow(self.in_a_row.saturating_sub(1));
        self.last.map_or(Duration::ZERO, |last| {
            last + EVERY.saturating_mul(doubled).min(LONGEST)
        })
    }

    pub fn began(&mut self, now: Duration) {
        let calm = self.last.is_none_or(|last| now.saturating_sub(last) >= CALM);
        self.in_a_row = if calm { 1 } else { self.in_a_row.saturating_add(1) };
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_sessions_that_break_at_once_stays_below_discords_limit() {
        let mut starts = Starts::default();
        let mut pauses = Vec::new();
        let mut now = Duration::ZERO;
        while now < Duration::from_hours(24) {
            starts.began(now);
            pauses.push(starts.next_at() - now);
            now = starts.next_at();
        }
        assert_eq!(
            pauses[..7],
            [5, 10, 20, 40, 80, 120, 120].map(Duration::from_secs)
        );
        assert!(pauses.len() < 800, "{}", pauses.len());
    }

    #[test]
    fn a_session_that_lasted_makes_the_next_start_quick_again() {
        let mut starts = Starts::default();
        assert_eq!(starts.next_at(), Duration::ZERO);
        for secs in [0, 5, 15] {
            starts.began(Duration::from_secs(secs));
        }
        assert_eq!(starts.next_at(), Duration::from_secs(35));
        starts.began(Duration::from_secs(15) + CALM);
        assert_eq!(starts.next_at(), Duration::from_secs(20) + CALM);
    }
}
