//! What the hub sent.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use switchboard_domain::Timestamp;

/// One call to `/{version}/{phone_number_id}/messages`, also a refused one.
#[derive(Clone, Debug, Serialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub kind: Kind,
    /// The request's path.
    pub path: String,
    /// The `Authorization` header, as it came.
    pub authorization: Option<String>,
    /// The JSON body; `null` if it wasn't JSON.
    pub body: Value,
    /// The body's bytes.
    #[serde(skip)]
    pub raw: Bytes,
    /// The status that was, or would have been, answered; `None` if there was no answer by intention.
    pub http: Option<u16>,
    /// Meta's error code, if refused.
    pub error_code: Option<u32>,
    /// The id given to an accepted message.
    pub wamid: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Message,
    /// `status: read`: the hub says that our people have seen the customer's message.
    ReadReceipt,
}

impl Recorded {
    /// Whether the message counts as handed over: it got an id.
    pub fn accepted(&self) -> bool {
        self.wamid.is_some()
    }

    /// The text, if it is a text message.
    pub fn text(&self) -> Option<&str> {
        self.body["text"]["body"].as_str()
    }
}
