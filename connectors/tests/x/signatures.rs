//! The published signature, and X's challenge.

use std::collections::BTreeMap;

use http::HeaderName;
use serde::Deserialize;
use switchboard_connectors::{Handshake, Rejected};
use switchboard_domain::{AccountSecrets, Secret};

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

/// HMAC-SHA256 of the token under "the-consumer-secret", computed with Python's `hmac`.
#[test]
fn the_challenge_is_answered_with_the_consumer_secret() {
    let account = account("http://127.0.0.1:1");
    let answer = |query: &str| x().handshake(&account, query);
    let expected = include_str!("crc.json");
    let expected: BTreeMap<String, String> = serde_json::from_str(expected).unwrap();
    assert_eq!(expected.len(), 2);
    for (query, token) in expected {
        let Handshake::Answer { content_type, body } = answer(&query) else {
            panic!("{query}")
        };
        assert_eq!(content_type, "application/json");
        assert_eq!(body, format!(r#"{{"response_token":"{token}"}}"#), "{query}");
    }
    for query in ["", "crc_token=", "crc=1", "%"] {
        assert_eq!(answer(query), Handshake::Refused, "{query}");
    }
    let mut bare = account.clone();
    bare.secrets = AccountSecrets::default();
    assert_eq!(x().handshake(&bare, "crc_token=1"), Handshake::Refused);
}
