//! Signatures that others published, as they published them, and what MessageBird's library signs.

use std::time::Duration;

use switchboard_connectors::{
    Acknowledgement, Event, Handshake, Rejected,
    signature::{Encoding, Hash, hmac},
};
use switchboard_domain::{MessageStatus, Secret, Timestamp};

use crate::{
    messagebird,
    support::{URL, Vector, account, folder, received_at, request, vectors, verify, with_secret},
};

#[test]
fn published_vectors_are_judged_as_published() {
    let vectors = vectors(messagebird());
    assert_eq!(vectors.len(), 40);
    for vector in vectors {
        let time = vector.headers.get("MessageBird-Request-Timestamp");
        let now = vector.now.unwrap_or_else(|| time.unwrap().parse().unwrap());
        let now = Timestamp::from_secs(now);
        let account = with_secret(messagebird(), &vector.secret);
        assert_eq!(
            vector.passes(messagebird(), &account, now),
            vector.valid,
            "{}",
            vector.name
        );
        let late = now.plus(Duration::from_secs(162));
        assert!(
            !vector.passes(messagebird(), &account, late),
            "{} is too old",
            vector.name
        );
        assert!(
            !vector.passes(messagebird(), &account, now.minus(Duration::from_secs(162))),
            "{}",
            vector.name
        );
        let other = with_secret(messagebird(), "other");
        assert!(!vector.passes(messagebird(), &other, now), "{}", vector.name);
    }
}

/// A delivery report comes by GET, with all it tells in the query.
#[test]
fn a_report_in_the_query_is_a_status() {
    let reports = vectors(messagebird())
        .into_iter()
        .filter(|vector| vector.valid && vector.body.is_empty())
        .filter(|vector| {
            vector
                .url
                .as_ref()
                .is_some_and(|url| url.contains("status=delivered"))
        });
    let [report] = <[Vector; 1]>::try_from(reports.collect::<Vec<_>>()).ok().unwrap();
    let headers: Vec<_> = report
        .headers
        .iter()
        .map(|(name, value)| (&name[..], &value[..]))
        .collect();
    let now = Timestamp::from_secs(report.headers["MessageBird-Request-Timestamp"].parse().unwrap());
    let account = with_secret(messagebird(), &report.secret);
    let asked = request(report.url.as_deref().unwrap(), &headers, b"");
    let events = messagebird().normalise(&messagebird().verify(&account, asked, now).unwrap(), now);
    let [Event::Status(status)] = &events.iter().map(|inbound| &inbound.event).collect::<Vec<_>>()[..] else {
        panic!("{events:?}");
    };
    assert_eq!(status.status, MessageStatus::Delivered);
}

#[test]
fn we_judge_as_messagebirds_library_does() {
    let text = std::fs::read(folder(messagebird(), "fixtures/sdk-signatures.json")).unwrap();
    let recorded: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    assert!(cases.len() >= 7);
    for case in cases {
        let of = |name: &str| case[name].as_str().unwrap();
        let now = case["now"].as_i64().unwrap();
        let headers = [
            ("messagebird-signature", of("signature")),
            ("messagebird-request-timestamp", &now.to_string()),
        ];
        let url = if of("query").is_empty() {
            URL.to_owned()
        } else {
            format!("{URL}?{}", of("query"))
        };
        let request = request(&url, &headers, of("body").as_bytes());
        let verdict = messagebird().verify(
            &with_secret(messagebird(), of("secret")),
            request,
            Timestamp::from_secs(now),
        );
        assert_eq!(
            verdict.is_ok(),
            case["valid"].as_bool().unwrap(),
            "{}: {verdict:?}",
            of("name")
        );
    }
}

