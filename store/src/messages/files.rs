//! Messages and the attachments that their files have become.

use mongodb::bson::{Document, doc};
use switchboard_domain::{AttachmentId, Media, Message, MessageId};

use super::Messages;
use crate::error::StoreError;

impl Messages {
    /// Names the attachment that the message's file has become; the message, if it still has that file.
    pub async fn attach(
        &self,
        id: &MessageId,
        (index, file): (usize, &Media),
        attachment: &AttachmentId,
    ) -> Result<Option<Message>, StoreError> {
        // A letter has a list of files, every other message is one.
        let of_letter = format!("content.attachments.{index}");
        let at = |path: &str| {
            let mut filter = doc! { "_id": id.as_str() };
            filter.insert(format!("{path}.id"), file.id.clone());
            filter.insert(format!("{path}.url"), file.url.clone());
            let mut set = Document::new();
            set.insert(format!("{path}.attachment_id"), attachment.as_str());
            (filter, doc! { "$set": set })
        };
        let (mut filter, update) = at(&of_letter);
        filter.insert("content.type", "email");
        if let Some(message) = self.find_and_update(filter, update).await? {
            return Ok(Some(message));
        }
        let (mut filter, update) = at("content");
        filter.insert(
            "content.type",
            doc! { "$in": ["image", "audio", "video", "document", "sticker"] },
        );
        self.find_and_update(filter, update).await
    }
}
