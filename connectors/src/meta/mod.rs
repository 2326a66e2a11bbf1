//! What Meta's channels share: signature and handshake, calls of the Graph API and its errors, and the `messaging[]`
//! envelope of Messenger and Instagram. What a channel has for itself is in its own folder.

pub(crate) mod error;
pub(crate) mod graph;
pub(crate) mod messaging;
pub(crate) mod signature;
