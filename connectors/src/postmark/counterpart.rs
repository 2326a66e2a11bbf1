//! Postmark's side of the contract.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use serde_json::json;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use crate::{Counterpart, Example, RawRequest, Scheme};

pub(super) struct PostmarkItself;

impl Counterpart for PostmarkItself {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            other: [("from".to_owned(), json!("Example Support <support@example.com>"))].into(),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "postmark:the-webhook-password"),
            ("access_token", "the-server-token"),
        ];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
        (settings, AccountSecrets(secrets.into()))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/webhookdb-inbound-1.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let credentials = if secret.expose().contains(':') {
            secret.expose().to_owned()
        } else {
            format!("postmark:{}", secret.expose())
        };
        if let Ok(value) = format!("Basic {}", STANDARD.encode(credentials)).parse() {
            request.headers.insert(AUTHORIZATION, value);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["authorization"],
            covers_body: false,
            covers_url: false,
            expires_after: None,
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            200,
            r#"{"To":"ann@customer.example","SubmittedAt":"2026-08-01T12:00:00.0000000Z","MessageID":"0a129aee-e1cd-480d-b08d-4f48548ff48d","ErrorCode":0,"Message":"OK"}"#,
        )
    }
}
