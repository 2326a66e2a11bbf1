//! X's error codes of old, which API v2 repeats in places: what each means for a send, and the sentence for the agent
//! (X, "Response codes & errors").

use Class::{Final, NoAccess, Passing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

pub(super) fn known(code: i64) -> Option<(Class, &'static str)> {
    Some(match code {
        32 | 89 | 99 | 135 | 215 => (
            NoAccess,
            "X refused the channel's access token. It has to be renewed in the channel's settings.",
        ),
        64 | 326 => (
            NoAccess,
            "X has suspended or locked our account. Somebody has to sign in there.",
        ),
        17 | 34 | 50 | 63 => (Final, "X doesn't know this customer any more."),
        88 => (Passing, "X asks us to slow down. The message will be sent again."),
        130 | 131 => (
            Passing,
            "X has a fault of its own. The message will be sent again.",
        ),
        93 | 220 | 261 => (
            Final,
            "Our X app may not send direct messages. Its permissions have to be changed.",
        ),
        150 | 151 | 349 => (Final, "This customer takes no direct messages from us on X."),
        187 => (Final, "X takes the same message only once."),
        226 | 344 => (
            Final,
            "X takes this for automated, or we have reached its limit for today.",
        ),
        354 => (Final, "The message is too long for X."),
        324 | 325 => (
            Final,
            "X doesn't have this file any more: uploads live for a day.",
        ),
        _ => return None,
    })
}
