//! Files of replies, in the form their channel takes them: a link that the provider can follow, or the bytes.

use std::time::Duration;

use switchboard_connectors::{Connector, Outgoing, REQUEST_TIMEOUT, SendError, UPLOAD_TIMEOUT, Upload};
use switchboard_domain::{Attachment, AttachmentState, ChannelAccount, Message};

use super::Outbound;
use crate::{
    error::WorkError,
    files::{FileError, Reader},
};

/// An attempt can't take longer than this.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(REQUEST_TIMEOUT.as_secs() + 5);
/// With files: announced, uploaded and confirmed before the message itself.
const LONGEST_UPLOAD: Duration =
    Duration::from_secs(UPLOAD_TIMEOUT.as_secs() + 3 * REQUEST_TIMEOUT.as_secs() + 5);

/// An attempt that was begun longer ago and has no outcome is a dead worker's.
pub(super) fn longest_attempt(message: &Message) -> Duration {
    if message.content.files().is_empty() {
        LONGEST_ATTEMPT
    } else {
        LONGEST_UPLOAD
    }
}

impl Outbound {
    /// Puts the hub's own files into `outgoing`; an error is one for the agent.
    pub(super) async fn add_files(
        &self,
        connector: &dyn Connector,
        account: &ChannelAccount,
        outgoing: &mut Outgoing,
    ) -> Result<Result<(), SendError>, WorkError> {
        let takes_bytes = connector.takes_files(account);
        let mut uploads = Vec::new();
        for media in outgoing.content.files_mut() {
            let Some(id) = media.attachment_id.take() else {
                continue;
            };
            let known = self.hub.store.attachments.get(&id).await?;
            let file = known
                .map(|known| known.attachment)
                .filter(|file| file.state == AttachmentState::Stored);
            let Some(file) = file else { return Ok(Err(gone())) };
            media.mime_type.clone_from(&file.mime_type);
            media.file_name.clone_from(&file.file_name);
            if takes_bytes {
                match self.upload(&file).await {
                    Err(WorkError::Files(FileError::Gone)) => return Ok(Err(gone())),
                    upload => uploads.push(upload?),
                }
            } else {
                media.url = Some(self.link(account, &file));
            }
        }
        outgoing.files = uploads;
        Ok(Ok(()))
    }

    fn link(&self, account: &ChannelAccount, file: &Attachment) -> String {
        let files = &self.hub.files;
        let own = account.settings.public_base_url.as_deref();
        let origin = own.unwrap_or(&files.public_base_url).trim_end_matches('/');
        let (path, _) = files.links.path(Reader::Provider, &file.id, self.hub.clock.now());
        format!("{origin}{path}")
    }

    async fn upload(&self, file: &Attachment) -> Result<Upload, WorkError> {
        let sha256 = file.sha256.as_deref().unwrap_or_default();
        let mime_type = file.mime_type.as_deref().unwrap_or(crate::files::kind::UNKNOWN);
        Ok(Upload {
            file_name: file.file_name.clone().unwrap_or_else(|| "file".to_owned()),
            mime_type: mime_type.to_owned(),
            bytes: self.hub.files.bytes(sha256).await?,
        })
    }
}

fn gone() -> SendError {
    SendError::give_up("file_gone", "The file isn't here any more. Attach it again.")
}
