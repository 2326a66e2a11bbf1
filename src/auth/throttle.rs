//! How often an attempt to sign in may fail: counted before it is tried, taken back when it succeeds.

use std::{net::IpAddr, time::Duration};

use http::StatusCode;
use sha2::{Digest, Sha256};
use switchboard_domain::{CodeFactor, CodeWay, UserId};
use switchboard_queue::Allowance;

use crate::{app::App, error::ApiError};

/// What is counted for one attempt.
pub struct Attempt {
    counters: Vec<(String, Allowance)>,
}

impl Attempt {
    /// Somebody at this address says they are `email`.
    pub fn sign_in(app: &App, ip: IpAddr, email: &str) -> Self {
        let limits = &app.config.limits;
        let counters = vec![
            (
                format!("sign-in:ip:{}", network(ip)),
                limits.sign_in_per_address.into(),
            ),
            (
                format!("sign-in:email:{}", digest(email)),
                limits.sign_in_per_email.into(),
            ),
        ];
        Self { counters }
    }

    /// Somebody at this address says that they were sent a link.
    pub fn link(app: &App, ip: IpAddr) -> Self {
        let allowance = app.config.limits.sign_in_per_address.into();
        Self {
            counters: vec![(format!("link:ip:{}", network(ip)), allowance)],
        }
    }

    /// Somebody at this address says that `email` has forgotten their password. Never taken back: each is a letter.
    pub fn reset(app: &App, ip: IpAddr, email: &str) -> Self {
        let allowance: Allowance = app.config.limits.password_reset.into();
        let counters = vec![
            (format!("reset:ip:{}", network(ip)), allowance),
            (format!("reset:email:{}", digest(email)), allowance),
        ];
        Self { counters }
    }

    /// A second factor is tried.
    pub fn second_factor(app: &App, user: &UserId) -> Self {
        let allowance = app.config.limits.second_factor_per_user.into();
        Self {
            counters: vec![(format!("second-factor:{user}"), allowance)],
        }
    }

    /// A code is to be sent. Never taken back: each is a letter or an SMS.
    pub fn code(app: &App, ip: IpAddr, factor: &CodeFactor) -> Self {
        let limits = &app.config.limits;
        let receiver = digest(&factor.to);
        let mut counters = vec![
            (
                format!("code:ip:{}", network(ip)),
                limits.codes_per_address.into(),
            ),
            (format!("code:to:{receiver}"), limits.codes_per_receiver.into()),
        ];
        if factor.way == CodeWay::Sms {
            counters.push(("code:sms".to_owned(), limits.codes_by_sms.into()));
        }
        Self { counters }
    }

    /// The same as [`Self::begin`] for what costs money: 503 if it can't be counted.
    pub async fn begin_counted(&self, app: &App) -> Result<(), ApiError> {
        match app.redis.limits().count(&self.counters()).await {
            Ok(None) => Ok(()),
            Ok(Some(wait)) => Err(too_many(wait)),
            Err(error) => Err(ApiError::unavailable(&error)),
        }
    }

    /// 429 if there were too many. Without Redis nothing is counted: people have to get in while it is away, and passwords
    /// are checked only a few at a time.
    pub async fn begin(&self, app: &App) -> Result<(), ApiError> {
        let wait = app.redis.limits().count(&self.counters()).await;
        let Ok(Some(wait)) = wait else { return Ok(()) };
        Err(too_many(wait))
    }

    /// It succeeded.
    pub async fn forgive(&self, app: &App) {
        let _ = app.redis.limits().take_back(&self.counters()).await;
    }

    fn counters(&self) -> Vec<(&str, Allowance)> {
        let counters = self.counters.iter();
        counters
            .map(|(name, allowance)| (name.as_str(), *allowance))
            .collect()
    }
}

fn too_many(wait: Duration) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_attempts",
        "Too many attempts. Wait a moment, then try again.",
    );
    error.retry_after = Some(wait);
    error
}

/// Whoever has an IPv6 address has at least 2^64 of them (RFC 4291, section 2.5.4).
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
    }
}

/// What people type doesn't become part of a key.
fn digest(email: &str) -> String {
    hex::encode(&Sha256::digest(email.trim().to_lowercase().as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_changes_addresses_within_a_network_stays_the_same() {
        let network = |text: &str| super::network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(digest(" Ann@Example.com"), digest("ann@example.com"));
    }
}
