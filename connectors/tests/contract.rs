//! What holds for every connector: nothing unsigned, damaged or malformed passes (P8).
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use switchboard_connectors::{
    Connector, Handshake, RawRequest, Rejected, StoredRequest, Verified, find,
    signature::{Encoding, hmac_sha256},
};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Channel, ChannelAccount, Secret, Timestamp,
};

const SECRET: &str = "the-app-secret";

/// How each provider signs, in the test's own words.
struct Scheme {
    header: &'static str,
    sign: fn(&Secret, &[u8]) -> String,
}

/// Mail has tests of its own.
fn all() -> impl Iterator<Item = &'static dyn Connector> {
    switchboard_connectors::all().filter(|connector| !connector.channel().is_email())
}

fn scheme(_channel: Channel) -> Scheme {
    Scheme {
        header: "x-hub-signature-256",
        sign: |secret, body| format!("sha256={}", hmac_sha256(secret, body, Encoding::LowerHex)),
    }
}

fn account(connector: &dyn Connector, secrets: &[(&str, &str)]) -> ChannelAccount {
    ChannelAccount {
        key: AccountKey {
            channel: connector.channel(),
            account_id: "account-1".to_owned(),
        },
        name: "Test".to_owned(),
        settings: AccountSettings::default(),
        secrets: AccountSecrets(
            secrets
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Secret::new(*text)))
                .collect(),
        ),
        team_id: None,
        branch_id: None,
        queue_id: None,
        enabled: true,
        created_at: now(),
        updated_at: now(),
    }
}

fn now() -> Timestamp {
    Timestamp::from_secs(1_760_000_000)
}

fn request(header: Option<(&str, &str)>, body: &[u8]) -> RawRequest {
    let mut headers = HeaderMap::new();
    if let Some((name, value)) = header {
        headers.insert(
            name.parse::<HeaderName>().unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body),
    }
}

/// The verdict on a body that is signed in the right way with `secret`.
fn signed(connector: &dyn Connector, secret: &str, body: &[u8]) -> Result<Verified, Rejected> {
    let scheme = scheme(connector.channel());
    let signature = (scheme.sign)(&Secret::new(secret), body);
    let account = account(connector, &[("signing_secret", SECRET)]);
    connector.verify(&account, request(Some((scheme.header, &signature)), body), now())
}

fn nested(levels: usize) -> Vec<u8> {
    format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1)).into_bytes()
}

#[test]
fn every_channel_has_its_connector() {
    for channel in Channel::ALL {
        assert_eq!(find(*channel).channel(), *channel);
    }
    assert_eq!(switchboard_connectors::all().count(), Channel::ALL.len());
}

#[test]
fn only_the_right_secret_passes() {
    for connector in all() {
        assert!(signed(connector, SECRET, b"{}").is_ok());
        for wrong in ["", "the-app-secre", "THE-APP-SECRET", "other"] {
            assert!(
                matches!(signed(connector, wrong, b"{}"), Err(Rejected::Unauthenticated(_))),
                "{}: {wrong:?}",
                connector.channel()
            );
        }
    }
}

#[test]
fn a_rotated_secret_passes_while_both_are_kept() {
    for connector in all() {
        let scheme = scheme(connector.channel());
        let account = account(
            connector,
            &[("signing_secret", "new"), ("previous_signing_secret", "old")],
        );
        for (secret, passes) in [("new", true), ("old", true), ("older", false)] {
            let signature = (scheme.sign)(&Secret::new(secret), b"{}");
            let verdict =
                connector.verify(&account, request(Some((scheme.header, &signature)), b"{}"), now());
            assert_eq!(verdict.is_ok(), passes, "{}: {secret}", connector.channel());
        }
    }
}

#[test]
fn any_flipped_byte_of_body_or_signature_is_noticed() {
    let body = br#"{"object":"x","entry":[]}"#;
    for connector in all() {
        let scheme = scheme(connector.channel());
        let account = account(connector, &[("signing_secret", SECRET)]);
        let signature = (scheme.sign)(&Secret::new(SECRET), body);
        for at in 0..body.len() {
            let mut flipped = *body;
            flipped[at] ^= 1;
            let verdict = connector.verify(
                &account,
                request(Some((scheme.header, &signature)), &flipped),
                now(),
            );
            assert!(
                matches!(verdict, Err(Rejected::Unauthenticated(_))),
                "body, byte {at}"
            );
        }
        for at in 0..signature.len() {
            let mut flipped = signature.clone().into_bytes();
            flipped[at] ^= 1;
            let flipped = String::from_utf8(flipped).unwrap();
            let verdict = connector.verify(&account, request(Some((scheme.header, &flipped)), body), now());
            assert!(
                matches!(verdict, Err(Rejected::Unauthenticated(_))),
                "signature, byte {at}"
            );
        }
    }
}

