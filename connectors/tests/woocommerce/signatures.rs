//! What is signed passes; of what isn't, the ping alone, and it leaves nothing behind.

use std::collections::BTreeMap;

use serde::Deserialize;
use switchboard_connectors::{
    Handshake, RawRequest, Rejected, Verified,
    signature::{Encoding, hmac_sha256},
};
use switchboard_domain::{AccountSecrets, Secret};

use crate::{
    account::{account, received_at, request, verify, woocommerce},
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

fn verdict(secrets: &[(&str, &str)], request: RawRequest) -> Result<Verified, Rejected> {
    let mut account = account(None);
    let secret = |(name, text): &(&str, &str)| ((*name).to_owned(), Secret::new(*text));
    account.secrets = AccountSecrets(secrets.iter().map(secret).collect());
    woocommerce().verify(&account, request, received_at())
}

fn signed_with(key: &str, secrets: &[(&str, &str)]) -> bool {
    let body = b"{\"id\":727}";
    let signature = hmac_sha256(&Secret::new(key), body, Encoding::Base64);
    verdict(secrets, request(&[("X-WC-Webhook-Signature", &signature)], body)).is_ok()
}

#[test]
fn published_vectors_are_judged_as_published() {
    let vectors: Vec<Vector> =
        serde_json::from_slice(&std::fs::read(folder("signatures.json")).unwrap()).unwrap();
    assert_eq!(vectors.len(), 2);
    for Vector {
        name,
        secret,
        headers,
        body,
        valid,
    } in vectors
    {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let verdict = verdict(&[("signing_secret", &secret)], request(&headers, body.as_bytes()));
        assert_eq!(verdict.is_ok(), valid, "{name}: {verdict:?}");
    }
}

/// Made with Python's `hmac`, under the key that PHP's `wp_specialchars_decode` leaves of the secret.
#[test]
fn the_key_is_the_secret_without_its_escapes() {
    let body = b"{\"id\":727,\"status\":\"processing\"}";
    let signature = "AVtIc8lr/ZEe+nCVc/3F5SGFrk5qtRSh5tjOa40iQYs=";
    let headers = [("X-WC-Webhook-Signature", signature)];
    for secret in ["a&amp;b&lt;c&#039;", "a&b<c'"] {
        assert!(
            verdict(&[("signing_secret", secret)], request(&headers, body)).is_ok(),
            "{secret}"
        );
    }
    assert!(verdict(&[("signing_secret", "a&b&lt;c")], request(&headers, body)).is_err());
    assert!(
        signed_with("a&amp;b", &[("signing_secret", "a&amp;b")]),
        "as it is written"
    );
}

#[test]
fn both_secrets_pass_while_one_is_being_changed() {
    let secrets = [("signing_secret", "new"), ("previous_signing_secret", "old")];
    for (key, passes) in [("new", true), ("old", true), ("older", false), ("", false)] {
        assert_eq!(signed_with(key, &secrets), passes, "{key}");
    }
    for secrets in [
        &[][..],
        &[("signing_secret", "")],
        &[("previous_signing_secret", "")],
    ] {
        assert!(!signed_with("", secrets), "{secrets:?}");
    }
}

/// The order screen of `WooCommerce` shows an error for anything but a plain 200.
#[test]
fn the_ping_is_answered_and_not_kept() {
    let ping = verdict(&[("signing_secret", "s")], request(&[], b"webhook_id=7")).unwrap();
    let answer = woocommerce().acknowledge(&account(None), &ping);
    assert_eq!((answer.keep, answer.body.as_str()), (false, ""));
    assert_eq!(ping.to_stored().headers, []);
    let order = verify(&[("X-WC-Webhook-Topic", "order.created")], b"{\"id\":1}").unwrap();
    assert!(woocommerce().acknowledge(&account(None), &order).keep);
}

#[test]
fn nothing_else_passes_unsigned() {
    let secrets = [("signing_secret", "s")];
    for body in [
        &b""[..],
        b"webhook_id=",
        b"webhook_id=7 ",
        b"webhook_id=7&id=1",
        b"webhook_id=7\n",
        b"webhook_id=-7",
        b"webhook_id=7a",
        b"Webhook_id=7",
        b"webhook_id=123456789012345678901",
        b"{\"webhook_id\":7}",
        b"{\"id\":727}",
    ] {
        let verdict = verdict(
            &secrets,
            request(&[("X-WC-Webhook-Topic", "order.created")], body),
        );
        assert!(
            matches!(verdict, Err(Rejected::Unauthenticated(_))),
            "{body:?}: {verdict:?}"
        );
    }
    // With a signature that is wrong, it is no ping; without a secret, nothing is answered at all.
    let forged = verdict(
        &secrets,
        request(&[("X-WC-Webhook-Signature", "x")], b"webhook_id=7"),
    );
    assert!(matches!(forged, Err(Rejected::Unauthenticated(_))));
    let no_secret = verdict(&[], request(&[], b"webhook_id=7"));
    assert!(matches!(no_secret, Err(Rejected::Misconfigured(_))));
}

#[test]
fn what_is_signed_and_no_object_is_malformed() {
    for body in [
        &b""[..],
        b"webhook_id=7",
        b"null",
        b"[]",
        b"{\"a\":",
        b"{\"a\":\"\xff\"}",
    ] {
        assert!(
            matches!(verify(&[], body), Err(Rejected::Malformed(_))),
            "{body:?}"
        );
    }
    assert_eq!(
        woocommerce().handshake(&account(None), "a=b"),
        Handshake::NotSupported
    );
}
