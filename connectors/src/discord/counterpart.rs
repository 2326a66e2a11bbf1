//! Discord's side of the contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use http::HeaderValue;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::verify::TOLERANCE;
use crate::{Counterpart, Example, RawRequest, Scheme};

pub(super) struct Application;

/// What Discord signs with: an account knows only the public half of it.
fn signing_key() -> SigningKey {
    SigningKey::from_bytes(b"a key for tests and for the demo")
}

impl Counterpart for Application {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("845027738276462632".to_owned()),
            ..AccountSettings::default()
        };
        let public_key = hex::encode(signing_key().verifying_key().as_bytes());
        let secrets: BTreeMap<String, Secret> = [
            ("signing_secret".to_owned(), Secret::new(public_key)),
            ("access_token".to_owned(), Secret::new("the.bots.access-token")),
        ]
        .into();
        (settings, AccountSecrets(secrets))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!(
                "fixtures/inbound/interaction-contact-command.json"
            )),
        }
    }

    fn sign(&self, _account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        let timestamp = now.as_millis().div_euclid(1000).to_string();
        let signed = [timestamp.as_bytes(), request.body.as_ref()].concat();
        let signature = hex::encode(signing_key().sign(&signed).to_bytes());
        let headers = [
            ("x-signature-timestamp", timestamp),
            ("x-signature-ed25519", signature),
        ];
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers.insert(name, value);
            }
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["x-signature-ed25519", "x-signature-timestamp"],
            covers_body: true,
            covers_url: false,
            expires_after: Some(TOLERANCE.as_secs()),
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            200,
            r#"{"id":"1428340152870605010","type":0,"channel_id":"772908445358620702","content":"An answer","author":{"id":"845027738276462632","bot":true,"username":"Support"},"timestamp":"2025-10-16T12:10:00+00:00"}"#,
        )
    }
}
