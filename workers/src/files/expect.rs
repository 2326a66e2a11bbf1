//! Files that came with messages, from the moment they are known of until their job is done.

use std::time::Duration;

use switchboard_connectors::email;
use switchboard_domain::{Attachment, AttachmentId, Message, Timestamp};
use switchboard_queue::Lane;
use switchboard_store::Awaited;

use crate::{Hub, bulk::BulkJob, error::WorkError};

/// A file that still waits this long after its message came, though the lane is empty, has lost its job.
const LOST_AFTER: Duration = Duration::from_secs(10);

/// The files of a message that are to be fetched. `webhook_id` names the webhook that brought it.
pub(crate) fn awaited<'a>(
    message: &'a Message,
    webhook_id: Option<&'a str>,
) -> impl Iterator<Item = Awaited> + 'a {
    let files = message.content.files().iter().enumerate();
    files
        .filter(|(_, file)| file.attachment_id.is_none())
        .filter_map(move |(index, file)| {
            let now = message.processed_at;
            let attachment = Attachment::awaited(&message.conversation_id, &message.id, index, file, now)?;
            // Nobody can be asked for what was in the webhook itself.
            let webhook_id = webhook_id.filter(|_| email::number(file).is_some());
            Some(Awaited {
                attachment,
                webhook_id: webhook_id.map(str::to_owned),
            })
        })
}

impl Hub {
    /// Sends for files that are expected. A job that is lost is made up for by the sweep.
    pub(crate) async fn send_for(&self, files: &[AttachmentId]) -> Result<(), WorkError> {
        let jobs: Vec<BulkJob> = files
            .iter()
            .map(|id| BulkJob::FetchFile {
                attachment_id: id.clone(),
            })
            .collect();
        if !jobs.is_empty() {
            self.producer.push_all(Lane::Bulk, &jobs).await?;
        }
        Ok(())
    }

    /// Sends again for files whose job was lost between the database and the lane.
    pub(crate) async fn fetch_lost(&self, now: Timestamp) -> Result<(), WorkError> {
        let stats = self.redis.lanes().stats(Lane::Bulk).await?;
        if stats.depth + stats.pending + stats.delayed > 0 {
            return Ok(());
        }
        let lost = self
            .store
            .attachments
            .pending_since(now.minus(LOST_AFTER), 500)
            .await?;
        self.send_for(&lost).await
    }
}
