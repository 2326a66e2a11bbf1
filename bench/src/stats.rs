//! Latencies and their percentiles.

use std::time::Duration;

#[derive(Default)]
pub(crate) struct Latencies(Vec<Duration>);

/// Milliseconds.
pub(crate) struct Summary {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Latencies {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    pub(crate) fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Nearest rank; NaN if there is nothing.
    pub(crate) fn summary(&mut self) -> Summary {
        self.0.sort_unstable();
        let at = |share: f64| {
            let rank = (share * self.0.len() as f64).ceil() as usize;
            self.0
                .get(rank.saturating_sub(1))
                .map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
        };
        Summary {
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            max: at(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut latencies = Latencies::default();
        for millis in (1..=1000).rev() {
            latencies.add(Duration::from_millis(millis));
        }
        let summary = latencies.summary();
        let found = [summary.p50, summary.p99, summary.p999, summary.max].map(|ms| ms.round() as u64);
        assert_eq!(found, [500, 990, 999, 1000]);
        assert!(Latencies::default().summary().p50.is_nan());
    }
}
