//! The ways in which an account's webhooks may be proven, and that no other passes.

use switchboard_connectors::{
    Acknowledgement, Handshake, Rejected,
    signature::{Encoding, Hash, hmac},
};
use switchboard_domain::{ChannelAccount, Secret};

use crate::{
    infobip,
    support::{URL, account, received_at, request, verify, with_secret},
};

fn with(settings: &[(&str, &str)]) -> ChannelAccount {
    let mut account = with_secret(infobip(), "right");
    account
        .secrets
        .0
        .insert("previous_signing_secret".to_owned(), Secret::new("old"));
    account.settings.other.clear();
    for (name, value) in settings {
        account.settings.other.insert((*name).to_owned(), (*value).into());
    }
    account
}

fn passes(account: &ChannelAccount, header: &str, value: &str) -> bool {
    match infobip().verify(account, request(URL, &[(header, value)], b"{}"), received_at()) {
        Ok(_) => true,
        Err(Rejected::Unauthenticated(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn name_and_password() {
    let account = with(&[("username", "infobip")]);
    // infobip:right, infobip:old
    for good in [
        "Basic aW5mb2JpcDpyaWdodA==",
        "basic aW5mb2JpcDpyaWdodA==",
        "Basic aW5mb2JpcDpvbGQ=",
    ] {
        assert!(passes(&account, "authorization", good), "{good}");
    }
    // infobip:wrong, other:right, infobip:, :, and the first without its padding
    for bad in [
        "Basic aW5mb2JpcDp3cm9uZw==",
        "Basic b3RoZXI6cmlnaHQ=",
        "Basic aW5mb2JpcDo=",
        "Basic Og==",
        "Basic aW5mb2JpcDpyaWdodA",
        "Bearer aW5mb2JpcDpyaWdodA==",
        "aW5mb2JpcDpyaWdodA==",
        "Basic ",
        "",
    ] {
        assert!(!passes(&account, "authorization", bad), "{bad}");
    }
    assert!(!passes(&account, "x-secret", "right"));
}

#[test]
fn a_header_of_ours() {
    let account = with(&[("auth_scheme", "header"), ("signature_header", "X-Hub-Key")]);
    assert!(passes(&account, "x-hub-key", "right") && passes(&account, "x-hub-key", "old"));
    for bad in ["", "Right", "righ", "right2"] {
        assert!(!passes(&account, "x-hub-key", bad), "{bad}");
    }
    assert!(!passes(&account, "authorization", "right"));
}

#[test]
fn a_code_over_the_body() {
    for (name, hash) in [
        ("sha1", Hash::Sha1),
        ("sha256", Hash::Sha256),
        ("sha512", Hash::Sha512),
    ] {
        let account = with(&[
            ("auth_scheme", "hmac"),
            ("signature_header", "x-signature"),
            ("hmac_algorithm", name),
        ]);
        for encoding in [Encoding::LowerHex, Encoding::Base64] {
            let code = |key: &[u8], body: &[u8]| hmac(hash, key, body, encoding);
            assert!(passes(&account, "x-signature", &code(b"right", b"{}")));
            assert!(passes(
                &account,
                "x-signature",
                &format!("{name}={}", code(b"old", b"{}"))
            ));
            assert!(!passes(&account, "x-signature", &code(b"wrong", b"{}")));
            assert!(!passes(&account, "x-signature", &code(b"right", b"{ }")));
        }
        let weaker = hmac(Hash::Md5, b"right", b"{}", Encoding::LowerHex);
        assert!(!passes(&account, "x-signature", &weaker));
        assert!(!passes(&account, "x-signature", ""));
    }
}

#[test]
fn an_account_that_does_not_say_how_takes_nothing() {
    for settings in [
        &[][..],
        &[("username", "")],
        &[("username", "a:b")],
        &[("auth_scheme", "none"), ("username", "infobip")],
        &[("auth_scheme", "header")],
        &[("auth_scheme", "header"), ("signature_header", "not a name")],
        &[("auth_scheme", "hmac")],
        &[
            ("auth_scheme", "hmac"),
            ("signature_header", "x-s"),
            ("hmac_algorithm", "md5"),
        ],
    ] {
        let account = with(settings);
        let headers = [("authorization", "Basic Og=="), ("x-s", "")];
        let verdict = infobip().verify(&account, request(URL, &headers, b"{}"), received_at());
        assert!(matches!(verdict, Err(Rejected::Misconfigured(_))), "{settings:?}");
        assert!(
            infobip()
                .check_account(&account.settings, &account.secrets)
                .is_err(),
            "{settings:?}"
        );
    }
    let mut no_secret = with(&[("username", "infobip")]);
    for secret in [None, Some(Secret::new(""))] {
        no_secret.secrets.0.clear();
        no_secret
            .secrets
            .0
            .extend(secret.map(|secret| ("signing_secret".to_owned(), secret)));
        // infobip:
        let verdict = infobip().verify(
            &no_secret,
            request(URL, &[("authorization", "Basic aW5mb2JpcDo=")], b"{}"),
            received_at(),
        );
        assert!(matches!(verdict, Err(Rejected::Misconfigured(_))));
    }
}

#[test]
fn proven_nonsense_is_malformed_and_nobody_shakes_hands() {
    for body in [
        &b""[..],
        b"garbage",
        b"a=b",
        b"[]",
        b"null",
        b"{\"a\":",
        b"{\"a\":\"\xff\"}",
    ] {
        assert!(
            matches!(verify(infobip(), body), Err(Rejected::Malformed(_))),
            "{body:?}"
        );
    }
    let target = account(infobip(), "http://127.0.0.1:1");
    assert_eq!(infobip().handshake(&target, ""), Handshake::NotSupported);
    let verified = verify(infobip(), b"{}").unwrap();
    assert_eq!(
        infobip().acknowledge(&target, &verified),
        Acknowledgement::empty()
    );
    assert!(
        verified.to_stored().headers.is_empty(),
        "the password is not kept"
    );
}
