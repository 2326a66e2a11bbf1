//! Signatures that others published, as they published them, and what Twilio's libraries sign.

use http::Method;
use switchboard_connectors::{Handshake, Rejected};
use switchboard_domain::Secret;

use crate::{
    support::{URL, account, folder, received_at, request, vectors, verify, with_secret},
    twilio,
};

#[test]
fn published_vectors_are_judged_as_published() {
    let vectors = vectors(twilio());
    assert_eq!(vectors.len(), 24);
    for vector in vectors {
        let passes = vector.passes(twilio(), &with_secret(twilio(), &vector.secret), received_at());
        assert_eq!(passes, vector.valid, "{}", vector.name);
    }
}

/// What Twilio's own library signs and what it refuses, as `sdk/` recorded it.
#[test]
fn we_judge_as_twilios_library_does() {
    let text = std::fs::read(folder(twilio(), "fixtures/sdk-signatures.json")).unwrap();
    let recorded: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    assert!(cases.len() >= 8);
    for case in cases {
        let of = |name: &str| case[name].as_str().unwrap();
        let mut headers = vec![("x-twilio-signature", of("signature"))];
        if let Some(settings) = case["settings"].as_str() {
            headers.push(("x-twilio-webhooks-signature-settings", settings));
        }
        let request = request(of("url"), &headers, of("body").as_bytes());
        let verdict = twilio().verify(&with_secret(twilio(), of("secret")), request, received_at());
        assert_eq!(
            verdict.is_ok(),
            case["valid"].as_bool().unwrap(),
            "{}: {verdict:?}",
            of("name")
        );
    }
}

#[test]
fn both_auth_tokens_sign_and_no_other() {
    let body = b"SmsSid=SM1&From=%2B1&Body=x";
    let mut target = account(twilio(), "http://127.0.0.1:1");
    for (token, passes) in [
        ("primary", true),
        ("secondary", true),
        ("other", false),
        ("", false),
    ] {
        let mut signer = target.clone();
        signer
            .secrets
            .0
            .insert("signing_secret".to_owned(), Secret::new(token));
        let mut request = request(URL, &[], body);
        twilio().counterpart().sign(&signer, &mut request, received_at());
        for (name, token) in [
            ("signing_secret", "primary"),
            ("previous_signing_secret", "secondary"),
        ] {
            target.secrets.0.insert(name.to_owned(), Secret::new(token));
        }
        let verdict = twilio().verify(&target, request, received_at());
        assert_eq!(verdict.is_ok(), passes, "{token}");
    }
}

#[test]
fn without_a_secret_or_a_signature_nothing_passes() {
    let body = b"SmsSid=SM1&From=%2B1&Body=x";
    let mut none = account(twilio(), "http://127.0.0.1:1");
    none.secrets.0.remove("signing_secret");
    let verdict = twilio().verify(
        &none,
        request(URL, &[("x-twilio-signature", "x")], body),
        received_at(),
    );
    assert!(matches!(verdict, Err(Rejected::Misconfigured(_))));
    let good = account(twilio(), "http://127.0.0.1:1");
    for headers in [
        &[][..],
        &[("x-twilio-signature", "")][..],
        &[("x-twilio-signature", "WRONG")][..],
        &[
            ("x-twilio-signature", "x"),
            ("x-twilio-webhooks-signature-settings", "key=k,algorithm=NONE"),
        ][..],
    ] {
        let verdict = twilio().verify(&good, request(URL, headers, body), received_at());
        assert!(
            matches!(verdict, Err(Rejected::Unauthenticated(_))),
            "{headers:?}"
        );
    }
}

/// A GET is signed over the URL alone; that signature is good for no body.
#[test]
fn a_signature_of_the_bare_url_carries_no_form() {
    let target = account(twilio(), "http://127.0.0.1:1");
    let mut bare = request(URL, &[], b"");
    bare.method = Method::GET;
    twilio().counterpart().sign(&target, &mut bare, received_at());
    bare.method = Method::POST;
    let empty = twilio().verify(&target, bare.clone(), received_at());
    assert!(matches!(empty, Err(Rejected::Malformed(_))));
    for body in ["a=b", "{\"a\":1}"] {
        bare.body = body.into();
        let verdict = twilio().verify(&target, bare.clone(), received_at());
        assert!(matches!(verdict, Err(Rejected::Unauthenticated(_))), "{body}");
    }
}

#[test]
fn signed_nonsense_is_malformed_and_nobody_shakes_hands() {
    for body in [&b""[..], b"garbage", b"a b=c", b"\xff=\xfe", b"[]"] {
        assert!(
            matches!(verify(twilio(), body), Err(Rejected::Malformed(_))),
            "{body:?}"
        );
    }
    let target = account(twilio(), "http://127.0.0.1:1");
    assert_eq!(twilio().handshake(&target, ""), Handshake::NotSupported);
    assert_eq!(twilio().handshake(&target, "MessageSid=SM1"), Handshake::Webhook);
    let verified = verify(twilio(), b"a=b").unwrap();
    let answer = twilio().acknowledge(&target, &verified);
    assert!(
        answer.keep && answer.content_type.starts_with("text/xml") && answer.body.ends_with("<Response/>")
    );
}
