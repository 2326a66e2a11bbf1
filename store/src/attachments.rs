//! `attachments`: the files of conversations. Their bytes lie elsewhere, under their hash.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, RawDocumentBuf, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    Attachment, AttachmentId, AttachmentState, ConversationId, MessageError, MessageId, Timestamp, UserId,
    Visible,
};

use crate::{
    bulk,
    dates::{date, timestamp},
    error::StoreError,
    scope,
};

#[derive(Clone)]
pub struct Attachments {
    rows: Collection<Row>,
    bulk: Collection<RawDocumentBuf>,
}

/// A file that is to be fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Awaited {
    pub attachment: Attachment,
    /// The webhook in the ledger that has it within, for files that no provider can be asked for.
    pub webhook_id: Option<String>,
}

/// What the bytes are, once they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub sha256: String,
    pub size: u64,
    pub mime_type: String,
    pub file_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: AttachmentId,
    conversation_id: Option<ConversationId>,
    message_id: Option<MessageId>,
    index: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mime_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    state: AttachmentState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<MessageError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uploaded_by: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook_id: Option<String>,
    /// `Conversation::open_key` of the contact whose upload it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact_key: Option<String>,
    created_at: DateTime,
}

impl Attachments {
    pub(crate) fn new(database: &Database, bulk: &Database) -> Self {
        Self {
            rows: database.collection("attachments"),
            bulk: bulk.collection("attachments"),
        }
    }

    /// Notes files that are to be fetched; what is known of one already stays as it is.
    pub async fn expect(&self, awaited: &[Awaited]) -> Result<(), StoreError> {
        let rows = awaited
            .iter()
            .map(|one| {
                let webhook_id = one.webhook_id.clone();
                mongodb::bson::serialize_to_raw_document_buf(&Row::of(&one.attachment, webhook_id))
            })
            .collect::<Result<Vec<_>, _>>()?;
        bulk::insert(&self.bulk, rows).await?;
        Ok(())
    }

    pub async fn insert(&self, attachment: &Attachment) -> Result<(), StoreError> {
        self.rows.insert_one(Row::of(attachment, None)).await?;
        Ok(())
    }

    /// Keeps what a contact has uploaded. It becomes a message's by being fetched for it, as from a provider.
    pub async fn insert_upload(&self, attachment: &Attachment, contact_key: &str) -> Result<(), StoreError> {
        let mut row = Row::of(attachment, None);
        row.contact_key = Some(contact_key.to_owned());
        self.rows.insert_one(row).await?;
        Ok(())
    }

    /// What this contact has uploaded under that id.
    pub async fn upload(
        &self,
        id: &AttachmentId,
        contact_key: &str,
    ) -> Result<Option<Attachment>, StoreError> {
        let own = doc! { "_id": id.as_str(), "contact_key": contact_key };
        Ok(self.rows.find_one(own).await?.map(Attachment::from))
    }

    /// For the hub's own work.
    pub async fn get(&self, id: &AttachmentId) -> Result<Option<Awaited>, StoreError> {
        let row = self.rows.find_one(doc! { "_id": id.as_str() }).await?;
        Ok(row.map(|mut row| {
            let webhook_id = row.webhook_id.take();
            Awaited {
                attachment: row.into(),
                webhook_id,
            }
        }))
    }

