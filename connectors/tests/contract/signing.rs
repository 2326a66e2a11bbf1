//! Only what the provider signed passes.

use http::HeaderName;
use switchboard_connectors::{Connector, RawRequest, Rejected, all};
use switchboard_domain::{ChannelAccount, Secret};

use crate::parties::{account, changed, now, refused, signed, unsigned, without_secrets};

/// Positions tried in a body; all of a shorter one.
const SAMPLES: usize = 64;

fn names(connector: &dyn Connector) -> impl Iterator<Item = HeaderName> {
    let headers = connector.counterpart().scheme().headers.iter();
    headers.map(|name| name.parse().unwrap())
}

#[test]
fn the_right_signature_passes() {
    for connector in all() {
        let account = account(connector);
        let request = signed(connector, &account);
        for name in names(connector) {
            assert!(
                request.headers.contains_key(&name),
                "{}: {name}",
                connector.channel()
            );
        }
        let body = request.body.clone();
        let verified = connector.verify(&account, request, now()).unwrap();
        assert_eq!(
            verified.body(),
            &body,
            "{}: these bytes and no others",
            connector.channel()
        );
    }
}

#[test]
fn an_unsigned_request_is_unauthenticated() {
    for connector in all() {
        let body = connector.counterpart().message().body;
        let verdict = connector.verify(&account(connector), unsigned(connector, &body), now());
        let unauthenticated = matches!(verdict, Err(Rejected::Unauthenticated(_)));
        // A proof that is a field of the body may be missed while the body is read.
        let proof_in_body = connector.counterpart().scheme().headers.is_empty() && refused(&verdict);
        assert!(
            unauthenticated || proof_in_body,
            "{}: {verdict:?}",
            connector.channel()
        );
    }
}

/// Of a public key, one character changed may leave no key at all: that is a fault of the account, and refused.
#[test]
fn another_secret_passes_nothing() {
    for connector in all() {
        let good = account(connector);
        let mut other = good.clone();
        for secret in other.secrets.0.values_mut() {
            *secret = changed(secret);
        }
        let verdict = connector.verify(&other, signed(connector, &good), now());
        assert!(verdict.is_err(), "{}", connector.channel());
    }
}

#[test]
fn an_account_without_a_secret_takes_nothing() {
    for connector in all() {
        let good = account(connector);
        for bare in without_secrets(connector) {
            let verdict = connector.verify(&bare, signed(connector, &good), now());
            let misconfigured = matches!(verdict, Err(Rejected::Misconfigured(_)));
            assert!(misconfigured, "{}: {verdict:?}", connector.channel());
            let body = connector.counterpart().message().body;
            for request in [unsigned(connector, &body), signed(connector, &bare)] {
                let verdict = connector.verify(&bare, request, now());
                assert!(verdict.is_err(), "{}", connector.channel());
            }
        }
    }
}

#[test]
fn a_rotated_secret_passes_while_both_are_kept() {
    for connector in all() {
        let channel = connector.channel();
        let good = account(connector);
        let old = good.secrets.signing_secret().unwrap().clone();
        let with = |signing: Secret, previous: Secret| {
            let mut account = good.clone();
            let secrets = &mut account.secrets.0;
            secrets.insert("signing_secret".to_owned(), signing);
            secrets.insert("previous_signing_secret".to_owned(), previous);
            account
        };
        let passes = |account: &ChannelAccount| {
            let request = signed(connector, &good);
            connector.verify(account, request, now()).is_ok()
        };
        assert!(
            passes(&with(changed(&old), old.clone())),
            "{channel}: by the previous one"
        );
        assert!(
            passes(&with(Secret::new("?"), old.clone())),
            "{channel}: a broken one shuts nobody out"
        );
        assert!(
            passes(&with(old.clone(), changed(&old))),
            "{channel}: by the current one"
        );
        assert!(
            passes(&with(old.clone(), Secret::new(""))),
            "{channel}: an empty one is none"
        );
        assert!(
            !passes(&with(changed(&old), Secret::new(""))),
            "{channel}: by neither"
        );
    }
}

