//! MessageBird's side of the contract.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::json;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::verify::LIFETIME;
use crate::{Counterpart, Example, RawRequest, Scheme, jwt, signature::sha256_hex};

pub(super) struct BirdSide;

impl Counterpart for BirdSide {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("chid".to_owned()),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-signing-key"),
            ("access_token", "the-access-token"),
        ];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
        (settings, AccountSecrets(secrets.into()))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/webhook-message-created.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let at = now.as_millis() / 1000;
        let mut claims = json!({
            "iss": "MessageBird",
            "nbf": at,
            "exp": now.plus(LIFETIME).as_millis() / 1000,
            "jti": "59a244dc-e9ad-4e23-9778-371fa238f721",
            "url_hash": sha256_hex(request.url.as_bytes()),
        });
        if !request.body.is_empty() {
            claims["payload_hash"] = sha256_hex(&request.body).into();
        }
        if let Ok(value) = HeaderValue::from_str(&jwt::sign(secret, &claims)) {
            request.headers.insert("messagebird-signature-jwt", value);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["messagebird-signature-jwt"],
            covers_body: true,
            covers_url: true,
            expires_after: Some(LIFETIME.as_secs()),
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            202,
            r#"{"id":"2e15efafec384e1c82e9842075e87beb","status":"accepted"}"#,
        )
    }
}
