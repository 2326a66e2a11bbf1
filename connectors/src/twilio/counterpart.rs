//! Twilio's side of the contract.

use bytes::Bytes;
use http::HeaderValue;
use switchboard_domain::{AccountSecrets, AccountSettings, ChannelAccount, Secret, Timestamp};

use super::verify;
use crate::{Counterpart, Example, RawRequest, Scheme};

pub(super) struct TwilioSide;

impl Counterpart for TwilioSide {
    fn account(&self, api_base_url: &str) -> (AccountSettings, AccountSecrets) {
        let settings = AccountSettings {
            api_base_url: Some(api_base_url.to_owned()),
            provider_account_id: Some("whatsapp:+14155238886".to_owned()),
            other: [(
                "account_sid".to_owned(),
                "ACf19dfb164f82b2c9d6178c6ada300000".into(),
            )]
            .into(),
            ..AccountSettings::default()
        };
        let secrets = [
            ("signing_secret", "the-auth-token"),
            ("access_token", "the-access-token"),
        ];
        let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
        (settings, AccountSecrets(secrets.into()))
    }

    fn message(&self) -> Example {
        Example {
            content_type: "application/x-www-form-urlencoded",
            body: Bytes::from_static(include_bytes!(
                "fixtures/inbound/bottender-whatsapp-text-message-received.form.txt"
            )),
        }
    }

    fn sign(&self, account: &ChannelAccount, request: &mut RawRequest, _now: Timestamp) {
        let Some(secret) = account.secrets.signing_secret() else {
            return;
        };
        let code = verify::sign(secret, &request.url, &request.body);
        if let Ok(value) = HeaderValue::from_str(&code) {
            request.headers.insert("x-twilio-signature", value);
        }
    }

    fn scheme(&self) -> Scheme {
        Scheme {
            headers: &["x-twilio-signature"],
            covers_body: true,
            covers_url: true,
            expires_after: None,
        }
    }

    fn accepts(&self) -> (u16, &'static str) {
        (
            201,
            r#"{"sid":"SM5ef8732a3c49700934481addd5ce1659","status":"queued","error_code":null,"error_message":null,"num_segments":"1"}"#,
        )
    }
}
