//! `[retention]`: how long what is kept.

use std::time::Duration;

use serde::Deserialize;
use switchboard_domain::Retention as Times;

use super::ConfigError;

/// MongoDB counts in seconds of 31 bits.
const MOST_DAYS: u32 = 20_000;
/// Providers repeat webhooks for a week.
const LEAST_DAYS_OF_CONVERSATIONS: u32 = 8;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the file, which tell their unit"
)]
pub struct Retention {
    pub conversations_days: Days,
    pub customers_days: Days,
    pub orders_days: Days,
    pub files_days: Days,
    pub unused_files_days: Days,
    pub event_log_days: Days,
    pub routing_decisions_days: Days,
    pub shadow_comparisons_days: Days,
    pub deliveries_days: Days,
    pub presence_sessions_days: Days,
    pub dead_letters_days: Days,
}

impl Retention {
    pub fn times(&self) -> Times {
        Times {
            conversations: self.conversations_days.time(),
            customers: self.customers_days.time(),
            orders: self.orders_days.time(),
            files: self.files_days.time(),
            unused_files: self.unused_files_days.time(),
            event_log: self.event_log_days.time(),
            routing_decisions: self.routing_decisions_days.time(),
            shadow_comparisons: self.shadow_comparisons_days.time(),
            deliveries: self.deliveries_days.time(),
            presence_sessions: self.presence_sessions_days.time(),
            dead_letters: self.dead_letters_days.time(),
        }
    }

    pub fn check(&self) -> Result<(), ConfigError> {
        if (1..LEAST_DAYS_OF_CONVERSATIONS).contains(&self.conversations_days.0) {
            return Err(ConfigError::Unsafe(
                "retention.conversations_days has to be 8 or more (or 0, for ever): providers repeat webhooks for a week, and what they bring again of a conversation that is gone would open it anew",
            ));
        }
        Ok(())
    }
}

/// At most [`MOST_DAYS`]; 0 is for ever.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub struct Days(u32);

impl TryFrom<u32> for Days {
    type Error = &'static str;

    fn try_from(days: u32) -> Result<Self, &'static str> {
        if days > MOST_DAYS {
            return Err("more than 20000 days; to keep something for ever, say 0");
        }
        Ok(Self(days))
    }
}

impl Days {
    fn time(self) -> Option<Duration> {
        (self.0 > 0).then(|| Duration::from_hours(24 * u64::from(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_longer_than_mongodb_can_count_and_nought_is_for_ever() {
        assert!(Days::try_from(MOST_DAYS + 1).is_err());
        assert_eq!(Days::try_from(0).unwrap().time(), None);
        assert_eq!(Days::try_from(2).unwrap().time(), Some(Duration::from_hours(48)));
        let seconds = Days::try_from(MOST_DAYS).unwrap().time().unwrap().as_secs();
        assert!(i32::try_from(seconds).is_ok());
    }
}
