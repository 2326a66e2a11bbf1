//! Signatures that others published, as they published them, and what else must hold of the proof.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use serde::Deserialize;
use switchboard_connectors::{Handshake, RawRequest, Rejected};
use switchboard_domain::{ChannelAccount, Secret};

use crate::{
    account::{HEADER, VECTORS, account, connector, received_at, request},
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

fn with_secrets(secrets: &[(&str, &str)]) -> ChannelAccount {
    let mut account = account(None);
    account.secrets.0 = secrets
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Secret::new(*text)))
        .collect();
    account
}

/// Some bodies are mere words, so a valid one gets as far as "not JSON": what counts is on which side of the check of
/// the proof it ends.
#[test]
fn published_vectors_are_judged_as_published() {
    let vectors: Vec<Vector> =
        serde_json::from_slice(&std::fs::read(folder("signatures.json")).unwrap()).unwrap();
    assert_eq!(vectors.len(), VECTORS);
    for vector in vectors {
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
        let account = with_secrets(&[("signing_secret", &vector.secret)]);
        let verdict = connector().verify(&account, request, received_at());
        let let_through = !matches!(verdict, Err(Rejected::Unauthenticated(_)));
        assert_eq!(let_through, vector.valid, "{}: {verdict:?}", vector.name);
    }
}

#[test]
fn two_secrets_count_while_one_is_being_changed() {
    let account = with_secrets(&[("signing_secret", "new"), ("previous_signing_secret", "old")]);
    for (secret, passes) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let verdict = connector().verify(&account, request(secret, b"{}"), received_at());
        assert_eq!(verdict.is_ok(), passes, "{secret}");
    }
}

#[test]
fn without_a_secret_or_a_proof_nothing_passes() {
    for secrets in [
        &[][..],
        &[("signing_secret", "")],
        &[("previous_signing_secret", "")],
        &[("access_token", "x")],
    ] {
        for secret in ["", "x"] {
            let verdict = connector().verify(&with_secrets(secrets), request(secret, b"{}"), received_at());
            assert!(matches!(verdict, Err(Rejected::Misconfigured(_))), "{secrets:?}");
        }
        let account = with_secrets(secrets);
        let errors = connector()
            .check_account(&account.settings, &account.secrets)
            .unwrap_err();
        assert!(errors.iter().any(|error| error.field == "secrets.signing_secret"));
    }
    let account = with_secrets(&[("signing_secret", "s")]);
    for value in [None, Some(""), Some(" "), Some("S"), Some("0"), Some("sha256=")] {
        let mut request = request("s", b"{}");
        request.headers.remove(HEADER);
        if let Some(value) = value {
            request.headers.insert(HEADER, value.parse().unwrap());
        }
        let verdict = connector().verify(&account, request, received_at());
        assert!(matches!(verdict, Err(Rejected::Unauthenticated(_))), "{value:?}");
    }
    let mut odd = request("s", b"{}");
    odd.headers
        .insert(HEADER, http::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    assert!(matches!(
        connector().verify(&account, odd, received_at()),
        Err(Rejected::Unauthenticated(_))
    ));
}

#[test]
fn signed_nonsense_is_malformed() {
    let account = with_secrets(&[("signing_secret", "s")]);
    for body in [
        &b""[..],
        b"i am not jason",
        b"[]",
        b"{\"a\":\"\xff\"}",
        b"{\"events\":[",
    ] {
        let verdict = connector().verify(&account, request("s", body), received_at());
        assert!(matches!(verdict, Err(Rejected::Malformed(_))), "{body:?}");
    }
}

#[test]
fn nobody_asks_with_get() {
    let answer = connector().handshake(&account(None), "hub.mode=subscribe&hub.challenge=1");
    assert_eq!(answer, Handshake::NotSupported);
}
