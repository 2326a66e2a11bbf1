//! Signatures that others published, as they published them, and what Vonage's libraries sign.

use std::time::Duration;

use switchboard_connectors::{Acknowledgement, Handshake, RawRequest, Rejected};
use switchboard_domain::{ChannelAccount, Secret, Timestamp};

use crate::{
    support::{URL, account, folder, received_at, request, vectors, verify, with_secret},
    vonage,
};

fn with_method(secret: &str, method: Option<&str>) -> ChannelAccount {
    let mut account = with_secret(vonage(), secret);
    if let Some(method) = method {
        account
            .settings
            .other
            .insert("signature_method".to_owned(), method.into());
    }
    account
}

/// The time at which a form's signature was made.
fn signed_at(body: &str) -> Timestamp {
    let told = body.split('&').find_map(|field| field.strip_prefix("timestamp="));
    told.map_or(received_at(), |secs| Timestamp::from_secs(secs.parse().unwrap()))
}

#[test]
fn published_vectors_are_judged_as_published() {
    let vectors = vectors(vonage());
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let now = signed_at(&vector.body);
        let method = vector.scheme.strip_prefix("vonage-sms-sig:");
        for method in [None, method] {
            let passes = vector.passes(vonage(), &with_method(&vector.secret, method), now);
            assert_eq!(passes, vector.valid, "{} by {method:?}", vector.name);
        }
        if let (Some(method), true) = (method, vector.valid) {
            let other = if method == "sha512" { "sha256" } else { "sha512" };
            assert!(!vector.passes(vonage(), &with_method(&vector.secret, Some(other)), now));
            for minutes in [-6, 6] {
                let late = Timestamp::from_millis(now.as_millis() + minutes * 60_000);
                let timeless = !vector.body.contains("timestamp=");
                let account = with_method(&vector.secret, Some(method));
                assert_eq!(
                    vector.passes(vonage(), &account, late),
                    timeless,
                    "{}",
                    vector.name
                );
            }
        }
    }
}

/// As a GET its parameters stand in the query, and mean the same.
#[test]
fn what_comes_in_the_query_is_taken_like_a_form() {
    let vectors = vectors(vonage()).into_iter();
    let forms = vectors.filter(|vector| vector.url.is_none() && vector.body.contains("&sig="));
    let mut count = 0;
    for vector in forms {
        let account = with_secret(vonage(), &vector.secret);
        let now = signed_at(&vector.body);
        let by_post = vonage().verify(&account, request(URL, &[], vector.body.as_bytes()), now);
        let by_get = vonage().verify(
            &account,
            request(&format!("{URL}?{}", vector.body), &[], b""),
            now,
        );
        assert_eq!(by_get, by_post, "{}", vector.name);
        count += usize::from(vector.valid && by_get.is_ok());
    }
    assert!(count > 0);
}

/// What Vonage's own libraries sign, as `sdk/` recorded it.
#[test]
fn we_judge_as_vonages_libraries_do() {
    let text = std::fs::read(folder(vonage(), "fixtures/sdk-signatures.json")).unwrap();
    let recorded: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let of = |name: &str| case[name].as_str().unwrap();
        let now = Timestamp::from_secs(case["now"].as_i64().unwrap());
        let account = with_method(of("secret"), case["method"].as_str());
        let verdict = vonage().verify(&account, request(URL, &[], of("body").as_bytes()), now);
        assert_eq!(
            verdict.is_ok(),
            case["valid"].as_bool().unwrap(),
            "{}: {verdict:?}",
            of("name")
        );
    }
}

/// Tokens that Vonage's other library takes or doesn't, as `sdk/` recorded it.
#[test]
fn we_judge_tokens_as_vonages_library_does() {
    let text = std::fs::read(folder(vonage(), "fixtures/sdk-tokens.json")).unwrap();
    let recorded: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let of = |name: &str| case[name].as_str().unwrap();
        let now = Timestamp::from_secs(case["now"].as_i64().unwrap());
        let bearer = format!("Bearer {}", of("token"));
        let request = request(URL, &[("authorization", &bearer)], of("body").as_bytes());
        let mut account = with_method(of("secret"), None);
        account.settings.other.remove("api_key");
        let verdict = vonage().verify(&account, request, now);
        assert_eq!(
            verdict.is_ok(),
            case["valid"].as_bool().unwrap(),
            "{}: {verdict:?}",
            of("name")
        );
    }
}

fn signed(account: &ChannelAccount, body: &str, at: Timestamp) -> RawRequest {
    let mut request = request(URL, &[], body.as_bytes());
    vonage().counterpart().sign(account, &mut request, at);
    request
}

