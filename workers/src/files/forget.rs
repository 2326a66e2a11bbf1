//! Files that go, and their bytes with them, unless they are another's, too.

use switchboard_domain::Attachment;

use super::FileError;
use crate::Hub;

impl Hub {
    /// The file itself goes last: what a crash leaves is found by it.
    pub(crate) async fn forget_file(&self, file: &Attachment) -> Result<(), FileError> {
        self.store.attachments.condemn(&file.id).await?;
        if let Some(sha256) = &file.sha256 {
            self.forget_bytes(sha256).await?;
        }
        Ok(self.store.attachments.delete(&file.id).await?)
    }

    /// Bytes that no file has any more are laid aside, and go if still none has them. Whoever keeps the same bytes at this
    /// moment either is seen by that second look, or sees that they are gone and keeps them again (`Files::make_sure`):
    /// they note their file in between.
    pub(crate) async fn forget_bytes(&self, sha256: &str) -> Result<(), FileError> {
        let attachments = &self.store.attachments;
        if !attachments.has_bytes(sha256).await? {
            self.files.blobs.lay_aside(sha256).await?;
        }
        // Also what somebody laid aside who died before this.
        if attachments.has_bytes(sha256).await? {
            self.files.blobs.bring_back(sha256).await?;
        } else {
            self.files.blobs.remove_aside(sha256).await?;
        }
        Ok(())
    }
}