    /// Of these, the ones that `viewer` may see: those of conversations in their scope, and their own uploads that
    /// aren't part of one yet.
    pub async fn seen_by(
        &self,
        visible: &Visible,
        viewer: &UserId,
        ids: &[AttachmentId],
    ) -> Result<Vec<Attachment>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(AttachmentId::as_str).collect();
        let home = doc! {
            "from": "conversations",
            "localField": "conversation_id",
            "foreignField": "_id",
            "pipeline": [{ "$match": scope::conversations(visible) }, { "$project": { "_id": 1 } }],
            "as": "home",
        };
        let own = doc! { "conversation_id": null, "uploaded_by": viewer.as_str() };
        let pipeline = [
            doc! { "$match": { "_id": { "$in": ids } } },
            doc! { "$lookup": home },
            doc! { "$match": { "$or": [{ "home": { "$ne": [] } }, own] } },
            doc! { "$project": { "home": 0 } },
        ];
        let rows: Vec<Row> = self
            .rows
            .aggregate(pipeline)
            .with_type::<Row>()
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(Attachment::from).collect())
    }

    /// Makes an upload of `uploader` part of the message it is sent with; one that is the conversation's already may be
    /// sent again. `None`: there is no such file for them.
    pub async fn claim(
        &self,
        id: &AttachmentId,
        uploader: &UserId,
        conversation: &ConversationId,
        message: &MessageId,
        index: usize,
    ) -> Result<Option<Attachment>, StoreError> {
        let fresh = doc! { "_id": id.as_str(), "message_id": null, "$or": [
            { "conversation_id": conversation.as_str() },
            { "conversation_id": null, "uploaded_by": uploader.as_str() },
        ] };
        let part = doc! { "$set": {
            "conversation_id": conversation.as_str(), "message_id": message.as_str(), "index": index as i64,
        } };
        if let Some(row) = self.update(fresh, part).await? {
            return Ok(Some(row.into()));
        }
        let again = doc! { "_id": id.as_str(), "conversation_id": conversation.as_str() };
        Ok(self.rows.find_one(again).await?.map(Attachment::from))
    }

    /// The bytes are kept. `None` if it was settled before.
    pub async fn stored(&self, id: &AttachmentId, kept: &Kept) -> Result<Option<Attachment>, StoreError> {
        let mut set = doc! {
            "state": AttachmentState::Stored.as_str(),
            "sha256": &kept.sha256,
            "size": kept.size as i64,
            "mime_type": &kept.mime_type,
        };
        if let Some(name) = &kept.file_name {
            set.insert("file_name", name);
        }
        self.settle(id, set).await
    }

    /// The file can't be had. `None` if it was settled before.
    pub async fn failed(
        &self,
        id: &AttachmentId,
        error: &MessageError,
    ) -> Result<Option<Attachment>, StoreError> {
        let set = doc! {
            "state": AttachmentState::Failed.as_str(),
            "error": { "code": &error.code, "message": &error.message },
        };
        self.settle(id, set).await
    }

    /// Those of a conversation that the caller has been let in to.
    pub async fn of_conversation(&self, id: &ConversationId) -> Result<Vec<Attachment>, StoreError> {
        self.all(doc! { "conversation_id": id.as_str() }).await
    }

    /// What contacts uploaded, by [`switchboard_domain::Conversation::open_key`].
    pub async fn uploads_of(&self, contact_keys: &[String]) -> Result<Vec<Attachment>, StoreError> {
        self.all(doc! { "contact_key": { "$in": contact_keys } }).await
    }

    /// About to be deleted: from here on it has no claim to its bytes.
    pub async fn condemn(&self, id: &AttachmentId) -> Result<(), StoreError> {
        let change = doc! { "$set": { "condemned": true }, "$unset": { "file_name": "" } };
        self.rows.update_one(doc! { "_id": id.as_str() }, change).await?;
        Ok(())
    }

    /// Files of messages that came before `before` and whose bytes are still kept.
    pub async fn stored_before(&self, before: Timestamp, limit: i64) -> Result<Vec<Attachment>, StoreError> {
        let old = doc! {
            "created_at": { "$lt": date(before) }, "message_id": { "$ne": null }, "sha256": { "$exists": true },
        };
        self.some(old, limit).await
    }

    /// Uploads from before `before` that aren't part of a message.
    pub async fn unsent_before(&self, before: Timestamp, limit: i64) -> Result<Vec<Attachment>, StoreError> {
        let unsent = doc! { "created_at": { "$lt": date(before) }, "message_id": null };
        self.some(unsent, limit).await
    }

    /// Its bytes are gone for good; why.
    pub async fn expire(&self, id: &AttachmentId, why: &MessageError) -> Result<(), StoreError> {
        let state = AttachmentState::Failed.as_str();
        let error = doc! { "code": &why.code, "message": &why.message };
        let change = doc! {
            "$set": { "state": state, "error": error }, "$unset": { "sha256": "", "condemned": "", "size": "" },
        };
        self.rows.update_one(doc! { "_id": id.as_str() }, change).await?;
        Ok(())
    }

    /// Of these hashes, those whose bytes a file has.
    pub async fn bytes_in_use(&self, hashes: &[String]) -> Result<HashSet<String>, StoreError> {
        let theirs = doc! { "sha256": { "$in": hashes }, "condemned": null };
        let found = self.rows.distinct("sha256", theirs).await?;
        Ok(found
            .iter()
            .filter_map(|hash| hash.as_str().map(str::to_owned))
            .collect())
    }

    async fn some(&self, filter: Document, limit: i64) -> Result<Vec<Attachment>, StoreError> {
        let found = self.rows.find(filter).sort(doc! { "created_at": 1 }).limit(limit);
        let rows: Vec<Row> = found.await?.try_collect().await?;
        Ok(rows.into_iter().map(Attachment::from).collect())
    }

    /// Whether a file that stays has these bytes.
    pub async fn has_bytes(&self, sha256: &str) -> Result<bool, StoreError> {
        let stays = doc! { "sha256": sha256, "condemned": null };
        Ok(self.rows.find_one(stays).await?.is_some())
    }

    pub async fn delete(&self, id: &AttachmentId) -> Result<(), StoreError> {
        self.rows.delete_one(doc! { "_id": id.as_str() }).await?;
        Ok(())
    }

    async fn all(&self, filter: Document) -> Result<Vec<Attachment>, StoreError> {
        let rows: Vec<Row> = self.rows.find(filter).await?.try_collect().await?;
        Ok(rows.into_iter().map(Attachment::from).collect())
    }

    /// Files that have been `pending` since before `before`, oldest first: their job may be lost.
    pub async fn pending_since(
        &self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<AttachmentId>, StoreError> {
        let filter = doc! { "state": "pending", "created_at": { "$lt": date(before) } };
        let rows: Vec<Row> = self
            .rows
            .find(filter)
            .sort(doc! { "created_at": 1 })
            .limit(limit)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    async fn settle(&self, id: &AttachmentId, set: Document) -> Result<Option<Attachment>, StoreError> {
        let pending = doc! { "_id": id.as_str(), "state": "pending" };
        let row = self.update(pending, doc! { "$set": set }).await?;
        Ok(row.map(Attachment::from))
    }

    async fn update(&self, filter: Document, change: Document) -> Result<Option<Row>, StoreError> {
        Ok(self
            .rows
            .find_one_and_update(filter, change)
            .return_document(ReturnDocument::After)
            .await?)
    }
}

impl Row {
    fn of(attachment: &Attachment, webhook_id: Option<String>) -> Self {
        let attachment = attachment.clone();
        Self {
            id: attachment.id,
            conversation_id: attachment.conversation_id,
            message_id: attachment.message_id,
            index: attachment.index,
            file_name: attachment.file_name,
            mime_type: attachment.mime_type,
            size: attachment.size.map(|size| size as i64),
            sha256: attachment.sha256,
            state: attachment.state,
            error: attachment.error,
            uploaded_by: attachment.uploaded_by,
            webhook_id,
            contact_key: None,
            created_at: date(attachment.created_at),
        }
    }
}

impl From<Row> for Attachment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            message_id: row.message_id,
            index: row.index,
            file_name: row.file_name,
            mime_type: row.mime_type,
            size: row.size.map(|size| size as u64),
            sha256: row.sha256,
            state: row.state,
            error: row.error,
            uploaded_by: row.uploaded_by,
            created_at: timestamp(row.created_at),
        }
    }
}
