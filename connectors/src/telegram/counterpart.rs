//! Telegram's side of the contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use crate::{Counterpart, Example, RawRequest, Scheme};

pub(super) struct BotApi;

impl Counterpart for BotApi {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-secret-token"),
            ("access_token", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
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
            body: Bytes::from_static(include_bytes!("fixtures/inbound/official-message-entities.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        let secret = account.secrets.signing_secret();
        if let Some(value) = secret.and_then(|secret| HeaderValue::from_str(secret.expose()).ok()) {
            request.headers.insert("x-telegram-bot-api-secret-token", value);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["x-telegram-bot-api-secret-token"],
            covers_body: false,
            covers_url: false,
            expires_after: None,
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            200,
            r#"{"ok":true,"result":{"message_id":4096,"from":{"id":110201543,"is_bot":true,"first_name":"Hub","username":"hub_bot"},"chat":{"id":1111111,"first_name":"Test Firstname","type":"private"},"date":1760000000,"text":"hello"}}"#,
        )
    }
}
