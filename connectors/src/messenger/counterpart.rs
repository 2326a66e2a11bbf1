//! Meta's side of the contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use crate::{Counterpart, Example, RawRequest, Scheme, meta::signature};

pub(super) struct Meta;

impl Counterpart for Meta {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("12345654332".to_owned()),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-app-secret"),
            ("access_token", "the-access-token"),
            ("verify_token", "the-verify-token"),
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
            body: Bytes::from_static(include_bytes!("fixtures/inbound/message-basic.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        signature::sign(account, request);
    }

    fn scheme(&self) -> Scheme {
        signature::SCHEME
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            200,
            r#"{"recipient_id":"987654321432","message_id":"m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM"}"#,
        )
    }
}
