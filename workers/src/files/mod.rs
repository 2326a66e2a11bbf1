//! The files of conversations: where their bytes lie, how they come there, and the links that lead to them.
//!
//! Bytes are kept under their SHA-256, so that keeping them twice is keeping them once. What a file is, its bytes tell
//! (`kind`); what a provider or a browser says of it never decides how it is served.

pub(crate) mod blobs;
mod expect;
mod fetch;
mod forget;
mod keep;
pub mod kind;
mod links;

use std::{path::PathBuf, sync::Arc, time::Duration};

use blobs::Blobs;
use switchboard_store::StoreError;

pub(crate) use expect::awaited;
pub use keep::NewFile;
pub use links::{Links, Reader};

/// The deployment's choices about files.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// Where the bytes lie; made if it isn't there.
    pub folder: PathBuf,
    /// Larger files are neither fetched nor taken.
    pub max_bytes: u64,
    /// The origin of links that providers follow, where a channel account has none of its own.
    pub public_base_url: String,
    /// Signs links.
    pub link_key: [u8; 32],
    /// How long a link in a console lives, at the least.
    pub console_link: Duration,
    /// How long a link that goes to a provider lives.
    pub provider_link: Duration,
    /// How long a link lives that a visitor of a web chat gets.
    pub visitor_link: Duration,
}

/// Files as everybody in the hub works with them. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    pub(crate) blobs: Blobs,
    pub links: Links,
    pub max_bytes: u64,
    pub public_base_url: Arc<str>,
}

/// What stands in the way of a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("The file is empty.")]
    Empty,
    #[error("The file has {size} bytes; {max} are allowed.")]
    TooLarge { size: u64, max: u64 },
    #[error("The conversation isn't there any more.")]
    NoConversation,
    #[error("Programs can't be sent as files.")]
    Program,
    /// The place where files lie can't be read or written.
    #[error("files can't be read or written: {0}")]
    Unavailable(String),
    /// Its bytes aren't where they should be.
    #[error("the bytes of a file are gone")]
    Gone,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Files {
    pub fn open(settings: &FileSettings) -> Result<Self, FileError> {
        Ok(Self {
            blobs: Blobs::in_folder(&settings.folder)?,
            links: Links::new(
                &settings.link_key,
                settings.console_link,
                settings.provider_link,
                settings.visitor_link,
            ),
            max_bytes: settings.max_bytes,
            public_base_url: settings.public_base_url.trim_end_matches('/').into(),
        })
    }

    /// The bytes of a file, or a part of them, as a stream.
    pub async fn read(
        &self,
        sha256: &str,
        part: Option<std::ops::Range<u64>>,
    ) -> Result<blobs::Bits, FileError> {
        self.blobs.read(sha256, part).await
    }

    /// All bytes of a file at once.
    pub async fn bytes(&self, sha256: &str) -> Result<bytes::Bytes, FileError> {
        self.blobs.bytes(sha256).await
    }
}
