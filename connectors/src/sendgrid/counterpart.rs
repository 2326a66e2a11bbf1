//! SendGrid's side of the contract.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use serde_json::json;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::{
    account::MAX_AGE_SECS,
    verify::{SIGNATURE, TIMESTAMP},
};
use crate::{Counterpart, Example, RawRequest, Scheme};

/// The two halves of the example's key; made for it, and good for nothing else.
const PRIVATE_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguvly1znzvLlR8A80X/HiVddegwpND7KhbNf4ZE9pD8ahRANCAAQmjQY/EDssnVAmosW7/eJvFBHtA9ULfNgPk+Glcrf+Hy7hBwh9cCkhn4pBx61iqqr5WSMoBRRcWj8WNleIUjad";
const PUBLIC_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJo0GPxA7LJ1QJqLFu/3ibxQR7QPVC3zYD5PhpXK3/h8u4QcIfXApIZ+KQcetYqqq+VkjKAUUXFo/FjZXiFI2nQ==";

pub(super) struct Twilio;

impl Counterpart for Twilio {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            other: [("from".to_owned(), json!("Example Support <support@example.com>"))].into(),
            ..AccountSettings::default()
        };
        let secrets = [("signing_secret", PUBLIC_KEY), ("access_token", "SG.the-api-key")];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
        (settings, AccountSecrets(secrets.into()))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "multipart/form-data; boundary=xYzZY",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/inbound-basics.multipart.txt")),
        }
    }

    /// Only for an account with the example's key: nobody signs without the private half.
    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        let random = SystemRandom::new();
        let key = STANDARD
            .decode(PRIVATE_KEY)
            .ok()
            .and_then(|key| EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &random).ok());
        let is_ours = account
            .secrets
            .signing_secret()
            .is_some_and(|key| key.expose() == PUBLIC_KEY);
        let Some(key) = key.filter(|_| is_ours) else {
            return;
        };
        let timestamp = (now.as_millis() / 1000).to_string();
        let signed = [timestamp.as_bytes(), request.body.as_ref()].concat();
        let Ok(signature) = key.sign(&random, &signed) else {
            return;
        };
        let signature = STANDARD.encode(signature.as_ref());
        for (name, value) in [(SIGNATURE, signature), (TIMESTAMP, timestamp)] {
            if let Ok(value) = value.parse() {
                request.headers.insert(name, value);
            }
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &[SIGNATURE, TIMESTAMP],
            covers_body: true,
            covers_url: false,
            expires_after: Some(MAX_AGE_SECS),
        }
    }

    /// SendGrid's answer is a header, `X-Message-Id`, above an empty body.
    fn accepts(&self) -> (u16, &'static str) {
        (202, "")
    }
}
