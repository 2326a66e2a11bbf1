//! How a channel account is doing, told from what last happened on it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{MessageError, Timestamp};

/// Refusals of webhooks say something about the account only while they are recent: anybody can post to its address.
const REFUSALS_COUNT_FOR: Duration = Duration::from_hours(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    Connected,
    /// The provider's last webhooks were refused here, or it didn't take our last message.
    Degraded,
    /// The provider refused our credentials, and has accepted none since.
    TokenExpired,
    /// No webhook came for longer than is usual.
    WebhookSilent,
}

/// Something that went wrong on an account. The time comes first: of two the later one is the greater.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Trouble {
    pub at: Timestamp,
    pub code: String,
    pub message: String,
}

impl Trouble {
    pub fn new(error: MessageError, at: Timestamp) -> Self {
        Self {
            at,
            code: error.code,
            message: error.message,
        }
    }
}

/// The last time of each thing that can happen on an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountTrail {
    /// A webhook was worked.
    pub webhook_at: Option<Timestamp>,
    /// The provider took a message.
    pub sent_at: Option<Timestamp>,
    /// The provider accepted our credentials, for a message or when it was asked.
    pub authorised_at: Option<Timestamp>,
    /// A webhook was refused at the door.
    pub webhook_refused: Option<Trouble>,
    /// The provider didn't take a message, for reasons that aren't the message's.
    pub send_failed: Option<Trouble>,
    /// The provider refused our credentials.
    pub token_rejected: Option<Trouble>,
}

/// What the API and readiness say of an account.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AccountHealth {
    pub state: HealthState,
    pub last_webhook_at: Option<Timestamp>,
    pub last_sent_at: Option<Timestamp>,
    /// The latest trouble, whether it is over or not.
    pub last_error: Option<Trouble>,
}

impl AccountTrail {
    /// Of each the later one.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            webhook_at: self.webhook_at.max(other.webhook_at),
            sent_at: self.sent_at.max(other.sent_at),
            authorised_at: self.authorised_at.max(other.authorised_at),
            webhook_refused: later(self.webhook_refused, other.webhook_refused),
            send_failed: later(self.send_failed, other.send_failed),
            token_rejected: later(self.token_rejected, other.token_rejected),
        }
    }

    /// `since`: when the account was connected or last changed: waiting for webhooks began then, and troubles before it
    /// were those of other settings. `silence`:
    /// how long none may come; `None` where that says nothing.
    pub fn health(&self, since: Timestamp, silence: Option<Duration>, now: Timestamp) -> AccountHealth {
        AccountHealth {
            state: self.state(since, silence, now),
            last_webhook_at: self.webhook_at,
            last_sent_at: self.sent_at,
            last_error: [&self.webhook_refused, &self.send_failed, &self.token_rejected]
                .into_iter()
                .flatten()
                .max_by_key(|trouble| trouble.at)
                .cloned(),
        }
    }

    fn state(&self, since: Timestamp, silence: Option<Duration>, now: Timestamp) -> HealthState {
        let stands = |trouble: &Option<Trouble>, until: Option<Timestamp>| {
            trouble
                .as_ref()
                .is_some_and(|trouble| trouble.at > since && until.is_none_or(|until| trouble.at > until))
        };
        let refusing = stands(&self.webhook_refused, self.webhook_at)
            && self
                .webhook_refused
                .as_ref()
                .is_some_and(|refused| now.since(refused.at) < REFUSALS_COUNT_FOR);
        if stands(&self.token_rejected, self.authorised_at) {
            HealthState::TokenExpired
        } else if refusing || stands(&self.send_failed, self.sent_at.max(self.authorised_at)) {
            HealthState::Degraded
        } else if silence
            .is_some_and(|silence| now.since(self.webhook_at.unwrap_or(since).max(since)) > silence)
        {
            HealthState::WebhookSilent
        } else {
            HealthState::Connected
        }
    }
}

