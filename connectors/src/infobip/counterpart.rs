//! Infobip's side of the contract, with the name and password that its security settings offer first.

use bytes::Bytes;
use http::{HeaderValue, header::AUTHORIZATION};
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::{account::Proof, verify::basic};
use crate::{Counterpart, Example, RawRequest, Scheme};

pub(super) struct InfobipSide;

impl Counterpart for InfobipSide {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("385921004026".to_owned()),
            other: [("username".to_owned(), "infobip".into())].into(),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-webhook-password"),
            ("access_token", "the-access-token"),
        ];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
        (settings, AccountSecrets(secrets.into()))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/sms-received.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        let (Some(secret), Ok(Proof::Basic { username })) =
            (account.secrets.signing_secret(), Proof::of(&account.settings))
        else {
            return;
        };
        if let Ok(value) = HeaderValue::from_str(&format!("Basic {}", basic(username, secret))) {
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
            r#"{"bulkId":"1688025180464000013","messages":[{"messageId":"1688025180464000014","status":{"groupId":1,"groupName":"PENDING","id":26,"name":"PENDING_ACCEPTED","description":"Message accepted, pending for delivery."},"destination":"16505551234"}]}"#,
        )
    }
}
