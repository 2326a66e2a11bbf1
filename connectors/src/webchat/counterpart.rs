//! The other side of the contract: a shop's own server.

use std::collections::BTreeMap;

use bytes::Bytes;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::verify::{self, SIGNATURE, TIMESTAMP, TOLERANCE};
use crate::{Counterpart, Example, RawRequest, Scheme};

pub(super) struct Shop;

impl Counterpart for Shop {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let words = [
            ("title", "The demo shop"),
            ("greeting", "Hello! What can we do for you?"),
        ];
        let settings = AccountSettings {
            other: words.map(|(name, text)| (name.to_owned(), text.into())).into(),
            api_base_url: Some(api_base_url.to_owned()),
            ..AccountSettings::default()
        };
        let secret = Secret::new("shop-webchat-secret");
        let secrets = BTreeMap::from([("signing_secret".to_owned(), secret)]);
        (settings, AccountSecrets(secrets))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/message.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        if let Some(secret) = account.secrets.signing_secret() {
            verify::sign(secret, &mut request.headers, &request.body, now);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &[TIMESTAMP, SIGNATURE],
            covers_body: true,
            covers_url: false,
            expires_after: Some(TOLERANCE),
        }
    }

    /// Nobody is asked.
    fn accepts(&self) -> (u16, &'static str) {
        (204, "")
    }
}
