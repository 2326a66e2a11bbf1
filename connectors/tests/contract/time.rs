//! Signatures that carry a time are good for that long, in both directions; the others for ever.

use switchboard_connectors::{Connector, all};
use switchboard_domain::Timestamp;

use crate::parties::{account, now, refused, seconds, signed};

fn passes(connector: &dyn Connector, at: Timestamp) -> bool {
    let account = account(connector);
    let verdict = connector.verify(&account, signed(connector, &account), at);
    assert!(
        verdict.is_ok() || refused(&verdict),
        "{}: {verdict:?}",
        connector.channel()
    );
    verdict.is_ok()
}

#[test]
fn a_stale_or_future_timestamp_is_refused() {
    for connector in all() {
        let channel = connector.channel();
        let Some(lifetime) = connector.counterpart().scheme().expires_after else {
            continue;
        };
        assert!(
            passes(connector, now().plus(seconds(lifetime - 1))),
            "{channel}: not yet stale"
        );
        for too_far in [lifetime + 2, lifetime * 100] {
            assert!(
                !passes(connector, now().plus(seconds(too_far))),
                "{channel}: {too_far} s old"
            );
            assert!(
                !passes(connector, now().minus(seconds(too_far))),
                "{channel}: {too_far} s ahead"
            );
        }
    }
}

/// Providers repeat a webhook for days with the signature of the first attempt.
#[test]
fn a_signature_without_a_time_stays_good() {
    for connector in all() {
        if connector.counterpart().scheme().expires_after.is_none() {
            let weeks_later = now().plus(seconds(30 * 86_400));
            assert!(passes(connector, weeks_later), "{}", connector.channel());
        }
    }
}