#[test]
fn a_missing_or_misshapen_signature_is_refused() {
    let body = b"{}";
    for connector in all() {
        let scheme = scheme(connector.channel());
        let good = (scheme.sign)(&Secret::new(SECRET), body);
        let account = account(connector, &[("signing_secret", SECRET)]);
        let upper = good.to_uppercase();
        let (half, bare) = (&good[..good.len() / 2], good.trim_start_matches("sha256="));
        let headers = [
            None,
            Some((scheme.header, "")),
            Some((scheme.header, "sha256=")),
            Some((scheme.header, " ")),
            Some((scheme.header, half)),
            Some((scheme.header, bare)),
            Some((scheme.header, upper.as_str())),
            Some(("x-hub-signature", "sha1=f7bc83f430538424b13298e6aa6fb143ef4d59a1")),
            Some(("x-hub-signature", good.as_str())),
        ];
        for header in headers {
            let verdict = connector.verify(&account, request(header, body), now());
            assert!(
                matches!(verdict, Err(Rejected::Unauthenticated(_))),
                "{}: {header:?}",
                connector.channel()
            );
        }
    }
}

#[test]
fn an_account_without_a_secret_takes_nothing() {
    for connector in all() {
        let scheme = scheme(connector.channel());
        let by_empty = (scheme.sign)(&Secret::new(""), b"{}");
        for secrets in [&[][..], &[("signing_secret", "")][..]] {
            let account = account(connector, secrets);
            let verdict = connector.verify(&account, request(Some((scheme.header, &by_empty)), b"{}"), now());
            assert!(matches!(verdict, Err(Rejected::Misconfigured(_))));
            let errors = connector
                .check_account(&account.settings, &account.secrets)
                .unwrap_err();
            assert!(errors.iter().any(|error| error.field == "secrets.signing_secret"));
        }
    }
}

#[test]
fn signed_nonsense_is_malformed_and_unsigned_nonsense_is_not_even_looked_at() {
    let bodies = [
        Vec::new(),
        b"garbage".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        br#"{"object":"x","entry":["#.to_vec(),
        b"{\"a\":\"\xff\xfe\"}".to_vec(),
        nested(129),
        nested(100_000),
        [b"{\"a\":".to_vec(), vec![b'['; 1_000_000]].concat(),
    ];
    for connector in all() {
        for body in &bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert!(
                matches!(signed(connector, SECRET, body), Err(Rejected::Malformed(_))),
                "{}: {shown}",
                connector.channel()
            );
            assert!(
                matches!(
                    signed(connector, "other", body),
                    Err(Rejected::Unauthenticated(_))
                ),
                "{}: {shown}",
                connector.channel()
            );
        }
        assert!(signed(connector, SECRET, &nested(128)).is_ok());
    }
}

#[test]
fn what_is_stored_comes_back_and_normalises_the_same() {
    for connector in all() {
        let verified = signed(connector, SECRET, br#"{"entry":[{"changes":[1,2]},3]}"#).unwrap();
        let StoredRequest { headers, body } = verified.to_stored();
        let restored = Verified::restore(StoredRequest { headers, body });
        let events = connector.normalise(&verified, now());
        assert!(!events.is_empty());
        assert_eq!(connector.normalise(&restored, now()), events);
    }
}

#[test]
fn no_token_is_guessed_by_a_handshake() {
    for connector in all() {
        for secrets in [
            &[][..],
            &[("verify_token", "")][..],
            &[("verify_token", "right")][..],
        ] {
            let account = account(connector, secrets);
            for query in [
                "",
                "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
                "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
                "hub.mode=subscribe&hub.challenge=1",
                "%",
            ] {
                let answer = connector.handshake(&account, query);
                assert!(
                    !matches!(answer, Handshake::Answer { .. }),
                    "{}: {query}",
                    connector.channel()
                );
            }
        }
    }
}