#[test]
fn each_header_of_the_scheme_is_needed_whole() {
    for connector in all() {
        let account = account(connector);
        for name in names(connector) {
            let good = signed(connector, &account);
            let value = good.headers[&name].to_str().unwrap().to_owned();
            let half = value[..value.len() / 2].to_owned();
            for given in [
                None,
                Some(""),
                Some(" "),
                Some("nonsense"),
                Some("="),
                Some(half.as_str()),
            ] {
                let mut request = good.clone();
                request.headers.remove(&name);
                if let Some(given) = given {
                    request.headers.insert(&name, given.parse().unwrap());
                }
                let verdict = connector.verify(&account, request, now());
                let unauthenticated = matches!(verdict, Err(Rejected::Unauthenticated(_)));
                assert!(
                    unauthenticated,
                    "{}: {name}: {given:?}: {verdict:?}",
                    connector.channel()
                );
            }
            let mut binary = good.clone();
            binary
                .headers
                .insert(&name, http::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
            let verdict = connector.verify(&account, binary, now());
            assert!(
                matches!(verdict, Err(Rejected::Unauthenticated(_))),
                "{name}: {verdict:?}"
            );
        }
    }
}

#[test]
fn any_changed_byte_of_a_header_is_noticed() {
    for connector in all() {
        let account = account(connector);
        for name in names(connector) {
            let good = signed(connector, &account);
            let value = good.headers[&name].as_bytes().to_vec();
            for at in 0..value.len() {
                let mut flipped = value.clone();
                flipped[at] ^= 1;
                // Another header altogether, or none: not what is tried here.
                let Ok(flipped) = http::HeaderValue::from_bytes(&flipped) else {
                    continue;
                };
                let mut request = good.clone();
                request.headers.insert(&name, flipped);
                let verdict = connector.verify(&account, request, now());
                assert!(refused(&verdict), "{}: {name}, byte {at}", connector.channel());
            }
        }
    }
}

#[test]
fn any_changed_byte_of_the_body_is_noticed() {
    for connector in all() {
        if !connector.counterpart().scheme().covers_body {
            continue;
        }
        let account = account(connector);
        let good = signed(connector, &account);
        let verify = |body: Vec<u8>| {
            let request = RawRequest {
                body: body.into(),
                ..good.clone()
            };
            connector.verify(&account, request, now())
        };
        for at in (0..good.body.len()).step_by(good.body.len().div_ceil(SAMPLES)) {
            let mut flipped = good.body.to_vec();
            flipped[at] ^= 1;
            let verdict = verify(flipped);
            assert!(
                refused(&verdict),
                "{}: byte {at}: {verdict:?}",
                connector.channel()
            );
        }
        let longer = [good.body.as_ref(), b"x"].concat();
        let shorter = good.body[..good.body.len() - 1].to_vec();
        for body in [longer, shorter] {
            assert!(refused(&verify(body)), "{}", connector.channel());
        }
    }
}

#[test]
fn a_changed_url_is_noticed() {
    for connector in all() {
        if !connector.counterpart().scheme().covers_url {
            continue;
        }
        let account = account(connector);
        let good = signed(connector, &account);
        let urls = [
            good.url.replace("hub.example.com", "hub.example.org"),
            good.url.replace("account-1", "account-2"),
            good.url.replace("https://", "http://"),
            format!("{}x", good.url),
            String::new(),
        ];
        for url in urls {
            let request = RawRequest {
                url: url.clone(),
                ..good.clone()
            };
            let verdict = connector.verify(&account, request, now());
            assert!(refused(&verdict), "{}: {url}", connector.channel());
        }
    }
}

/// Where the proof stands in a body that it doesn't cover, it names what it may be used for once; nowhere else is there
/// anything to use up.
#[test]
fn a_proof_that_covers_nothing_is_good_for_one_body() {
    for connector in all() {
        let channel = connector.channel();
        let scheme = connector.counterpart().scheme();
        let account = account(connector);
        let request = signed(connector, &account);
        let nonce = |request: RawRequest| {
            let verified = connector.verify(&account, request, now()).unwrap();
            verified.nonce().cloned()
        };
        let first = nonce(request.clone());
        assert_eq!(
            first.is_some(),
            scheme.headers.is_empty() && !scheme.covers_body,
            "{channel}"
        );
        let Some(first) = first else { continue };
        assert_eq!(
            nonce(request.clone()).as_ref(),
            Some(&first),
            "{channel}: the same again"
        );
        let mut another = request;
        another.body = [another.body.as_ref(), b"&x=1"].concat().into();
        let another = nonce(another).unwrap();
        assert_eq!(another.value, first.value, "{channel}");
        assert_ne!(another.request, first.request, "{channel}");
        let expires = Some(first.expires_after.as_secs());
        assert!(expires >= scheme.expires_after, "{channel}: forgotten too early");
    }
}
