//! Signatures that others published, as they published them, and what each scheme doesn't let through.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderName, header::CONTENT_TYPE};
use serde::Deserialize;
use switchboard_connectors::{RawRequest, Rejected, Verified, find};
use switchboard_domain::{Channel, ChannelAccount, Secret, Timestamp};

use crate::{
    account::{CHANNELS, FORM, JSON, MULTIPART, account, connectors, nowhere, received_at, signed, unsigned},
    fixtures::folder,
};

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret: String,
    headers: BTreeMap<String, String>,
    body: String,
    now: Option<i64>,
    valid: bool,
}

fn account_with(channel: Channel, secrets: &[(&str, &str)]) -> ChannelAccount {
    let mut account = nowhere(channel);
    let secret = |(name, text): &(&str, &str)| ((*name).to_owned(), Secret::new(*text));
    account.secrets.0 = secrets.iter().map(secret).collect();
    account
}

fn judged(channel: Channel, vector: &Vector) -> Result<Verified, Rejected> {
    let mut request = unsigned(JSON, vector.body.as_bytes());
    for (name, value) in &vector.headers {
        request
            .headers
            .insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    let own_time = request
        .headers
        .get("x-twilio-email-event-webhook-timestamp")
        .and_then(|value| value.to_str().unwrap().parse().ok());
    let now = vector
        .now
        .or(own_time)
        .map_or(received_at(), Timestamp::from_secs);
    let account = account_with(channel, &[("signing_secret", &vector.secret)]);
    find(channel).verify(&account, request, now)
}

#[test]
fn published_vectors_are_judged_as_published() {
    for (channel, count) in CHANNELS.into_iter().zip([3, 7, 1]) {
        let text = std::fs::read(folder(channel).join("signatures.json")).unwrap();
        let vectors: Vec<Vector> = serde_json::from_slice(&text).unwrap();
        assert_eq!(vectors.len(), count);
        for vector in vectors {
            let verdict = judged(channel, &vector);
            if vector.valid {
                assert!(verdict.is_ok(), "{channel}: {}: {verdict:?}", vector.name);
            } else {
                let refused = matches!(verdict, Err(Rejected::Unauthenticated(_)));
                assert!(refused, "{channel}: {}: {verdict:?}", vector.name);
            }
        }
    }
}

fn verdict(
    channel: Channel,
    account: &ChannelAccount,
    request: &RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    find(channel).verify(account, request.clone(), now)
}

#[test]
fn an_account_without_secrets_takes_nothing() {
    for channel in CHANNELS {
        let example = find(channel).counterpart().message();
        let request = signed(channel, example.content_type, &example.body);
        for secrets in [
            &[][..],
            &[("signing_secret", "")],
            &[("signing_secret", ""), ("access_token", "x")],
        ] {
            let account = account_with(channel, secrets);
            let refused = verdict(channel, &account, &request, received_at());
            assert!(
                matches!(refused, Err(Rejected::Misconfigured(_))),
                "{channel}: {refused:?}"
            );
            let errors = find(channel)
                .check_account(&account.settings, &account.secrets)
                .unwrap_err();
            assert!(errors.iter().any(|error| error.field == "secrets.signing_secret"));
        }
    }
}

#[test]
fn an_account_that_works_passes_the_form() {
    for connector in connectors() {
        let mut account = nowhere(connector.channel());
        assert_eq!(
            connector.check_account(&account.settings, &account.secrets),
            Ok(())
        );
        account.settings.api_base_url = Some("file:///etc/passwd".to_owned());
        account.settings.other.insert("from".to_owned(), "nobody".into());
        account
            .secrets
            .0
            .insert("smtp_url".to_owned(), Secret::new("http://x"));
        let errors = connector
            .check_account(&account.settings, &account.secrets)
            .unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            ["settings.from", "settings.api_base_url", "secrets.smtp_url"]
        );
    }
}

#[test]
fn a_signature_has_its_time() {
    for (channel, age) in [(Channel::Mailgun, 30_600), (Channel::Sendgrid, 259_200)] {
        let example = find(channel).counterpart().message();
        let request = signed(channel, example.content_type, &example.body);
        let mut account = nowhere(channel);
        let passes = |account: &ChannelAccount, now| verdict(channel, account, &request, now).is_ok();
        assert!(passes(&account, received_at().plus(Duration::from_secs(age))));
        assert!(!passes(
            &account,
            received_at().plus(Duration::from_secs(age + 1))
        ));
        assert!(passes(&account, received_at().minus(Duration::from_mins(5))));
        assert!(!passes(&account, received_at().minus(Duration::from_secs(301))));
        account
            .settings
            .other
            .insert("signature_max_age_secs".to_owned(), 60.into());
        assert!(passes(&account, received_at().plus(Duration::from_mins(1))));
        assert!(!passes(&account, received_at().plus(Duration::from_secs(61))));
    }
}

