//! Signatures as others published them, and as the official library judges them.

use std::collections::BTreeMap;

use serde::Deserialize;
use switchboard_connectors::{
    Handshake, RawRequest, Rejected,
    signature::{Encoding, hmac_sha256},
};
use switchboard_domain::{AccountSecrets, Secret};

use crate::{
    account::{account, received_at, request, shopify, verify},
    fixtures::folder,
};

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret: Option<String>,
    headers: BTreeMap<String, String>,
    body: String,
    valid: bool,
}

#[derive(Deserialize)]
struct Recording {
    secret: String,
    cases: Vec<Vector>,
}

fn is_let_through(secrets: &[(&str, &str)], request: RawRequest) -> bool {
    let mut account = account(None);
    let secret = |(name, text): &(&str, &str)| ((*name).to_owned(), Secret::new(*text));
    account.secrets = AccountSecrets(secrets.iter().map(secret).collect());
    let verdict = shopify().verify(&account, request, received_at());
    !matches!(
        verdict,
        Err(Rejected::Unauthenticated(_) | Rejected::Misconfigured(_))
    )
}

fn judge(vector: &Vector, secret: &str) {
    let headers: Vec<_> = vector
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let passes = is_let_through(
        &[("signing_secret", secret)],
        request(&headers, vector.body.as_bytes()),
    );
    assert_eq!(passes, vector.valid, "{}: {}", vector.name, vector.body);
}

/// Their bodies are mere words, so a valid one gets as far as "not an object": what counts is on which side of the
/// signature check it ends.
#[test]
fn published_vectors_are_judged_as_published() {
    let vectors: Vec<Vector> =
        serde_json::from_slice(&std::fs::read(folder("signatures.json")).unwrap()).unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        judge(&vector, vector.secret.as_deref().unwrap());
    }
}

#[test]
fn the_official_library_judges_the_same() {
    let recording: Recording = serde_json::from_str(include_str!("sdk/recorded.json")).unwrap();
    assert_eq!(recording.cases.len(), 28);
    for vector in &recording.cases {
        judge(vector, &recording.secret);
    }
}

#[test]
fn both_secrets_pass_while_one_is_being_changed() {
    let secrets = [("signing_secret", "new"), ("previous_signing_secret", "old")];
    for (secret, passes) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let signature = hmac_sha256(&Secret::new(secret), b"{}", Encoding::Base64);
        let headers = [("X-Shopify-Hmac-Sha256", signature.as_str())];
        assert_eq!(
            is_let_through(&secrets, request(&headers, b"{}")),
            passes,
            "{secret}"
        );
    }
    let by_empty = hmac_sha256(&Secret::new(""), b"{}", Encoding::Base64);
    let headers = [("X-Shopify-Hmac-Sha256", by_empty.as_str())];
    for secrets in [
        &[][..],
        &[("signing_secret", "")],
        &[("previous_signing_secret", "")],
    ] {
        assert!(!is_let_through(secrets, request(&headers, b"{}")), "{secrets:?}");
    }
}

/// The newer delivery leaves the `x-` out.
#[test]
fn the_signature_may_be_under_its_newer_name() {
    let signature = hmac_sha256(&Secret::new("s"), b"{}", Encoding::Base64);
    let secrets = [("signing_secret", "s")];
    assert!(is_let_through(
        &secrets,
        request(&[("Shopify-Hmac-Sha256", &signature)], b"{}")
    ));
    assert!(!is_let_through(
        &secrets,
        request(&[("Shopify-Hmac-Sha256", "x")], b"{}")
    ));
    assert!(!is_let_through(&secrets, request(&[], b"{}")));
    let both = [
        ("X-Shopify-Hmac-Sha256", "x"),
        ("Shopify-Hmac-Sha256", signature.as_str()),
    ];
    assert!(!is_let_through(&secrets, request(&both, b"{}")));
}

#[test]
fn what_is_signed_and_no_object_is_malformed() {
    for body in [
        &b""[..],
        b"null",
        b"[]",
        b"\"x\"",
        b"{\"a\":",
        b"{\"a\":\"\xff\"}",
    ] {
        assert!(
            matches!(verify(&[], body), Err(Rejected::Malformed(_))),
            "{body:?}"
        );
    }
    assert_eq!(
        shopify().handshake(&account(None), "a=b"),
        Handshake::NotSupported
    );
}
