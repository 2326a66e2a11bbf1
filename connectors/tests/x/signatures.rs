//! The published signature, and X's challenge.

use std::collections::BTreeMap;

use http::HeaderName;
use serde::Deserialize;
use switchboard_connectors::{Handshake, Rejected};
use switchboard_domain::{AccountSecrets, ChannelAccount, Secret};

use crate::{
    account::{account, received_at, request, x},
    fixtures::folder,
};

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret: String,
    headers: BTreeMap<String, String>,
    body: String,
    valid: bool,
}

#[test]
fn published_vectors_are_judged_as_published() {
    let text = std::fs::read(folder("signatures.json")).unwrap();
    let vectors: Vec<Vector> = serde_json::from_slice(&text).unwrap();
    assert_eq!(vectors.len(), 1);
    for vector in vectors {
        let verdict = |secret: &str, body: &str, change: fn(&str) -> String| {
            let mut account = account("http://127.0.0.1:1");
            account.secrets.0 = [("signing_secret".to_owned(), Secret::new(secret))].into();
            let mut request = request(body.as_bytes());
            for (name, value) in &vector.headers {
                let name: HeaderName = name.parse().unwrap();
                request.headers.insert(name, change(value).parse().unwrap());
            }
            x().verify(&account, request, received_at())
        };
        let same = str::to_owned;
        assert_eq!(
            verdict(&vector.secret, &vector.body, same).is_ok(),
            vector.valid,
            "{}",
            vector.name
        );
        for (secret, body, change) in [
            ("tesT", vector.body.as_str(), same as fn(&str) -> String),
            (
                &vector.secret,
                "{\"test_number\":2,\"test_string\":\"two\"}",
                same,
            ),
            // Meta's way of writing the same code.
            (&vector.secret, &vector.body, |_| {
                "sha256=6161e984f9ff245ab8de3905d32e3fc3c47f49e9a52e3be9ba7855158f098652".to_owned()
            }),
            (&vector.secret, &vector.body, |value| value.replace("sha256=", "")),
            (&vector.secret, &vector.body, |value| {
                value.trim_end_matches('=').to_owned() + "x"
            }),
        ] {
            let found = verdict(secret, body, change);
            assert!(matches!(found, Err(Rejected::Unauthenticated(_))), "{found:?}");
        }
    }
}

#[derive(Deserialize)]
struct Recording {
    secret: String,
    challenges: Vec<Challenge>,
    cases: Vec<Judged>,
}

#[derive(Deserialize)]
struct Challenge {
    token: String,
    answer: serde_json::Value,
}

#[derive(Deserialize)]
struct Judged {
    name: String,
    body: String,
    signature: String,
    valid: bool,
}

/// `sdk/record.mjs` made it.
fn recording() -> (ChannelAccount, Recording) {
    let recording: Recording = serde_json::from_str(include_str!("sdk/recorded.json")).unwrap();
    let mut account = account("http://127.0.0.1:1");
    account.secrets.0 = [("signing_secret".to_owned(), Secret::new(&recording.secret))].into();
    (account, recording)
}

#[test]
fn xs_own_library_judges_the_same() {
    let (account, recording) = recording();
    assert_eq!(recording.cases.len(), 15);
    for case in recording.cases {
        let mut request = request(case.body.as_bytes());
        let name = "x-twitter-webhooks-signature";
        request.headers.insert(name, case.signature.parse().unwrap());
        let verdict = x().verify(&account, request, received_at());
        assert_eq!(
            verdict.is_ok(),
            case.valid,
            "{}: {}: {verdict:?}",
            case.name,
            case.body
        );
    }
}

#[test]
fn the_challenge_is_answered_as_xs_own_library_does() {
    let (account, recording) = recording();
    assert_eq!(recording.challenges.len(), 3);
    for Challenge { token, answer } in recording.challenges {
        let mut url = reqwest::Url::parse("http://localhost/?nonce=1").unwrap();
        url.query_pairs_mut().append_pair("crc_token", &token);
        let Handshake::Answer { content_type, body } = x().handshake(&account, url.query().unwrap()) else {
            panic!("{token}")
        };
        assert_eq!(content_type, "application/json");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&body).unwrap(),
            answer,
            "{token}"
        );
    }
    for query in ["", "crc_token=", "crc=1", "%"] {
        assert_eq!(x().handshake(&account, query), Handshake::Refused, "{query}");
    }
    let mut bare = account;
    bare.secrets = AccountSecrets::default();
    assert_eq!(x().handshake(&bare, "crc_token=1"), Handshake::Refused);
}
