//! Answers the fake gives because it was told to.

use serde::{Deserialize, Serialize};

/// What happens to the next message the hub sends. Read receipts and media don't use these up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Scripted {
    /// Refused with this error of Meta's; without `http`, the status that the real one gives for the code.
    Error {
        code: u32,
        #[serde(default)]
        http: Option<u16>,
    },
    /// Error 130429 with 429: too many messages for the number.
    RateLimited,
    /// No answer at all, until the hub hangs up (at most ten minutes). The message isn't accepted.
    Timeout,
    /// The connection is closed without an answer. The message isn't accepted.
    CutConnection,
    /// A load balancer's HTML page instead of JSON, with this status (502 if none).
    NonJson {
        #[serde(default)]
        http: Option<u16>,
    },
    /// The message is accepted, but the connection closed before the hub learns of it.
    AcceptButCut,
    /// The message is accepted, but the answer never comes.
    AcceptButTimeout,
    /// Status `sent` is posted, and taken by the hub, before the answer is given.
    StatusFirst,
    /// Accepted with a 200; later the status `failed` with this code.
    AcceptThenFail { code: u32 },
    /// As usual: a place holder, to script the second or third send.
    Accept,
}
