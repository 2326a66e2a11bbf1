//! Signatures that others published, as they published them.

use std::collections::BTreeMap;

use http::HeaderName;
use serde::Deserialize;
use switchboard_connectors::Rejected;
use switchboard_domain::{Secret, Timestamp};

use crate::{
    account::{account, discord, received_at, request, verify},
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

fn vectors(file: &str) -> Vec<Vector> {
    serde_json::from_slice(&std::fs::read(folder(file)).unwrap()).unwrap()
}

fn judge(vector: &Vector, secret: &str, after: i64) -> Result<(), Rejected> {
    let mut account = account("http://127.0.0.1:1");
    account.secrets.0 = [("signing_secret".to_owned(), Secret::new(secret))].into();
    let mut request = request(vector.body.as_bytes());
    for (name, value) in &vector.headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers.insert(name, value.parse().unwrap());
    }
    let signed_at: i64 = vector.headers["X-Signature-Timestamp"].parse().unwrap();
    discord()
        .verify(&account, request, Timestamp::from_secs(signed_at + after))
        .map(drop)
}

#[test]
fn published_vectors_are_judged_as_published() {
    let vectors = vectors("signatures.json");
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let verdict = judge(&vector, &vector.secret, 1);
        let refused = matches!(verdict, Err(Rejected::Unauthenticated(_)));
        assert_eq!(refused, !vector.valid, "{}: {verdict:?}", vector.name);
        assert_eq!(verdict.is_ok(), vector.valid);
        // Their key knows no time; we do.
        for far in [-301, 301] {
            assert!(matches!(
                judge(&vector, &vector.secret, far),
                Err(Rejected::Unauthenticated(_))
            ));
        }
    }
}

#[test]
fn what_is_no_public_key_is_a_fault_of_the_account() {
    let vector = &vectors("signatures.json")[1];
    let no_key = [
        "",
        "secret",
        &vector.secret[..62],
        &format!("{}00", vector.secret),
        &"zz".repeat(32),
    ];
    for secret in no_key {
        let verdict = judge(vector, secret, 0);
        assert!(
            matches!(verdict, Err(Rejected::Misconfigured(_))),
            "{secret}: {verdict:?}"
        );
        let mut account = account("http://127.0.0.1:1");
        account
            .secrets
            .0
            .insert("signing_secret".to_owned(), Secret::new(secret));
        assert!(
            discord()
                .check_account(&account.settings, &account.secrets)
                .is_err(),
            "{secret}"
        );
    }
}

#[test]
fn the_signature_is_lower_case_hex_over_time_and_body() {
    let account = account("http://127.0.0.1:1");
    let signed = || {
        let mut request = request(br#"{"type":1}"#);
        discord()
            .counterpart()
            .sign(&account, &mut request, received_at());
        request
    };
    let verdict = |request| discord().verify(&account, request, received_at());
    assert!(verdict(signed()).is_ok());
    let mut upper = signed();
    let given = upper.headers["x-signature-ed25519"]
        .to_str()
        .unwrap()
        .to_uppercase();
    upper
        .headers
        .insert("x-signature-ed25519", given.parse().unwrap());
    let mut moved = signed();
    let before = received_at().as_millis() / 1000 - 1;
    moved
        .headers
        .insert("x-signature-timestamp", before.to_string().parse().unwrap());
    let mut silent = signed();
    silent.headers.remove("x-signature-timestamp");
    for request in [upper, moved, silent] {
        assert!(matches!(verdict(request), Err(Rejected::Unauthenticated(_))));
    }
    assert!(matches!(verify(b"nonsense"), Err(Rejected::Malformed(_))));
}

#[derive(Deserialize)]
struct Recording {
    secret: String,
    now: i64,
    cases: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    name: String,
    body: String,
    at: i64,
    signature: String,
    valid: bool,
}

/// `sdk/record.mjs` made them.
#[test]
fn discords_own_library_judges_the_same() {
    let recording: Recording = serde_json::from_str(include_str!("sdk/recorded.json")).unwrap();
    let mut account = account("http://127.0.0.1:1");
    account.secrets.0 = [("signing_secret".to_owned(), Secret::new(&recording.secret))].into();
    assert_eq!(recording.cases.len(), 21);
    for case in recording.cases {
        let mut request = request(case.body.as_bytes());
        request
            .headers
            .insert("x-signature-ed25519", case.signature.parse().unwrap());
        request
            .headers
            .insert("x-signature-timestamp", case.at.to_string().parse().unwrap());
        let verdict = discord().verify(&account, request, Timestamp::from_secs(recording.now));
        assert_eq!(
            verdict.is_ok(),
            case.valid,
            "{}: {}: {verdict:?}",
            case.name,
            case.body
        );
    }
}