fn later(one: Option<Trouble>, other: Option<Trouble>) -> Option<Trouble> {
    [one, other]
        .into_iter()
        .flatten()
        .max_by_key(|trouble| trouble.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTED: fn() -> Timestamp = Timestamp::default;
    const DAY: Duration = Duration::from_hours(24);

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn trouble(secs: i64) -> Trouble {
        Trouble {
            at: at(secs),
            code: "x".into(),
            message: "It went wrong.".into(),
        }
    }

    fn state(trail: &AccountTrail, now: i64) -> HealthState {
        trail.health(CONNECTED(), Some(DAY), at(now)).state
    }

    #[test]
    fn an_account_is_connected_until_something_says_otherwise() {
        assert_eq!(state(&AccountTrail::default(), 60), HealthState::Connected);
    }

    #[test]
    fn a_refused_token_stays_so_until_one_is_accepted() {
        let mut trail = AccountTrail {
            sent_at: Some(at(5)),
            authorised_at: Some(at(5)),
            token_rejected: Some(trouble(10)),
            ..AccountTrail::default()
        };
        assert_eq!(state(&trail, 60), HealthState::TokenExpired);
        assert_eq!(state(&trail, 500_000), HealthState::TokenExpired);
        trail.authorised_at = Some(at(11));
        assert_eq!(state(&trail, 60), HealthState::Connected);
        assert_eq!(
            trail.health(CONNECTED(), None, at(60)).last_error,
            Some(trouble(10)),
            "what happened is still told"
        );
    }

    #[test]
    fn new_settings_are_given_a_chance() {
        let trail = AccountTrail {
            token_rejected: Some(trouble(10)),
            send_failed: Some(trouble(10)),
            webhook_refused: Some(trouble(10)),
            ..AccountTrail::default()
        };
        assert_eq!(trail.health(at(9), None, at(60)).state, HealthState::TokenExpired);
        assert_eq!(trail.health(at(11), None, at(60)).state, HealthState::Connected);
    }

    #[test]
    fn a_failed_send_counts_until_one_succeeds() {
        let mut trail = AccountTrail {
            send_failed: Some(trouble(10)),
            ..AccountTrail::default()
        };
        assert_eq!(state(&trail, 60), HealthState::Degraded);
        trail.sent_at = Some(at(10));
        assert_eq!(state(&trail, 60), HealthState::Connected);
    }

    #[test]
    fn refused_webhooks_count_for_an_hour_or_until_one_is_taken() {
        let mut trail = AccountTrail {
            webhook_at: Some(at(1)),
            webhook_refused: Some(trouble(10)),
            ..AccountTrail::default()
        };
        assert_eq!(state(&trail, 60), HealthState::Degraded);
        assert_eq!(state(&trail, 10 + 3600), HealthState::Connected);
        trail.webhook_at = Some(at(11));
        assert_eq!(state(&trail, 60), HealthState::Connected);
    }

    #[test]
    fn silence_counts_from_the_last_webhook_or_from_the_beginning() {
        let day = 86_400;
        let mut trail = AccountTrail::default();
        assert_eq!(state(&trail, day), HealthState::Connected);
        assert_eq!(state(&trail, day + 1), HealthState::WebhookSilent);
        trail.webhook_at = Some(at(day));
        assert_eq!(state(&trail, day + 1), HealthState::Connected);
        assert_eq!(
            trail.health(at(day), Some(DAY), at(2 * day)).state,
            HealthState::Connected
        );
        assert_eq!(
            trail.health(CONNECTED(), None, at(9 * day)).state,
            HealthState::Connected
        );
    }

    #[test]
    fn merging_keeps_the_later_of_each() {
        let one = AccountTrail {
            webhook_at: Some(at(1)),
            send_failed: Some(trouble(9)),
            ..AccountTrail::default()
        };
        let other = AccountTrail {
            webhook_at: Some(at(2)),
            send_failed: Some(trouble(3)),
            sent_at: Some(at(4)),
            ..AccountTrail::default()
        };
        let merged = one.clone().merge(other.clone());
        assert_eq!(merged, other.merge(one));
        assert_eq!((merged.webhook_at, merged.sent_at), (Some(at(2)), Some(at(4))));
        assert_eq!(merged.send_failed, Some(trouble(9)));
    }
}
