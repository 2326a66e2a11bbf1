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
    pub conversations_days: u32,
    pub customers_days: u32,
    pub orders_days: u32,
    pub files_days: u32,
    pub unused_files_days: u32,
    pub event_log_days: u32,
    pub routing_decisions_days: u32,
    pub shadow_comparisons_days: u32,
    pub deliveries_days: u32,
    pub presence_sessions_days: u32,
    pub dead_letters_days: u32,
}

impl Retention {
    pub fn times(&self) -> Times {
        Times {
            conversations: days(self.conversations_days),
            customers: days(self.customers_days),
            orders: days(self.orders_days),
            files: days(self.files_days),
            unused_files: days(self.unused_files_days),
            event_log: days(self.event_log_days),
            routing_decisions: days(self.routing_decisions_days),
            shadow_comparisons: days(self.shadow_comparisons_days),
            deliveries: days(self.deliveries_days),
            presence_sessions: days(self.presence_sessions_days),
            dead_letters: days(self.dead_letters_days),
        }
    }

    pub fn check(&self) -> Result<(), ConfigError> {
        let all = [
            self.conversations_days,
            self.customers_days,
            self.orders_days,
            self.files_days,
            self.unused_files_days,
            self.event_log_days,
            self.routing_decisions_days,
            self.shadow_comparisons_days,
            self.deliveries_days,
            self.presence_sessions_days,
            self.dead_letters_days,
        ];
        if all.iter().any(|days| *days > MOST_DAYS) {
            return Err(ConfigError::Unsafe(
                "a number of days in [retention] is beyond 20000; to keep something for ever, say 0",
            ));
        }
        if (1..LEAST_DAYS_OF_CONVERSATIONS).contains(&self.conversations_days) {
            return Err(ConfigError::Unsafe(
                "retention.conversations_days has to be 8 or more (or 0, for ever): providers repeat webhooks for a week, and what they bring again of a conversation that is gone would open it anew",
            ));
        }
        Ok(())
    }
}

fn days(days: u32) -> Option<Duration> {
    (days > 0).then(|| Duration::from_hours(24 * u64::from(days)))
}
