//! Files that customers send.

use bytes::Bytes;

/// A file as the provider gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedMedia {
    pub bytes: Bytes,
    /// As the provider names it; to be checked against the bytes before anybody is shown it.
    pub mime_type: Option<String>,
    pub file_name: Option<String>,
}
