//! WhatsApp Cloud webhooks as Meta sends them: built, serialised once, and signed over those bytes.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard_domain::Timestamp;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Hub-Signature-256";

/// A webhook ready to post.
#[derive(Clone, Debug)]
pub struct SignedWebhook {
    pub body: Vec<u8>,
    /// The value of [`SIGNATURE_HEADER`]: `sha256=` and the HMAC in lowercase hex.
    pub signature: String,
}

/// One customer's text message.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// Provider message id (`wamid.…`): what duplicates are told by.
    pub id: &'a str,
    /// The sender's phone number, digits only.
    pub from: &'a str,
    pub name: &'a str,
    pub body: &'a str,
    /// Sent in whole seconds, as WhatsApp does.
    pub at: Timestamp,
}

/// A WhatsApp number whose webhooks are signed with `app_secret`.
#[derive(Clone, Debug)]
pub struct Number {
    pub app_secret: String,
    pub phone_number_id: String,
}

impl Number {
    /// The demo's account `wa-demo`.
    pub fn demo() -> Self {
        Self {
            app_secret: "demo-whatsapp-secret".into(),
            phone_number_id: "wa-demo".into(),
        }
    }

    pub fn text(&self, text: &Text) -> SignedWebhook {
        self.texts(std::slice::from_ref(text))
    }

    /// Several messages in one delivery, as WhatsApp batches a backlog.
    pub fn texts(&self, texts: &[Text]) -> SignedWebhook {
        let contacts = texts
            .iter()
            .map(|text| json!({ "profile": { "name": text.name }, "wa_id": text.from }));
        let messages = texts.iter().map(|text| {
            json!({
                "from": text.from,
                "id": text.id,
                "timestamp": seconds(text.at),
                "type": "text",
                "text": { "body": text.body },
            })
        });
        self.delivery(
            &json!({ "contacts": contacts.collect::<Vec<_>>(), "messages": messages.collect::<Vec<_>>() }),
        )
    }

    /// A delivery report: `status` is `sent`, `delivered`, `read` or `failed`.
    pub fn status(&self, message_id: &str, recipient: &str, status: &str, at: Timestamp) -> SignedWebhook {
        let report = json!({ "id": message_id, "status": status, "timestamp": seconds(at), "recipient_id": recipient });
        self.delivery(&json!({ "statuses": [report] }))
    }

    /// The envelope around any `value` of the field `messages`; product and metadata are added to it.
    pub fn delivery(&self, value: &Value) -> SignedWebhook {
        let mut value = value.clone();
        value["messaging_product"] = json!("whatsapp");
        value["metadata"] =
            json!({ "display_phone_number": "15550783881", "phone_number_id": self.phone_number_id });
        let envelope = json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": "102290129340398", "changes": [{ "field": "messages", "value": value }] }],
        });
        self.sign(envelope.to_string().into_bytes())
    }

    /// Signs any bytes, also ones that aren't a webhook.
    pub fn sign(&self, body: Vec<u8>) -> SignedWebhook {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.app_secret.as_bytes()).expect("any key length will do");
        mac.update(&body);
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        SignedWebhook { body, signature }
    }
}

fn seconds(at: Timestamp) -> String {
    at.as_millis().div_euclid(1000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The well-known answer for HMAC-SHA256 (key "key", the pangram).
    #[test]
    fn signs_like_everyone_else() {
        let number = Number {
            app_secret: "key".into(),
            phone_number_id: String::new(),
        };
        let signed = number.sign(b"The quick brown fox jumps over the lazy dog".to_vec());
        assert_eq!(
            signed.signature,
            "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
    }

    #[test]
    fn a_text_has_meta_s_shape() {
        let text = Text {
            id: "wamid.1",
            from: "491701",
            name: "Ada",
            body: "hi",
            at: Timestamp::from_millis(1_999),
        };
        let body: Value = serde_json::from_slice(&Number::demo().text(&text).body).unwrap();
        let value = &body["entry"][0]["changes"][0]["value"];
        assert_eq!(value["metadata"]["phone_number_id"], "wa-demo");
        assert_eq!(value["contacts"][0]["wa_id"], "491701");
        assert_eq!(value["messages"][0]["timestamp"], "1");
        assert_eq!(value["messages"][0]["text"]["body"], "hi");
    }
}
