//! Bytes under their hash, in whatever `object_store` reaches.

use std::{ops::Range, path::Path as Folder, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path,
};

use switchboard_domain::Timestamp;

use super::FileError;

/// What bytes are called that are laid aside.
const ASIDE: &str = ".aside";
/// The length of a SHA-256 in hex.
const HASH: usize = 64;

/// A stream of a file's bytes.
pub type Bits = BoxStream<'static, Result<Bytes, FileError>>;

#[derive(Clone)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Bytes that were kept survive a power failure: files and their folders are synced before `put` returns.
    pub fn in_folder(folder: &Folder) -> Result<Self, FileError> {
        let at =
            |error: &dyn std::fmt::Display| FileError::Unavailable(format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(|error| at(&error))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| at(&error))?;
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    /// Keeps them. Bytes of that hash that are there already are the same bytes.
    pub async fn put(&self, sha256: &str, bytes: Bytes) -> Result<(), FileError> {
        let path = path(sha256);
        match self.0.head(&path).await {
            Ok(there) if there.size == bytes.len() as u64 => return Ok(()),
            Ok(_) | Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.0.put(&path, bytes.into()).await?;
        Ok(())
    }

    /// Where nobody finds them, until it is certain that nobody needs them.
    pub async fn lay_aside(&self, sha256: &str) -> Result<(), FileError> {
        if_there(self.0.rename(&path(sha256), &aside(sha256)).await)
    }

    pub async fn bring_back(&self, sha256: &str) -> Result<(), FileError> {
        if_there(self.0.rename(&aside(sha256), &path(sha256)).await)
    }

    pub async fn remove_aside(&self, sha256: &str) -> Result<(), FileError> {
        if_there(self.0.delete(&aside(sha256)).await)
    }

    /// The hashes of bytes that were put here before `before`, laid aside or not.
    pub fn kept_before(&self, before: Timestamp) -> BoxStream<'static, Result<String, FileError>> {
        let old = self.0.list(None).try_filter_map(move |object| async move {
            let name = object.location.filename().unwrap_or_default();
            let sha256 = name.strip_suffix(ASIDE).unwrap_or(name);
            let is_old = object.last_modified.timestamp_millis() < before.as_millis();
            Ok((is_old && sha256.len() == HASH).then(|| sha256.to_owned()))
        });
        old.map_err(FileError::from).boxed()
    }

    pub async fn bytes(&self, sha256: &str) -> Result<Bytes, FileError> {
        Ok(self.0.get(&path(sha256)).await?.bytes().await?)
    }

    pub async fn read(&self, sha256: &str, part: Option<Range<u64>>) -> Result<Bits, FileError> {
        let options = GetOptions {
            range: part.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = self.0.get_opts(&path(sha256), options).await?;
        Ok(found.into_stream().map_err(FileError::from).boxed())
    }
}

/// Two letters of the hash are a folder, so that none has too many entries.
fn path(sha256: &str) -> Path {
    let folder = sha256.get(..2).unwrap_or_default();
    Path::from(format!("{folder}/{sha256}"))
}

fn aside(sha256: &str) -> Path {
    let folder = sha256.get(..2).unwrap_or_default();
    Path::from(format!("{folder}/{sha256}{ASIDE}"))
}

/// Somebody else may have been faster.
fn if_there(moved: object_store::Result<()>) -> Result<(), FileError> {
    match moved {
        Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl From<Error> for FileError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::Gone,
            other => Self::Unavailable(other.to_string()),
        }
    }
}
