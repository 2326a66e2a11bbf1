//! How long what is kept for how long. Time itself comes in elsewhere.

use std::time::Duration;

/// None: for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Resolved conversations, since they were, with all that was said in them.
    pub conversations: Option<Duration>,
    /// Customers without a conversation, since they lost their last.
    pub customers: Option<Duration>,
    /// Since the shop last told of them.
    pub orders: Option<Duration>,
    /// The files of messages; the messages stay.
    pub files: Option<Duration>,
    /// Uploads that were never sent, and bytes that no file has.
    pub unused_files: Option<Duration>,
    pub event_log: Option<Duration>,
    pub routing_decisions: Option<Duration>,
    pub shadow_comparisons: Option<Duration>,
    pub deliveries: Option<Duration>,
    pub presence_sessions: Option<Duration>,
    pub dead_letters: Option<Duration>,
}