#[test]
fn a_token_is_good_for_its_body_its_time_and_its_key() {
    let target = account(vonage(), "http://127.0.0.1:1");
    let verdict = |request: RawRequest, now| vonage().verify(&target, request, now);
    let now = received_at();
    assert!(verdict(signed(&target, "{}", now), now).is_ok());
    for (ahead, passes) in [(300, true), (301, false)] {
        let gap = Duration::from_secs(ahead);
        assert_eq!(
            verdict(signed(&target, "{}", now), now.plus(gap)).is_ok(),
            passes,
            "{ahead} s late"
        );
        assert_eq!(
            verdict(signed(&target, "{}", now), now.minus(gap)).is_ok(),
            passes,
            "{ahead} s early"
        );
    }
    for other in ["{ }", "", "{}\n"] {
        let mut changed = signed(&target, "{}", now);
        changed.body = other.into();
        assert!(
            matches!(verdict(changed, now), Err(Rejected::Unauthenticated(_))),
            "{other:?}"
        );
    }
    let mut other_key = target.clone();
    other_key
        .settings
        .other
        .insert("api_key".to_owned(), "other".into());
    let verdict = vonage().verify(&other_key, signed(&target, "{}", now), now);
    assert_eq!(
        verdict,
        Err(Rejected::Unauthenticated("the token is for another API key"))
    );
}

#[test]
fn a_bad_token_is_not_saved_by_a_good_signature() {
    let vectors = vectors(vonage());
    let good = vectors.iter().find(|vector| vector.name == "md5hash").unwrap();
    let account = with_method(&good.secret, None);
    let now = signed_at(&good.body);
    let body = good.body.as_bytes();
    assert!(vonage().verify(&account, request(URL, &[], body), now).is_ok());
    for header in ["Bearer x.y.z", "Basic YTpi", "Bearer", ""] {
        let verdict = vonage().verify(&account, request(URL, &[("authorization", header)], body), now);
        assert!(matches!(verdict, Err(Rejected::Unauthenticated(_))), "{header}");
    }
}

#[test]
fn both_secrets_sign_and_no_other_and_none_without() {
    let mut target = account(vonage(), "http://127.0.0.1:1");
    for (name, secret) in [("signing_secret", "new"), ("previous_signing_secret", "old")] {
        target.secrets.0.insert(name.to_owned(), Secret::new(secret));
    }
    for (secret, passes) in [("new", true), ("old", true), ("other", false), ("", false)] {
        let signer = with_secret(vonage(), secret);
        let mut request = signed(&signer, "{}", received_at());
        if secret.is_empty() {
            request.headers.insert(
                "authorization",
                "Bearer eyJhbGciOiJub25lIn0.e30.".parse().unwrap(),
            );
        }
        assert_eq!(
            vonage().verify(&target, request, received_at()).is_ok(),
            passes,
            "{secret}"
        );
    }
    target.secrets.0.clear();
    let verdict = vonage().verify(
        &target,
        request(URL, &[], b"k=v&sig=d41d8cd98f00b204e9800998ecf8427e"),
        received_at(),
    );
    assert!(matches!(verdict, Err(Rejected::Misconfigured(_))));
    let unknown = with_method("x", Some("sha3"));
    let verdict = vonage().verify(&unknown, request(URL, &[], b"k=v&sig=00"), received_at());
    assert!(matches!(verdict, Err(Rejected::Misconfigured(_))));
}

#[test]
fn unsigned_is_refused_and_signed_nonsense_is_malformed() {
    let target = account(vonage(), "http://127.0.0.1:1");
    for body in [
        "{}",
        "a=b",
        "",
        "garbage",
        "{\"sig\":\"\"}",
        "a=b&sig=",
        "a=b&sig=abc",
    ] {
        let verdict = vonage().verify(&target, request(URL, &[], body.as_bytes()), received_at());
        assert!(matches!(verdict, Err(Rejected::Unauthenticated(_))), "{body}");
    }
    for body in [
        &b""[..],
        b"garbage",
        b"[]",
        b"null",
        b"{\"a\":",
        b"{\"a\":\"\xff\"}",
    ] {
        assert!(
            matches!(verify(vonage(), body), Err(Rejected::Malformed(_))),
            "{body:?}"
        );
    }
    assert_eq!(vonage().handshake(&target, ""), Handshake::NotSupported);
    assert_eq!(vonage().handshake(&target, "msisdn=1"), Handshake::Webhook);
    let verified = verify(vonage(), b"{}").unwrap();
    assert_eq!(vonage().acknowledge(&target, &verified), Acknowledgement::empty());
    assert!(verified.to_stored().headers.is_empty(), "the token is not kept");
}
