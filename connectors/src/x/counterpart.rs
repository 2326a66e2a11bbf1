//! X's side of the contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use crate::{
    Counterpart, Example, RawRequest, Scheme,
    signature::{Encoding, hmac_sha256},
};

pub(super) struct Platform;

impl Counterpart for Platform {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("4337869213".to_owned()),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-consumer-secret"),
            ("access_token", "the-users-access-token"),
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
            body: Bytes::from_static(include_bytes!("fixtures/inbound/dm-received.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let code = hmac_sha256(secret, &request.body, Encoding::Base64);
        if let Ok(value) = HeaderValue::from_str(&format!("sha256={code}")) {
            request.headers.insert("x-twitter-webhooks-signature", value);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["x-twitter-webhooks-signature"],
            covers_body: true,
            covers_url: false,
            expires_after: None,
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            201,
            r#"{"data":{"dm_conversation_id":"3001969357-4337869213","dm_event_id":"1582103724607971332"}}"#,
        )
    }
}
