//! What holds for every connector, whatever its scheme: nothing unsigned, damaged or stale passes (P8), what passes
//! becomes events, and an answer of the provider becomes the same decision everywhere.
//!
//! Nothing here knows a channel: each connector's `counterpart()` plays its provider.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod bodies;
mod decisions;
mod fuzzing;
mod leaks;
mod misbehaving;
mod normalising;
mod parties;
mod provider;
mod signing;
mod time;

use switchboard_connectors::{Handshake, all, find};
use switchboard_domain::Channel;

use crate::parties::{account, without_secrets};

#[test]
fn every_channel_has_its_connector() {
    for channel in Channel::ALL {
        assert_eq!(find(*channel).channel(), *channel);
    }
    assert_eq!(all().count(), Channel::ALL.len());
}

#[test]
fn the_form_takes_the_accounts_that_work_and_no_others() {
    for connector in all() {
        let channel = connector.channel();
        let good = account(connector);
        assert_eq!(
            connector.check_account(&good.settings, &good.secrets),
            Ok(()),
            "{channel}"
        );
        for bare in without_secrets(connector) {
            let errors = connector
                .check_account(&bare.settings, &bare.secrets)
                .unwrap_err();
            let asked = errors.iter().any(|error| error.field == "secrets.signing_secret");
            assert!(asked, "{channel}: {errors:?}");
        }
        let mut elsewhere = account(connector);
        elsewhere.settings.api_base_url = Some("file:///etc/passwd".to_owned());
        let verdict = connector.check_account(&elsewhere.settings, &elsewhere.secrets);
        assert!(
            verdict.is_err() || !connector.capabilities().can_send,
            "{channel}"
        );
    }
}

#[test]
fn no_token_is_guessed_by_a_handshake() {
    for connector in all() {
        let channel = connector.channel();
        let accounts = without_secrets(connector).into_iter().chain([account(connector)]);
        for account in accounts {
            for query in [
                "",
                "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
                "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
                "hub.mode=subscribe&hub.challenge=1",
                "challenge=1&token=",
                "%",
            ] {
                let answer = connector.handshake(&account, query);
                assert!(!matches!(answer, Handshake::Answer { .. }), "{channel}: {query}");
            }
        }
    }
}
