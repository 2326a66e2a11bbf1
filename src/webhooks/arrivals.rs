//! Arrival ids: microseconds of our clock, made unique and increasing within the process.

use std::sync::atomic::{AtomicI64, Ordering};

use switchboard_domain::{Arrival, Clock};

/// Gives every webhook its [`Arrival`].
pub struct Arrivals {
    clock: Clock,
    last: AtomicI64,
}

impl Arrivals {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            last: AtomicI64::new(0),
        }
    }

    /// Later than any given before, even if the clock stands still or is set back.
    pub fn next(&self) -> Arrival {
        let now = self.clock.micros();
        let next = |last: i64| now.max(last + 1);
        let last = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        Arrival::from_micros(next(last.unwrap_or(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_grow_while_the_clock_stands_still_or_goes_back() {
        use std::sync::{Arc, atomic::AtomicI64};
        let now = Arc::new(AtomicI64::new(100));
        let clock = {
            let now = now.clone();
            Clock::from_fn(move || now.load(Ordering::Relaxed))
        };
        let arrivals = Arrivals::new(clock);
        let given: Vec<i64> = [100, 100, 50, 200, 200]
            .into_iter()
            .map(|micros| {
                now.store(micros, Ordering::Relaxed);
                arrivals.next().micros()
            })
            .collect();
        assert_eq!(given, [100, 101, 102, 200, 201]);
    }

    #[test]
    fn no_two_threads_get_the_same() {
        let arrivals = Arrivals::new(Clock::from_fn(|| 7));
        let mut all: Vec<i64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..1000).map(|_| arrivals.next().micros()).collect::<Vec<_>>()))
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4000);
    }
}
