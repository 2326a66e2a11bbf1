//! Signatures and handshakes that others published, as they published them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use serde::Deserialize;
use std::collections::BTreeMap;
use switchboard_connectors::{Handshake, RawRequest, Rejected};
use switchboard_domain::{ChannelAccount, Secret};

use crate::{
    account::{account, instagram, received_at, verify},
    fixtures::folder,
};

#[derive(Deserialize)]
struct Vector {
    name: String,
    provider: String,
    secret: String,
    url: Option<String>,
    headers: BTreeMap<String, String>,
    body: String,
    valid: bool,
    expect_response: Option<String>,
}

fn vectors() -> Vec<Vector> {
    let text = std::fs::read(folder("signatures.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn account_with(name: &str, secret: &str) -> ChannelAccount {
    let mut account = account(None);
    account.secrets.0 = [(name.to_owned(), Secret::new(secret))].into();
    account
}

/// Their bodies are mere words, so a valid one gets as far as "not JSON": what counts is on which side of the signature
/// check it ends. The SHA-1 ones are valid in Meta's legacy scheme, and nothing to us.
#[test]
fn published_vectors_are_judged_as_published() {
    let mut judged = 0;
    for vector in vectors()
        .iter()
        .filter(|vector| vector.provider != "meta-handshake")
    {
        let mut headers = HeaderMap::new();
        for (name, value) in &vector.headers {
            headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let request = RawRequest {
            method: Method::POST,
            url: String::new(),
            query: String::new(),
            headers,
            body: Bytes::copy_from_slice(vector.body.as_bytes()),
        };
        let verdict = instagram().verify(
            &account_with("signing_secret", &vector.secret),
            request,
            received_at(),
        );
        let passes = vector.valid && vector.provider != "meta-legacy-sha1";
        let let_through = !matches!(verdict, Err(Rejected::Unauthenticated(_)));
        assert_eq!(let_through, passes, "{}: {verdict:?}", vector.name);
        judged += 1;
    }
    assert_eq!(judged, 8);
}

#[test]
fn published_handshakes_are_answered_as_published() {
    let mut answered = 0;
    for vector in vectors()
        .iter()
        .filter(|vector| vector.provider == "meta-handshake")
    {
        let url = vector.url.as_deref().unwrap();
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let answer = instagram().handshake(&account_with("verify_token", &vector.secret), query);
        let expected = match &vector.expect_response {
            Some(body) => Handshake::Answer {
                content_type: "text/plain",
                body: body.clone(),
            },
            None => Handshake::Refused,
        };
        assert_eq!(answer, expected, "{}", vector.name);
        answered += 1;
    }
    assert_eq!(answered, 5);
}

#[test]
fn a_challenge_comes_back_decoded_and_in_any_order() {
    let account = account_with("verify_token", "a b&c");
    let answer = instagram().handshake(
        &account,
        "hub.verify_token=a+b%26c&hub.challenge=1%3C2&x=y&hub.mode=subscribe",
    );
    let body = "1<2".to_owned();
    assert_eq!(
        answer,
        Handshake::Answer {
            content_type: "text/plain",
            body
        }
    );
    for query in [
        "hub.verify_token=a+b%26c&hub.challenge=1",
        "hub.mode=unsubscribe&hub.verify_token=a+b%26c&hub.challenge=1",
        "hub_mode=subscribe&hub_verify_token=a+b%26c&hub_challenge=1",
        "hub.mode=subscribe&hub.verify_token=a+b%26c",
    ] {
        assert_eq!(
            instagram().handshake(&account, query),
            Handshake::Refused,
            "{query}"
        );
    }
}

/// Meta signs `\u00e9`; whoever parses and writes the body anew breaks exactly the messages with accents.
#[test]
fn the_raw_bytes_are_what_is_signed() {
    let escaped = br#"{"text":"caf\u00e9"}"#;
    let verified = verify(escaped).unwrap();
    assert_eq!(verified.body().as_ref(), escaped);
}
