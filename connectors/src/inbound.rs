//! What a provider told us, in the hub's terms.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{Content, MessageError, MessageId, MessageStatus, Timestamp};

use crate::CommerceEvent;

/// One event of a webhook. A webhook may hold many, of several of our accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// The provider's id of the account of ours it happened to, where one webhook serves several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_account_id: Option<String>,
    pub event: Event,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A customer wrote.
    Message(InboundMessage),
    /// What became of a message that we sent.
    Status(StatusUpdate),
    /// A customer has read all they were sent up to a time of the provider's clock, where no message is named.
    ReadUpTo { contact: String, until: Timestamp },
    /// Our account wrote outside the hub, or the provider repeats what the hub sent: told apart by its id.
    Echo(EchoMessage),
    /// The author changed an earlier message.
    Edited {
        /// Of the message that changed.
        provider_message_id: String,
        content: Content,
        provider_at: Timestamp,
        /// Of the change itself.
        event_id: String,
    },
    /// The author took an earlier message back.
    Deleted {
        /// Of the message that is gone.
        provider_message_id: String,
        provider_at: Timestamp,
        /// Of the deletion itself.
        event_id: String,
    },
    /// A customer has another id from now on.
    IdentityChanged {
        old: String,
        new: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        provider_at: Timestamp,
    },
    /// Something happened in a shop. Nobody wrote, but whoever talks with the customer wants to know.
    Commerce(CommerceEvent),
    /// Anything else, kept as it came. `kind` is the provider's name for it.
    Unsupported { kind: String, raw: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// Unique within the account; what deduplication goes by (P2).
    pub provider_message_id: String,
    pub sender: Sender,
    pub content: Content,
    pub provider_at: Timestamp,
    /// The message it quotes, by the provider's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The provider's id of the group it was written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Written by somebody else and passed on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub forwarded: bool,
    /// The advertisement or post that led here, in the provider's own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Value>,
}

/// A customer, as the provider names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The most stable id there is: the key of the identity.
    pub external_id: String,
    /// Other ids of the same person, by which they may be known to us already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where an answer goes, if not to `external_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Sender {
    /// Where an answer goes.
    pub fn reply_address(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.external_id)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusUpdate {
    pub provider_message_id: String,
    pub status: MessageStatus,
    pub provider_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<MessageError>,
    /// Our own id, if we gave it along and the provider returns it: it settles a send whose answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EchoMessage {
    pub provider_message_id: String,
    /// The customer it went to.
    pub recipient: Sender,
    pub content: Content,
    pub provider_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}
