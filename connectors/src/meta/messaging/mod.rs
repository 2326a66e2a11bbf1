//! Messenger's and Instagram's messages: one envelope, one vocabulary, one send call. A [`Dialect`] says in what a channel
//! differs.

pub(crate) mod codes;
mod compose;
mod content;
mod event;
mod media;
mod payload;
mod send;
mod walk;

pub(crate) use compose::{Dialect, TextLimit};
pub(crate) use media::fetch;
pub(crate) use send::{check_credentials, send};
pub(crate) use walk::normalise;

use crate::SendError;

/// Put before our message id in the `metadata` that Meta repeats in an echo, so that it isn't taken for another app's.
const OUR_METADATA: &str = "switchboard:";

/// Meta wants the customer's id with "seen", and a message's id doesn't tell whose it is.
pub(crate) fn cannot_mark_read() -> SendError {
    SendError::give_up(
        "not_supported",
        "This channel can't tell customers that we have read.",
    )
}

/// The message of the provider that this id belongs to: all but the first of its parts have a number after it. None: an
/// id of ours, for an event that has none.
fn provider_mid(id: &str) -> Option<&str> {
    if event::DERIVED.iter().any(|prefix| id.starts_with(prefix)) {
        return None;
    }
    Some(match id.rsplit_once('#') {
        Some((mid, part)) if part.bytes().all(|byte| byte.is_ascii_digit()) => mid,
        _ => id,
    })
}
