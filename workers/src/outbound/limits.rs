//! How fast an account may send, and when to leave it alone for a while.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use switchboard_connectors::Capabilities;
use switchboard_domain::{AccountKey, Channel, Timestamp};

/// Failures in a row that open the breaker.
const FAILURES: u32 = 5;
/// How long it stays open.
const OPEN_FOR: Duration = Duration::from_secs(10);

/// Rate limits by channel and account, and one circuit breaker per account.
#[derive(Default)]
pub struct Limits {
    rates: Mutex<HashMap<Channel, std::sync::Arc<DefaultKeyedRateLimiter<AccountKey>>>>,
    breakers: Mutex<HashMap<AccountKey, Breaker>>,
}

#[derive(Default)]
struct Breaker {
    failures: u32,
    open_until: Option<Timestamp>,
    /// The provider said when it takes messages of this account again.
    paused_until: Option<Timestamp>,
}

impl Limits {
    /// How long to wait before this account may send; `None`: now, and that send is counted.
    pub fn wait(
        &self,
        account: &AccountKey,
        capabilities: &Capabilities,
        now: Timestamp,
    ) -> Option<Duration> {
        if let Some(until) =
            self.with_breaker(account, |breaker| breaker.open_until.max(breaker.paused_until))
            && now < until
        {
            return Some(until.since(now));
        }
        let rate = {
            let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
            let quota = Quota::per_second(capabilities.sends_per_second);
            std::sync::Arc::clone(
                rates
                    .entry(account.channel)
                    .or_insert_with(|| RateLimiter::keyed(quota).into()),
            )
        };
        rate.check_key(account)
            .err()
            .map(|not_until| not_until.wait_time_from(rate.clock().now()))
    }

    /// The provider answered, whatever it said.
    pub fn succeeded(&self, account: &AccountKey) {
        // What was under way when the provider asked for a pause ends none.
        self.with_breaker(account, |breaker| {
            *breaker = Breaker {
                paused_until: breaker.paused_until,
                ..Breaker::default()
            };
        });
    }

    /// The provider isn't there: after a few of these it is left alone for a while.
    pub fn failed(&self, account: &AccountKey, now: Timestamp) {
        self.with_breaker(account, |breaker| {
            breaker.failures += 1;
            if breaker.failures >= FAILURES {
                breaker.failures = 0;
                breaker.open_until = Some(now.plus(OPEN_FOR));
            }
        });
    }

    /// The provider takes nothing more of this account before `until`; the later of two such times counts.
    pub fn paused(&self, account: &AccountKey, until: Timestamp) {
        self.with_breaker(account, |breaker| {
            breaker.paused_until = breaker.paused_until.max(Some(until));
        });
    }

    fn with_breaker<T>(&self, account: &AccountKey, look: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        look(breakers.entry(account.clone()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use switchboard_connectors as connectors;

    use super::*;

    #[test]
    fn a_provider_that_is_gone_is_left_alone_and_tried_again() {
        let limits = Limits::default();
        let account = AccountKey {
            channel: Channel::Whatsapp,
            account_id: "a".into(),
        };
        let other = AccountKey {
            channel: Channel::Whatsapp,
            account_id: "b".into(),
        };
        let capabilities = connectors::find(Channel::Whatsapp).capabilities();
        let now = Timestamp::from_secs(1_760_000_000);
        for _ in 0..FAILURES {
            assert_eq!(limits.wait(&account, capabilities, now), None);
            limits.failed(&account, now);
        }
        assert_eq!(limits.wait(&account, capabilities, now), Some(OPEN_FOR));
        assert_eq!(limits.wait(&other, capabilities, now), None);
        assert_eq!(limits.wait(&account, capabilities, now.plus(OPEN_FOR)), None);
    }

    #[test]
    fn a_pause_that_the_provider_asks_for_holds_for_the_whole_account() {
        let limits = Limits::default();
        let account = |id: &str| AccountKey {
            channel: Channel::X,
            account_id: id.into(),
        };
        let capabilities = connectors::find(Channel::X).capabilities();
        let now = Timestamp::from_secs(1_760_000_000);
        let pause = Duration::from_mins(5);
        limits.paused(&account("a"), now.plus(pause));
        limits.paused(&account("a"), now.plus(Duration::from_secs(1)));
        limits.succeeded(&account("a"));
        assert_eq!(limits.wait(&account("a"), capabilities, now), Some(pause));
        assert_eq!(limits.wait(&account("b"), capabilities, now), None);
        assert_eq!(limits.wait(&account("a"), capabilities, now.plus(pause)), None);
    }

    #[test]
    fn an_account_sends_no_faster_than_its_channel_allows() {
        let limits = Limits::default();
        let account = AccountKey {
            channel: Channel::Whatsapp,
            account_id: "a".into(),
        };
        let capabilities = connectors::find(Channel::Whatsapp).capabilities();
        let now = Timestamp::from_secs(1_760_000_000);
        let at_once = (0..10_000)
            .filter(|_| limits.wait(&account, capabilities, now).is_none())
            .count();
        let per_second = capabilities.sends_per_second.get() as usize;
        assert!((per_second..per_second * 3).contains(&at_once), "{at_once}");
    }
}
