//! Signatures as the scheme's libraries published them, and as one of them made them for us.

use std::collections::BTreeMap;

use http::HeaderName;
use serde::Deserialize;
use switchboard_connectors::{Handshake, RawRequest, Rejected, standard_webhooks::Key};
use switchboard_domain::{Secret, Timestamp};

use crate::account::{account, custom, received_at, request, set_secret, verify};

const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330;
const BODY: &[u8] = b"{\"test\": 2432232314}";
/// Published by Svix beside its public key `whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=`.
const PRIVATE_KEY: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC_KEY: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret: String,
    headers: BTreeMap<String, String>,
    body: String,
    now: i64,
    valid: bool,
}

fn verdict(
    secrets: &[(&str, &str)],
    headers: &[(&str, &str)],
    body: &[u8],
    now: i64,
) -> Result<(), Rejected> {
    let mut account = account("https://hub.example");
    account.secrets.0.clear();
    for (name, text) in secrets {
        set_secret(&mut account, name, text);
    }
    let mut request: RawRequest = request(body);
    for (name, value) in headers {
        request
            .headers
            .insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    custom()
        .verify(&account, request, Timestamp::from_secs(now))
        .map(drop)
}

fn signed_by(key: &str, id: &str, at: i64, body: &[u8]) -> String {
    let key = Key::parse(&Secret::new(key)).unwrap();
    key.sign(id, Timestamp::from_secs(at), body).unwrap()
}

/// Of a request whose signature header is this, with the published secret.
fn with_signature(signature: &str) -> bool {
    let headers = [
        ("webhook-id", ID),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", signature),
    ];
    verdict(
        &[("signing_secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
        &headers,
        BODY,
        AT,
    )
    .is_ok()
}

#[test]
fn published_vectors_are_judged_as_published() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../src/custom/fixtures/signatures.json")).unwrap();
    assert_eq!(vectors.len(), 13);
    for vector in vectors {
        let headers: Vec<_> = vector
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let secrets = [("signing_secret", vector.secret.as_str())];
        let verdict = verdict(&secrets, &headers, vector.body.as_bytes(), vector.now);
        assert_eq!(verdict.is_ok(), vector.valid, "{}: {verdict:?}", vector.name);
    }
}

#[derive(Deserialize)]
struct Recording {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    secret: String,
    id: String,
    at: Timestamp,
    body: String,
    signature: String,
}

#[test]
fn the_official_library_signs_the_same() {
    let recording: Recording = serde_json::from_str(include_str!("sdk/recorded.json")).unwrap();
    assert_eq!(recording.cases.len(), 20);
    for case in recording.cases {
        let key = Key::parse(&Secret::new(case.secret)).unwrap();
        let signature = key.sign(&case.id, case.at, case.body.as_bytes()).unwrap();
        assert_eq!(signature, case.signature, "{}", case.id);
    }
}

#[test]
fn a_private_key_signs_what_svix_published() {
    let published =
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    assert_eq!(signed_by(PRIVATE_KEY, ID, AT, BODY), published);
    let judge = |signature: &str, body: &[u8]| {
        let headers = [
            ("webhook-id", ID),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", signature),
        ];
        verdict(&[("signing_secret", PUBLIC_KEY)], &headers, body, AT).is_ok()
    };
    assert!(judge(published, BODY));
    assert!(!judge(published, b"{\"test\": 2432232315}"));
    assert!(!judge(&published.replace("v1a,", "v1,"), BODY));
    assert!(!judge(&published[..published.len() - 4], BODY));
    assert!(!judge("v1a,", BODY));
}

#[test]
fn any_of_several_signatures_will_do() {
    let good = signed_by("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ID, AT, BODY);
    for signature in [
        good.clone(),
        format!("v1,x {good}"),
        format!("{good} v1,x"),
        format!("v2,future v1a,x nonsense {good}"),
        format!("  {good}"),
    ] {
        assert!(with_signature(&signature), "{signature}");
    }
    let code = good.strip_prefix("v1,").unwrap();
    for signature in [
        String::new(),
        " ".to_owned(),
        code.to_owned(),
        format!("v1 {code}"),
        format!("v2,{code}"),
        format!("V1,{code}"),
        format!("v1,{}", code.to_uppercase()),
        format!("v1,{code},"),
        format!("v1,x,{code}"),
    ] {
        assert!(!with_signature(&signature), "{signature}");
    }
    let many = "v1,x ".repeat(16);
    assert!(
        !with_signature(&format!("{many}{good}")),
        "nobody rotates through so many"
    );
}

#[test]
fn time_runs_out_in_both_directions() {
    let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let good = signed_by(secret, ID, AT, BODY);
    let headers = [
        ("svix-id", ID),
        ("svix-timestamp", "1614265330"),
        ("svix-signature", good.as_str()),
    ];
    for (away, passes) in [
        (0, true),
        (300, true),
        (-300, true),
        (301, false),
        (-301, false),
        (1 << 40, false),
    ] {
        assert_eq!(
            verdict(&[("signing_secret", secret)], &headers, BODY, AT + away).is_ok(),
            passes,
            "{away}"
        );
    }
    for spelling in [
        "",
        "+1614265330",
        " 1614265330",
        "1614265330.0",
        "1.61426533e9",
        "-1614265330",
        "99999999999999999999",
    ] {
        let headers = [
            ("svix-id", ID),
            ("svix-timestamp", spelling),
            ("svix-signature", good.as_str()),
        ];
        assert!(
            verdict(&[("signing_secret", secret)], &headers, BODY, AT).is_err(),
            "{spelling}"
        );
    }
}

#[test]
fn headers_of_two_families_are_not_mixed() {
    let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let good = signed_by(secret, ID, AT, BODY);
    let headers = [
        ("svix-id", ID),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", good.as_str()),
    ];
    assert!(verdict(&[("signing_secret", secret)], &headers, BODY, AT).is_err());
}

#[test]
fn secrets_rotate_and_only_keys_count() {
    let (old, new) = (
        "whsec_b2xkIHNlY3JldCBvbGQgc2VjcmV0",
        "whsec_bmV3IHNlY3JldCBuZXcgc2VjcmV0",
    );
    let judge = |secrets: &[(&str, &str)], by: &str| {
        let signature = signed_by(by, ID, AT, BODY);
        let headers = [
            ("webhook-id", ID),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", signature.as_str()),
        ];
        verdict(secrets, &headers, BODY, AT)
    };
    let both = [("signing_secret", new), ("previous_signing_secret", old)];
    assert_eq!(judge(&both, new), Ok(()));
    assert_eq!(judge(&both, old), Ok(()));
    assert_eq!(
        judge(
            &[("signing_secret", PUBLIC_KEY), ("previous_signing_secret", old)],
            old
        ),
        Ok(())
    );
    assert_eq!(judge(&[("signing_secret", PUBLIC_KEY)], PRIVATE_KEY), Ok(()));
    assert!(judge(&both, "whsec_b3RoZXIgc2VjcmV0").is_err());
    for unusable in ["", "whsec_", "whsec_%%%", "whpk_", "whpk_c2hvcnQ=", "not base64!"] {
        let verdict = judge(&[("signing_secret", unusable)], new);
        assert!(
            matches!(verdict, Err(Rejected::Misconfigured(_))),
            "{unusable}: {verdict:?}"
        );
    }
    assert!(matches!(judge(&[], new), Err(Rejected::Misconfigured(_))));
}

/// Padding is often lost on the way; the key is the same.
#[test]
fn a_secret_may_lack_its_padding() {
    let padded = signed_by("whsec_c2VjcmV0LW9mLTIw", ID, AT, BODY);
    assert_eq!(
        signed_by("whsec_c2VjcmV0LW9mLTIwLQ==", ID, AT, BODY),
        signed_by("whsec_c2VjcmV0LW9mLTIwLQ", ID, AT, BODY)
    );
    assert_ne!(signed_by("whsec_c2VjcmV0LW9mLTIwLQ", ID, AT, BODY), padded);
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
        let verdict = verify(&account("https://hub.example"), body);
        assert!(matches!(verdict, Err(Rejected::Malformed(_))), "{body:?}");
    }
    assert_eq!(
        custom().handshake(&account("https://hub.example"), "a=b"),
        Handshake::NotSupported
    );
    assert!(received_at() > Timestamp::default());
}