#[test]
fn any_changed_byte_of_what_sendgrid_signed_is_noticed() {
    let channel = Channel::Sendgrid;
    let example = find(channel).counterpart().message();
    let good = signed(channel, example.content_type, &example.body);
    let refused = |request: RawRequest| {
        let verdict = verdict(channel, &nowhere(channel), &request, received_at());
        matches!(verdict, Err(Rejected::Unauthenticated(_)))
    };
    for at in (0..good.body.len()).step_by(41) {
        let mut body = good.body.to_vec();
        body[at] ^= 1;
        assert!(
            refused(RawRequest {
                body: body.into(),
                ..good.clone()
            }),
            "byte {at}"
        );
    }
    for name in [
        "x-twilio-email-event-webhook-signature",
        "x-twilio-email-event-webhook-timestamp",
    ] {
        let value = good.headers[name].to_str().unwrap().to_owned();
        for changed in [
            "",
            " ",
            "=",
            "x",
            &value[1..],
            &format!("{value}0"),
            &value.replacen('M', "m", 1),
        ] {
            let mut request = good.clone();
            request.headers.insert(name, changed.parse().unwrap());
            let same = request.headers[name] == value;
            assert!(same || refused(request), "{name}: {changed}");
        }
        let mut request = good.clone();
        request.headers.remove(name);
        assert!(refused(request), "{name}");
    }
}

#[test]
fn mailguns_parent_may_sign_and_nobody_else() {
    let body = |signature: &str, parent: &str| {
        format!(
            r#"{{"signature":{{"timestamp":1790000000,"token":"t","signature":"{signature}","parent-signature":"{parent}"}},"event-data":{{}}}}"#
        )
    };
    let code = switchboard_connectors::signature::hmac_sha256(
        &Secret::new("the-webhook-signing-key"),
        b"1790000000t",
        switchboard_connectors::signature::Encoding::LowerHex,
    );
    let passes = |body: String| {
        let request = unsigned(JSON, body.as_bytes());
        verdict(
            Channel::Mailgun,
            &nowhere(Channel::Mailgun),
            &request,
            received_at(),
        )
        .is_ok()
    };
    assert!(passes(body(&code, "x")));
    assert!(passes(body("x", &code)));
    assert!(!passes(body("x", "y")));
    assert!(!passes(body("", "")));
    assert!(!passes(body(&code.to_uppercase(), "")));
}

#[test]
fn a_parse_without_a_policy_needs_its_credentials() {
    let channel = Channel::Sendgrid;
    let example = find(channel).counterpart().message();
    let account = account_with(channel, &[("webhook_credentials", "user:pass")]);
    assert_eq!(
        find(channel).check_account(&account.settings, &account.secrets),
        Ok(())
    );
    let mut request = unsigned(example.content_type, &example.body);
    assert!(verdict(channel, &account, &request, received_at()).is_err());
    request
        .headers
        .insert("authorization", "Basic dXNlcjpwYXNz".parse().unwrap());
    let verified = verdict(channel, &account, &request, received_at()).unwrap();
    assert!(
        verified
            .to_stored()
            .headers
            .iter()
            .all(|(name, _)| name != "authorization")
    );
    // With a key, a signature that is there has to be right, whatever else is.
    let both = account_with(
        channel,
        &[
            ("webhook_credentials", "user:pass"),
            (
                "signing_secret",
                nowhere(channel).secrets.signing_secret().unwrap().expose(),
            ),
        ],
    );
    assert!(verdict(channel, &both, &request, received_at()).is_ok());
    request
        .headers
        .insert("x-twilio-email-event-webhook-signature", "x".parse().unwrap());
    assert!(verdict(channel, &both, &request, received_at()).is_err());
    // And without credentials of ours, those of the request are nothing.
    request.headers.remove("x-twilio-email-event-webhook-signature");
    assert!(verdict(channel, &nowhere(channel), &request, received_at()).is_err());
}

#[test]
fn signed_nonsense_is_malformed() {
    let wrong: [(Channel, &str, &[u8]); 6] = [
        (Channel::Sendgrid, JSON, b"{}"),
        (Channel::Sendgrid, JSON, b"[{]"),
        (Channel::Sendgrid, MULTIPART, b"--xYzZY\r\n"),
        (Channel::Sendgrid, "multipart/form-data", b"--xYzZY--"),
        (Channel::Postmark, JSON, b"[]"),
        (Channel::Postmark, JSON, b"{\"a\":"),
    ];
    for (channel, content_type, body) in wrong {
        let request = signed(channel, content_type, body);
        let refused = verdict(channel, &nowhere(channel), &request, received_at());
        assert!(
            matches!(refused, Err(Rejected::Malformed(_))),
            "{channel}: {refused:?}"
        );
    }
    // Mailgun's proof is in the body, so that one that can't be read has none.
    for (content_type, body) in [
        (JSON, "{"),
        ("text/plain", "a=b"),
        (FORM, ""),
        (MULTIPART, "--xYzZY"),
    ] {
        let mut request = unsigned(content_type, body.as_bytes());
        request
            .headers
            .insert(CONTENT_TYPE, content_type.parse().unwrap());
        let refused = verdict(
            Channel::Mailgun,
            &nowhere(Channel::Mailgun),
            &request,
            received_at(),
        );
        assert!(refused.is_err(), "{content_type}: {refused:?}");
    }
}

#[test]
fn a_rotated_secret_passes_while_both_are_kept() {
    for channel in CHANNELS {
        let example = find(channel).counterpart().message();
        let request = signed(channel, example.content_type, &example.body);
        let mut rotated = account(channel, "http://127.0.0.1:1");
        let old = rotated.secrets.0.remove("signing_secret").unwrap();
        rotated
            .secrets
            .0
            .insert("signing_secret".to_owned(), Secret::new("another:one"));
        assert!(
            verdict(channel, &rotated, &request, received_at()).is_err(),
            "{channel}"
        );
        rotated
            .secrets
            .0
            .insert("previous_signing_secret".to_owned(), old);
        assert!(
            verdict(channel, &rotated, &request, received_at()).is_ok(),
            "{channel}"
        );
    }
}
