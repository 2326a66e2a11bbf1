//! The JSON of webhooks: customers' messages and statuses.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use switchboard_domain::Timestamp;

use crate::{graph::catalogue, options::FakeGraphOptions, state::Accepted};

/// The business account's id.
const WABA: &str = "102290129340398";

/// What a customer writes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomerMessage {
    /// The customer's number, digits only.
    pub from: String,
    /// The profile's name.
    #[serde(default)]
    pub name: String,
    /// `type` and the object of that name, as in Meta's webhook: `{"type":"text","text":{"body":"…"}}`;
    /// `context` if it answers a message.
    pub message: Value,
    /// The message's own id; one is made if there is none. The same id again is the same message.
    #[serde(default)]
    pub id: Option<String>,
    /// When it was written; now if not said. The webhook has whole seconds.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

impl CustomerMessage {
    pub fn new(from: impl Into<String>, name: impl Into<String>, message: Value) -> Self {
        Self {
            from: from.into(),
            name: name.into(),
            message,
            id: None,
            at: None,
        }
    }

    pub fn text(from: impl Into<String>, name: impl Into<String>, text: &str) -> Self {
        Self::new(from, name, json!({"type": "text", "text": {"body": text}}))
    }

    pub fn location(from: impl Into<String>, name: impl Into<String>, latitude: f64, longitude: f64) -> Self {
        let location = json!({"latitude": latitude, "longitude": longitude});
        Self::new(from, name, json!({"type": "location", "location": location}))
    }

    /// An emoji on the message `wamid`; an empty one takes it back.
    pub fn reaction(from: impl Into<String>, name: impl Into<String>, wamid: &str, emoji: &str) -> Self {
        let mut reaction = json!({"message_id": wamid});
        if !emoji.is_empty() {
            reaction["emoji"] = emoji.into();
        }
        Self::new(from, name, json!({"type": "reaction", "reaction": reaction}))
    }

    /// A press on the button `id` of the message `wamid`.
    pub fn button_reply(
        from: impl Into<String>,
        name: impl Into<String>,
        wamid: &str,
        (id, title): (&str, &str),
    ) -> Self {
        let interactive = json!({"type": "button_reply", "button_reply": {"id": id, "title": title}});
        let message = json!({"type": "interactive", "interactive": interactive, "context": {"id": wamid}});
        Self::new(from, name, message)
    }

    /// The webhook's body.
    pub(super) fn payload(&self, id: &str, at: Timestamp, options: &FakeGraphOptions) -> Value {
        let mut message = self.message.clone();
        message["from"] = self.from.as_str().into();
        message["id"] = id.into();
        message["timestamp"] = seconds(at).into();
        if message["context"].is_object() {
            message["context"]["from"] = options.display_phone_number.as_str().into();
        }
        let contact = json!({"profile": {"name": self.name}, "wa_id": self.from});
        let mut value = value(options);
        value["contacts"] = json!([contact]);
        value["messages"] = json!([message]);
        envelope(&value)
    }
}

/// A status of an outbound message.
pub(crate) fn status(
    options: &FakeGraphOptions,
    (wamid, accepted): (&str, &Accepted),
    (status, error_code): (&str, Option<u32>),
    at: Timestamp,
) -> Value {
    let mut entry = json!({
        "id": wamid,
        "status": status,
        "timestamp": seconds(at),
        "recipient_id": accepted.to,
    });
    if let Some(opaque) = &accepted.opaque {
        entry["biz_opaque_callback_data"] = opaque.as_str().into();
    }
    if let Some(code) = error_code {
        entry["errors"] = json!([error(code)]);
    } else {
        entry["conversation"] =
            json!({"id": "7270432eae37498234f4444b35ffc5e2", "origin": {"type": "service"}});
        entry["pricing"] = json!({"billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"});
    }
    let mut value = value(options);
    value["statuses"] = json!([entry]);
    envelope(&value)
}

fn error(code: u32) -> Value {
    let title = catalogue(code).1;
    let details = match code {
        131_047 => {
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
        }
        131_026 => "Message undeliverable.",
        _ => title,
    };
    json!({
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
    })
}

fn value(options: &FakeGraphOptions) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": options.display_phone_number,
            "phone_number_id": options.phone_number_id,
        },
    })
}

fn envelope(value: &Value) -> Value {
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": WABA, "changes": [{"value": value, "field": "messages"}]}],
    })
}

fn seconds(at: Timestamp) -> String {
    at.as_millis().div_euclid(1000).to_string()
}
