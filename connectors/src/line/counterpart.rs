//! LINE's side of the contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use crate::{
    Counterpart, Example, RawRequest, Scheme,
    signature::{Encoding, hmac_sha256},
};

pub(super) struct MessagingApi;

impl Counterpart for MessagingApi {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-channel-secret"),
            ("access_token", "the-channel-access-token"),
        ];
        let secrets: BTreeMap<String, Secret> = secrets
            .into_iter()
            .map(|(name, text)| (name.to_owned(), Secret::new(text)))
            .collect();
        (settings, AccountSecrets(secrets))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json; charset=utf-8",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/text-user.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let code = hmac_sha256(secret, &request.body, Encoding::Base64);
        if let Ok(value) = HeaderValue::from_str(&code) {
            request.headers.insert("x-line-signature", value);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["x-line-signature"],
            covers_body: true,
            covers_url: false,
            expires_after: None,
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            200,
            r#"{"sentMessages":[{"id":"461230966842064897","quoteToken":"IStG5h1Tz7b"}]}"#,
        )
    }
}
