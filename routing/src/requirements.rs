//! Which of a conversation's requirements hold at its age.

use std::time::Duration;

use switchboard_domain::Requirement;

/// The requirements that still hold after `age`.
///
/// Tier 0 never drops. A tier drops whole, when the first of its members expires, and never before the tiers above
/// it: those drop with it if their own time hasn't come (Zendesk and Salesforce drop the least important first).
/// Dropping therefore only ever widens the choice.
pub fn holding(requirements: &[Requirement], age: Duration) -> Vec<&Requirement> {
    let lowest_expired = requirements
        .iter()
        .filter(|each| each.tier > 0 && expiry(each).is_some_and(|expiry| expiry <= age))
        .map(|each| each.tier)
        .min();
    requirements
        .iter()
        .filter(|each| lowest_expired.is_none_or(|expired| each.tier < expired))
        .collect()
}

/// The age at which the next requirement drops.
pub(crate) fn next_drop(requirements: &[Requirement], age: Duration) -> Option<Duration> {
    holding(requirements, age)
        .into_iter()
        .filter(|each| each.tier > 0)
        .filter_map(expiry)
        .min()
}

fn expiry(requirement: &Requirement) -> Option<Duration> {
    requirement
        .expires_after_secs
        .map(|secs| Duration::from_secs(u64::from(secs)))
}
