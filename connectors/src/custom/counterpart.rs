//! The other side of the contract: somebody's own integration.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::json;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use crate::{
    Counterpart, Example, RawRequest, Scheme,
    standard_webhooks::{Key, TOLERANCE},
};

pub(super) struct Integration;

impl Counterpart for Integration {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let mapping = json!({
            "only": { "/type": "message.received" },
            "message_id": "/data/id",
            "sender_id": "/data/from/id",
            "sender_name": "/data/from/name",
            "text": "/data/text",
            "timestamp": "/timestamp",
            "media_url": "/data/attachments/*/url",
            "media_type": "/data/attachments/*/type",
            "reply_to": "/data/reply_to",
        });
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            other: [("mapping".to_owned(), mapping)].into(),
            ..AccountSettings::default()
        };
        let secret = Secret::new("whsec_dGhlLXNpZ25pbmctc2VjcmV0LW9mLTMyLWJ5dGVz");
        let secrets = BTreeMap::from([("signing_secret".to_owned(), secret)]);
        (settings, AccountSecrets(secrets))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/message-received.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        const ID: &str = "msg_2Z5nYdRHvKhJqJ3cBz1GFpQ8e7T";
        let key = account.secrets.signing_secret().and_then(Key::parse);
        let Some(signature) = key.and_then(|key| key.sign(ID, now, &request.body)) else {
            return;
        };
        let secs = now.as_millis().div_euclid(1000).to_string();
        for (name, value) in [
            ("webhook-id", ID),
            ("webhook-timestamp", secs.as_str()),
            ("webhook-signature", signature.as_str()),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                request.headers.insert(name, value);
            }
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["webhook-id", "webhook-timestamp", "webhook-signature"],
            covers_body: true,
            covers_url: false,
            expires_after: Some(TOLERANCE.as_secs()),
        }
    }

    /// Standard Webhooks asks for any 2xx; a body is the receiver's own affair.
    fn accepts(&self) -> (u16, &'static str) {
        (204, "")
    }
}
