//! Shopify's side of the contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use crate::{
    Counterpart, Example, RawRequest, Scheme,
    signature::{Encoding, hmac_sha256},
};

pub(super) struct Shop;

impl Counterpart for Shop {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("acme.myshopify.com".to_owned()),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-client-secret"),
            ("access_token", "shpat_the-access-token"),
        ];
        let secrets: BTreeMap<String, Secret> = secrets
            .into_iter()
            .map(|(name, text)| (name.to_owned(), Secret::new(text)))
            .collect();
        (settings, AccountSecrets(secrets))
    }

    /// Nobody writes through a shop: a customer orders.
    fn message(&self) -> Example {
        Example {
            content_type: "application/json",
            body: Bytes::from_static(include_bytes!("fixtures/inbound/webhook-orders-create.json")),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let code = hmac_sha256(secret, &request.body, Encoding::Base64);
        if let Ok(value) = HeaderValue::from_str(&code) {
            request.headers.insert("x-shopify-hmac-sha256", value);
        }
        for (name, value) in [
            ("x-shopify-topic", "orders/create"),
            ("x-shopify-shop-domain", "acme.myshopify.com"),
        ] {
            let topic = request.headers.entry(name);
            topic.or_insert(HeaderValue::from_static(value));
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["x-shopify-hmac-sha256"],
            covers_body: true,
            covers_url: false,
            expires_after: None,
        }
    }

    /// To `check_credentials`: nothing is sent.
    fn accepts(&self) -> (u16, &'static str) {
        (200, r#"{"data":{"shop":{"name":"Acme"}}}"#)
    }
}
