//! Slack's side of the contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::verify::TOLERANCE;
use crate::{
    Counterpart, Example, RawRequest, Scheme,
    signature::{Encoding, hmac_sha256},
};

pub(super) struct Workspace;

impl Counterpart for Workspace {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("T111".to_owned()),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "8f742231b10e8888abcd99yyyzzz85a5"),
            ("access_token", "xoxb-the-access-token"),
        ];
        let secrets: BTreeMap<String, Secret> = secrets
            .into_iter()
            .map(|(name, text)| (name.to_owned(), Secret::new(text)))
            .collect();
        (settings, AccountSecrets(secrets))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/message-message_body.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let timestamp = now.as_millis().div_euclid(1000).to_string();
        let signed = [b"v0:", timestamp.as_bytes(), b":", request.body.as_ref()].concat();
        let code = hmac_sha256(secret, &signed, Encoding::LowerHex);
        let headers = [
            ("x-slack-request-timestamp", timestamp),
            ("x-slack-signature", format!("v0={code}")),
        ];
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers.insert(name, value);
            }
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["x-slack-signature", "x-slack-request-timestamp"],
            covers_body: true,
            covers_url: false,
            expires_after: Some(TOLERANCE.as_secs()),
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            200,
            r#"{"ok":true,"channel":"C111","ts":"1596183999.000100","message":{"type":"message","text":"An answer","bot_id":"B222","ts":"1596183999.000100"}}"#,
        )
    }
}
