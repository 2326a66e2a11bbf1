//! Handing a message to a provider, and what to do when that fails.

use std::time::Duration;

use bytes::Bytes;
use switchboard_domain::{Content, MessageError, MessageId};

/// A message to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Given to the provider where it returns such things, so that a lost answer can be settled later.
    pub message_id: MessageId,
    /// The contact's address at the provider.
    pub to: String,
    pub content: Content,
    /// The message it quotes, by the provider's id.
    pub reply_to: Option<String>,
    /// The correspondence it continues, where messages are letters.
    pub thread: Option<Thread>,
    /// The bytes of `content`'s files, in their order, for a channel that takes bytes (`Connector::takes_files`).
    pub files: Vec<Upload>,
}

/// A file of ours that is handed over as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub file_name: String,
    /// Told by the bytes.
    pub mime_type: String,
    pub bytes: Bytes,
}

/// What an answer to a letter refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Of the letter that is answered, as it came.
    pub subject: Option<String>,
    /// Its `Message-ID`, without angle brackets.
    pub message_id: Option<String>,
    /// What it referred to itself, oldest first.
    pub references: Vec<String>,
}

/// The provider took it. That isn't yet "sent": statuses tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub provider_message_id: String,
    /// The provider knows the contact by another address than the one we gave; use it from now on.
    pub contact_address: Option<String>,
}

/// What to do after an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendDecision {
    /// Not taken; try again with the usual backoff.
    Retry,
    /// Not taken; the provider says when to try again.
    RetryAfter(Duration),
    /// Not taken, and never will be as it is.
    GiveUp,
    /// May have been taken: never send it again without evidence that it wasn't.
    Uncertain,
}

/// A failed attempt. Never holds a secret, so it may be logged and shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct SendError {
    pub decision: SendDecision,
    /// The provider's code, or ours in `snake_case`.
    pub code: String,
    /// A sentence for the agent.
    pub message: String,
    /// The provider refused our credentials: nothing goes out on this account until somebody renews them.
    pub token_rejected: bool,
    /// With [`SendDecision::RetryAfter`]: the limit is the account's, not this customer's or conversation's, so that any
    /// other message would run into it as well.
    pub whole_account: bool,
}

impl SendError {
    pub fn new(decision: SendDecision, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            decision,
            code: code.into(),
            message: message.into(),
            token_rejected: false,
            whole_account: false,
        }
    }

    pub fn give_up(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(SendDecision::GiveUp, code, message)
    }

    #[must_use]
    pub fn with_token_rejected(mut self) -> Self {
        self.token_rejected = true;
        self
    }

    /// Says whether the limit that was reached is the account's.
    #[must_use]
    pub fn for_whole_account(mut self, whole_account: bool) -> Self {
        self.whole_account = whole_account;
        self
    }

    /// For the message's own record.
    pub fn to_message_error(&self) -> MessageError {
        MessageError {
            code: self.code.clone(),
            message: self.message.clone(),
        }
    }
}
