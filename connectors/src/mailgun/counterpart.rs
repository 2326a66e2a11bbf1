//! Mailgun's side of the contract.

use bytes::Bytes;
use serde_json::{Value, json};
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::account::MAX_AGE_SECS;
use crate::{
    Counterpart, Example, RawRequest, Scheme,
    signature::{Encoding, hmac_sha256},
};

pub(super) struct MailgunItself;

impl Counterpart for MailgunItself {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("mg.example.com".to_owned()),
            other: [(
                "from".to_owned(),
                json!("Example Support <support@mg.example.com>"),
            )]
            .into(),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-webhook-signing-key"),
            ("access_token", "key-the-api-key"),
        ];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
        (settings, AccountSecrets(secrets.into()))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/x-www-form-urlencoded",
            body: Bytes::from_static(
                include_bytes!("fixtures/inbound/route-parsed.form.txt").trim_ascii_end(),
            ),
        }
    }

    /// The three fields go into the body: in front of a form's, or as a member of an object.
    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let timestamp = (now.as_millis() / 1000).to_string();
        let token = hmac_sha256(secret, &request.body, Encoding::LowerHex)[..50].to_owned();
        let signature = hmac_sha256(
            secret,
            format!("{timestamp}{token}").as_bytes(),
            Encoding::LowerHex,
        );
        request.body = if let Ok(Value::Object(mut body)) = serde_json::from_slice(&request.body) {
            let proof = json!({ "timestamp": timestamp, "token": token, "signature": signature });
            body.insert("signature".to_owned(), proof);
            Value::Object(body).to_string().into()
        } else {
            let fields = format!("timestamp={timestamp}&token={token}&signature={signature}&");
            [fields.as_bytes(), &request.body].concat().into()
        };
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &[],
            covers_body: false,
            covers_url: false,
            expires_after: Some(MAX_AGE_SECS),
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            200,
            r#"{"id":"<20260801120000.1.0123456789ABCDEF@mg.example.com>","message":"Queued. Thank you."}"#,
        )
    }
}
