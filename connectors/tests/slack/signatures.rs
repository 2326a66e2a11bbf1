//! Signatures that others published, as they published them.

use std::collections::BTreeMap;

use http::HeaderName;
use serde::Deserialize;
use switchboard_connectors::Rejected;
use switchboard_domain::{Secret, Timestamp};

use crate::{
    account::{account, received_at, request, slack, verify},
    fixtures::folder,
};

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret: String,
    headers: BTreeMap<String, String>,
    body: String,
    valid: bool,
    now: i64,
}

#[test]
fn published_vectors_are_judged_as_published() {
    let text = std::fs::read(folder("signatures.json")).unwrap();
    let vectors: Vec<Vector> = serde_json::from_slice(&text).unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let mut account = account("http://127.0.0.1:1");
        account.secrets.0 = [("signing_secret".to_owned(), Secret::new(&vector.secret))].into();
        let mut request = request(vector.body.as_bytes());
        for (name, value) in &vector.headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers.insert(name, value.parse().unwrap());
        }
        let verdict = slack().verify(&account, request, Timestamp::from_secs(vector.now));
        if vector.valid {
            assert!(verdict.is_ok(), "{}: {verdict:?}", vector.name);
        } else {
            let refused = matches!(verdict, Err(Rejected::Unauthenticated(_)));
            assert!(refused, "{}: {verdict:?}", vector.name);
        }
    }
}

#[test]
fn a_time_must_be_one_and_near() {
    let account = account("http://127.0.0.1:1");
    let signed_at = |at: i64, now: i64| {
        let mut request = request(b"{}");
        slack()
            .counterpart()
            .sign(&account, &mut request, Timestamp::from_secs(at));
        slack().verify(&account, request, Timestamp::from_secs(now))
    };
    for (apart, passes) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
        let now = 1_790_000_000;
        assert_eq!(signed_at(now - apart, now).is_ok(), passes, "{apart}");
    }
    for odd in [
        "",
        "soon",
        "1790000000.5",
        "+1790000000",
        "-1",
        " 1790000000",
        "99999999999999999999",
    ] {
        let mut request = request(b"{}");
        slack().counterpart().sign(&account, &mut request, received_at());
        let code = switchboard_connectors::signature::hmac_sha256(
            account.secrets.signing_secret().unwrap(),
            format!("v0:{odd}:{{}}").as_bytes(),
            switchboard_connectors::signature::Encoding::LowerHex,
        );
        request
            .headers
            .insert("x-slack-request-timestamp", odd.parse().unwrap());
        request
            .headers
            .insert("x-slack-signature", format!("v0={code}").parse().unwrap());
        let verdict = slack().verify(&account, request, received_at());
        assert!(
            matches!(verdict, Err(Rejected::Unauthenticated(_))),
            "{odd}: {verdict:?}"
        );
    }
}

#[test]
fn retries_are_told_to_the_ledger_and_change_nothing() {
    let account = account("http://127.0.0.1:1");
    let body = br#"{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel":"D1","user":"U1","ts":"1700000000.000100","text":"hi"}}"#;
    let mut retried = request(body);
    slack().counterpart().sign(&account, &mut retried, received_at());
    retried.headers.insert("X-Slack-Retry-Num", "1".parse().unwrap());
    retried
        .headers
        .insert("X-Slack-Retry-Reason", "http_timeout".parse().unwrap());
    let retried = slack().verify(&account, retried, received_at()).unwrap();
    assert_eq!(retried.header("x-slack-retry-num"), Some("1"));
    assert_eq!(retried.header("x-slack-retry-reason"), Some("http_timeout"));
    assert_eq!(retried.header("x-slack-signature"), None);
    let first = slack().normalise(&verify(body).unwrap(), received_at());
    assert_eq!(slack().normalise(&retried, received_at()), first);
}

#[test]
fn a_body_that_slack_never_posts_is_malformed() {
    for body in [
        "",
        "garbage",
        "a=b",
        "%",
        "[]",
        "payload=",
        "payload=[]",
        "payload=%7B",
        "{\"a\":",
    ] {
        let verdict = verify(body.as_bytes());
        assert!(
            matches!(verdict, Err(Rejected::Malformed(_))),
            "{body}: {verdict:?}"
        );
    }
    for body in [
        "payload=%7B%7D",
        "command=%2Fhi&text=",
        "ssl_check=1&token=x",
        "{}",
    ] {
        assert!(verify(body.as_bytes()).is_ok(), "{body}");
    }
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
fn slacks_own_library_judges_the_same() {
    let recording: Recording = serde_json::from_str(include_str!("sdk/recorded.json")).unwrap();
    let mut account = account("http://127.0.0.1:1");
    account.secrets.0 = [("signing_secret".to_owned(), Secret::new(&recording.secret))].into();
    assert_eq!(recording.cases.len(), 40);
    for case in recording.cases {
        let mut request = request(case.body.as_bytes());
        request
            .headers
            .insert("x-slack-signature", case.signature.parse().unwrap());
        request
            .headers
            .insert("x-slack-request-timestamp", case.at.to_string().parse().unwrap());
        let verdict = slack().verify(&account, request, Timestamp::from_secs(recording.now));
        assert_eq!(
            verdict.is_ok(),
            case.valid,
            "{}: {}: {verdict:?}",
            case.name,
            case.body
        );
    }
}
