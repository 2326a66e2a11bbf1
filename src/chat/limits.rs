//! How often somebody may do something: the generic cell rate algorithm (ITU-T I.371, annex A), one number per key.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Keys are looked through for forgotten ones whenever they have doubled, and never below so many.
const FEW: usize = 1024;

/// So many per minute, and so many at once.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    interval: i64,
    tolerance: i64,
}

impl Rate {
    pub fn per_minute(count: u32, burst: u32) -> Self {
        // More than one a microsecond isn't counted finer.
        let interval = (60_000_000 / i64::from(count.max(1))).max(1);
        Self {
            interval,
            tolerance: interval * i64::from(burst.max(1) - 1),
        }
    }

    /// `due`: when the next would be due if all came evenly. Moves it on, or tells how long to wait. Microseconds.
    fn take(self, due: &mut i64, now: i64) -> Result<(), Duration> {
        let wait = *due - self.tolerance - now;
        if wait > 0 {
            return Err(Duration::from_micros(wait.unsigned_abs()));
        }
        *due = now.max(*due) + self.interval;
        Ok(())
    }
}

/// How much of a limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub limit: u32,
    pub remaining: u32,
    /// How long until all of it is there again.
    pub full_again: Duration,
}

impl Rate {
    fn standing(self, due: i64, now: i64) -> Standing {
        let used = (due - now).max(0);
        let all = self.tolerance + self.interval;
        let count = |micros: i64| u32::try_from(micros / self.interval).unwrap_or(u32::MAX);
        Standing {
            limit: count(all),
            remaining: count((all - used).max(0)),
            full_again: Duration::from_micros(used.unsigned_abs()),
        }
    }
}

/// One of them.
#[derive(Debug)]
pub struct Limit {
    rate: Rate,
    due: i64,
}

impl Limit {
    pub fn new(rate: Rate) -> Self {
        Self { rate, due: 0 }
    }

    pub fn take(&mut self, now: i64) -> Result<(), Duration> {
        self.rate.take(&mut self.due, now)
    }
}

/// Many, by key. Those that have rested long enough to have all their burst again are forgotten.
#[derive(Debug)]
pub struct Limits<K> {
    rate: Rate,
    due: Mutex<(HashMap<K, i64>, usize)>,
}

impl<K: Hash + Eq> Limits<K> {
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            due: Mutex::new((HashMap::new(), FEW)),
        }
    }

    pub fn take(&self, key: K, now: i64) -> Result<(), Duration> {
        self.count(key, now).1
    }

    /// The same, and what is left after it.
    pub fn count(&self, key: K, now: i64) -> (Standing, Result<(), Duration>) {
        let mut guard = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, many) = &mut *guard;
        if all.len() >= *many {
            all.retain(|_, due| *due > now);
            *many = FEW.max(all.len() * 2);
        }
        let due = all.entry(key).or_insert(now);
        let outcome = self.rate.take(due, now);
        (self.rate.standing(*due, now), outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_burst_then_one_at_a_time() {
        let limits = Limits::new(Rate::per_minute(60, 3));
        let now = 100 * SECOND;
        for _ in 0..3 {
            assert_eq!(limits.take("ann", now), Ok(()));
        }
        assert_eq!(limits.take("ann", now), Err(Duration::from_secs(1)));
        assert_eq!(limits.take("bea", now), Ok(()));
        assert_eq!(limits.take("ann", now + SECOND), Ok(()));
        assert!(limits.take("ann", now + SECOND).is_err());
        // A refusal costs nothing.
        assert_eq!(limits.take("ann", now + 2 * SECOND), Ok(()));
    }

    /// A minute holds sixty million microseconds, and so many a rate can tell apart.
    #[test]
    fn the_greatest_rate_is_one_a_microsecond() {
        let limits = Limits::new(Rate::per_minute(u32::MAX, u32::MAX));
        let (standing, outcome) = limits.count("ann", 100 * SECOND);
        assert_eq!((standing.limit, outcome), (u32::MAX, Ok(())));
    }

    #[test]
    fn what_is_left_is_told() {
        let limits = Limits::new(Rate::per_minute(60, 3));
        let now = 100 * SECOND;
        let left = |now| {
            let (standing, outcome) = limits.count("ann", now);
            (
                standing.limit,
                standing.remaining,
                standing.full_again.as_secs(),
                outcome.is_ok(),
            )
        };
        assert_eq!(left(now), (3, 2, 1, true));
        assert_eq!(left(now), (3, 1, 2, true));
        assert_eq!(left(now), (3, 0, 3, true));
        assert_eq!(left(now), (3, 0, 3, false));
        assert_eq!(left(now + 2 * SECOND), (3, 1, 2, true));
    }

    #[test]
    fn those_who_have_rested_are_forgotten() {
        let limits = Limits::new(Rate::per_minute(60, 1));
        for key in 0..FEW {
            assert_eq!(limits.take(key, 0), Ok(()));
        }
        assert_eq!(limits.take(FEW, 2 * SECOND), Ok(()));
        assert_eq!(limits.due.lock().unwrap().0.len(), 1);
    }
}
