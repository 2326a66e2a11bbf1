//! Vonage's side of the contract.

use bytes::Bytes;
use http::{HeaderValue, header::AUTHORIZATION};
use serde_json::json;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::verify::TOLERANCE;
use crate::{Counterpart, Example, RawRequest, Scheme, jwt, signature::sha256_hex};

const API_KEY: &str = "abcd1234";

pub(super) struct VonageSide;

impl Counterpart for VonageSide {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("447700900000".to_owned()),
            other: [("api_key".to_owned(), API_KEY.into())].into(),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-signature-secret"),
            ("access_token", "the-access-token"),
        ];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
        (settings, AccountSecrets(secrets.into()))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/messages-inbound-sms-text.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let claims = json!({
            "iat": now.as_millis() / 1000,
            "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
            "iss": "Vonage",
            "payload_hash": sha256_hex(&request.body),
            "api_key": API_KEY,
        });
        let token = jwt::sign(secret, &claims);
        if let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}")) {
            request.headers.insert(AUTHORIZATION, value);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["authorization"],
            covers_body: true,
            covers_url: false,
            expires_after: Some(TOLERANCE.as_secs()),
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (202, r#"{"message_uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}"#)
    }
}