/// Bird's platform signs the whole URL where MessageBird signed the sorted query.
#[test]
fn birds_signature_is_over_the_url() {
    let body = b"{\"a\":1}";
    let now = received_at();
    let told = (now.as_millis() / 1000).to_string();
    let target = with_secret(messagebird(), "key");
    for (url, passes) in [(URL, true), ("https://evil.example.com/", false)] {
        // SHA-256 of the body above.
        let digest = hex::decode("015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862").unwrap();
        let message = [told.as_bytes(), b"\n", url.as_bytes(), b"\n", &digest].concat();
        let signature = hmac(Hash::Sha256, b"key", &message, Encoding::Base64);
        let headers = [
            ("messagebird-signature", signature.as_str()),
            ("messagebird-request-timestamp", told.as_str()),
        ];
        let verdict = messagebird().verify(&target, request(URL, &headers, body), now);
        assert_eq!(verdict.is_ok(), passes, "{verdict:?}");
    }
}

#[test]
fn a_token_is_good_for_its_time_its_url_and_its_body() {
    let target = account(messagebird(), "http://127.0.0.1:1");
    let now = received_at();
    let mut signed = request(URL, &[], b"{}");
    messagebird().counterpart().sign(&target, &mut signed, now);
    for (at, passes) in [
        (now, true),
        (now.minus(Duration::from_secs(1)), true),
        (now.minus(Duration::from_secs(2)), false),
        (now.plus(Duration::from_mins(1)), true),
        (now.plus(Duration::from_secs(61)), false),
    ] {
        assert_eq!(
            messagebird().verify(&target, signed.clone(), at).is_ok(),
            passes,
            "{at}"
        );
    }
    let mut elsewhere = signed.clone();
    elsewhere.url.push('?');
    let mut changed = signed.clone();
    changed.body = "{ }".into();
    let mut emptied = signed.clone();
    emptied.body = "".into();
    for request in [elsewhere, changed, emptied] {
        let verdict = messagebird().verify(&target, request, now);
        assert!(
            matches!(verdict, Err(Rejected::Unauthenticated(_))),
            "{verdict:?}"
        );
    }
}

#[test]
fn a_bad_token_is_not_saved_by_a_good_signature() {
    let vectors = vectors(messagebird());
    let mut good = vectors.into_iter().find(|vector| vector.name == "go-ok").unwrap();
    let now = Timestamp::from_secs(1_544_544_948);
    let target = with_secret(messagebird(), &good.secret);
    assert!(good.passes(messagebird(), &target, now));
    good.headers
        .insert("MessageBird-Signature-JWT".to_owned(), "a.b.c".to_owned());
    assert!(!good.passes(messagebird(), &target, now));
    good.headers.remove("MessageBird-Signature-JWT");
    good.headers.remove("MessageBird-Request-Timestamp");
    assert!(!good.passes(messagebird(), &target, now));
}

#[test]
fn both_keys_sign_and_none_without() {
    let mut target = account(messagebird(), "http://127.0.0.1:1");
    for (name, secret) in [("signing_secret", "new"), ("previous_signing_secret", "old")] {
        target.secrets.0.insert(name.to_owned(), Secret::new(secret));
    }
    for (secret, passes) in [("new", true), ("old", true), ("other", false), ("", false)] {
        let mut signed = request(URL, &[], b"{}");
        messagebird()
            .counterpart()
            .sign(&with_secret(messagebird(), secret), &mut signed, received_at());
        assert_eq!(
            messagebird().verify(&target, signed, received_at()).is_ok(),
            passes,
            "{secret}"
        );
    }
    target.secrets.0.clear();
    let verdict = messagebird().verify(&target, request(URL, &[], b"{}"), received_at());
    assert!(matches!(verdict, Err(Rejected::Misconfigured(_))));
}

#[test]
fn signed_nonsense_is_malformed_and_nobody_shakes_hands() {
    for body in [
        &b""[..],
        b"garbage",
        b"[]",
        b"null",
        b"{\"a\":",
        b"{\"a\":\"\xff\"}",
    ] {
        assert!(
            matches!(verify(messagebird(), body), Err(Rejected::Malformed(_))),
            "{body:?}"
        );
    }
    let target = account(messagebird(), "http://127.0.0.1:1");
    assert_eq!(messagebird().handshake(&target, ""), Handshake::NotSupported);
    assert_eq!(messagebird().handshake(&target, "id=1"), Handshake::Webhook);
    let verified = verify(messagebird(), b"{}").unwrap();
    assert_eq!(
        messagebird().acknowledge(&target, &verified),
        Acknowledgement::empty()
    );
}
