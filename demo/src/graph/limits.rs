//! Meta's rate limits: one for the number, one for each pair of number and customer.

use std::{collections::HashMap, time::Duration};

use switchboard_domain::Timestamp;

use crate::options::FakeGraphOptions;

use super::GraphError;

/// The pair limit's time: one message in six seconds, with a burst.
const PAIR_PERIOD: Duration = Duration::from_secs(6);
/// Buckets of customers kept before the full ones are forgotten.
const PAIRS: usize = 10_000;

#[derive(Default)]
pub(crate) struct Limits {
    number: Option<Bucket>,
    pairs: HashMap<String, Bucket>,
}

/// Holds up to `size` sends and gets one back every `refill`.
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Bucket {
    fn full(size: u32, now: Timestamp) -> Self {
        Self {
            left: f64::from(size),
            at: now,
        }
    }

    fn fill(&mut self, size: u32, refill: Duration, now: Timestamp) {
        let gained = now.since(self.at).as_secs_f64() / refill.as_secs_f64();
        self.left = (self.left + gained).min(f64::from(size));
        self.at = now;
    }

    fn take(&mut self, size: u32, refill: Duration, now: Timestamp) -> bool {
        self.fill(size, refill, now);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

impl Limits {
    /// Counts one send to `wa_id`, or says which limit it would break.
    pub(crate) fn take(
        &mut self,
        options: &FakeGraphOptions,
        wa_id: &str,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let size = options.messages_per_second;
        if size > 0 {
            let refill = Duration::from_secs(1) / size;
            let bucket = self.number.get_or_insert_with(|| Bucket::full(size, now));
            if !bucket.take(size, refill, now) {
                return Err(GraphError::of(130_429).details("Cloud API message throughput has been reached."));
            }
        }
        let size = options.pair_burst;
        if size == 0 {
            return Ok(());
        }
        if self.pairs.len() >= PAIRS {
            self.pairs.retain(|_, bucket| {
                bucket.fill(size, PAIR_PERIOD, now);
                bucket.left < f64::from(size)
            });
        }
        let bucket = self
            .pairs
            .entry(wa_id.to_owned())
            .or_insert_with(|| Bucket::full(size, now));
        if bucket.take(size, PAIR_PERIOD, now) {
            return Ok(());
        }
        Err(GraphError::of(131_056).details(
            "Message failed to send because there were too many messages sent from this phone number to the same \
             phone number in a short period of time.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gets_its_rate_and_a_pair_its_burst() {
        let mut options = FakeGraphOptions::quiet("http://127.0.0.1:1");
        options.messages_per_second = 10;
        options.pair_burst = 2;
        let mut limits = Limits::default();
        let start = Timestamp::from_secs(1_760_000_000);
        let code = |limits: &mut Limits, to: &str, at| {
            limits.take(&options, to, at).err().map_or(0, |error| error.code)
        };
        assert_eq!(
            [0, 0],
            [code(&mut limits, "1", start), code(&mut limits, "1", start)]
        );
        assert_eq!(code(&mut limits, "1", start), 131_056);
        for n in 0..7 {
            assert_eq!(code(&mut limits, &format!("2{n}"), start), 0);
        }
        assert_eq!(code(&mut limits, "9", start), 130_429);
        assert_eq!(code(&mut limits, "9", start.plus(Duration::from_millis(150))), 0);
        assert_eq!(code(&mut limits, "1", start.plus(Duration::from_secs(7))), 0);
        assert_eq!(
            code(&mut limits, "1", start.plus(Duration::from_secs(7))),
            131_056
        );
    }
}
