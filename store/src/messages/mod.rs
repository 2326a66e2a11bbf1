//! `messages`: what was said, in order.

mod erased;
mod exchanges;
mod files;
mod mailbox;
mod reads;
mod row;
mod together;

use std::collections::HashSet;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{Document, RawDocumentBuf, doc},
    options::ReturnDocument,
};
use serde::Deserialize;
use switchboard_domain::{
    AccountKey, Content, Conversation, ConversationId, Message, MessageError, MessageId, MessageStatus,
    Position, Timestamp,
};

use crate::{
    bulk::{self, Update},
    dates::date,
    error::StoreError,
    page::Page,
};
pub(crate) use erased::erased_key;
use row::Row;

#[derive(Clone)]
pub struct Messages {
    collection: Collection<Row>,
    bulk: Database,
    bulk_raw: Collection<RawDocumentBuf>,
}

/// A message that is ready to be written. Made one by one, so that one that can't be stored doesn't fail the others.
#[derive(Debug)]
pub struct NewMessage(RawDocumentBuf);

impl NewMessage {
    pub fn encode(message: &Message) -> Result<Self, StoreError> {
        Ok(Self(mongodb::bson::serialize_to_raw_document_buf(&Row::from(
            message,
        ))?))
    }
}

/// What a provider says of one of our messages.
#[derive(Clone, Debug)]
pub struct StatusChange {
    pub status: MessageStatus,
    pub error: Option<MessageError>,
    pub at: Timestamp,
}

/// Which part of a conversation.
#[derive(Clone, Debug)]
pub enum MessageFilter {
    Latest,
    Before(Position),
    After(Position),
}

impl Messages {
    pub(crate) fn new(database: &Database, bulk: &Database) -> Self {
        Self {
            collection: database.collection("messages"),
            bulk: bulk.clone(),
            bulk_raw: bulk.collection("messages"),
        }
    }

    /// The name of one of our messages at its provider; unique.
    pub fn provider_key(account: &AccountKey, provider_message_id: &str) -> String {
        format!("{account}:{provider_message_id}")
    }

    /// Which of these are stored already.
    pub async fn existing(&self, ids: &[MessageId]) -> Result<HashSet<MessageId>, StoreError> {
        #[derive(Deserialize)]
        struct OnlyId {
            #[serde(rename = "_id")]
            id: MessageId,
        }
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<&str> = ids.iter().map(MessageId::as_str).collect();
        let found: Vec<OnlyId> = self
            .bulk
            .collection::<OnlyId>("messages")
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "_id": 1 })
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        Ok(found.into_iter().map(|found| found.id).collect())
    }

    /// Writes them (majority); tells which, by index, were there already.
    pub async fn insert(&self, messages: Vec<NewMessage>) -> Result<Vec<usize>, StoreError> {
        bulk::insert(
            &self.bulk_raw,
            messages.into_iter().map(|message| message.0).collect(),
        )
        .await
    }

    /// Writes one of ours, or finds the one that the same idempotency key wrote before.
    pub async fn insert_or_get(&self, message: &Message) -> Result<(Message, bool), StoreError> {
        match self
            .collection
            .insert_one(Row::from(message))
            .await
            .map_err(StoreError::from)
        {
            Ok(_) => Ok((message.clone(), true)),
            Err(StoreError::Duplicate) => match self.get(&message.id).await? {
                Some(existing) => Ok((existing, false)),
                None => Err(StoreError::Conflict),
            },
            Err(error) => Err(error),
        }
    }

    pub async fn get(&self, id: &MessageId) -> Result<Option<Message>, StoreError> {
        Ok(self
            .collection
            .find_one(doc! { "_id": id.as_str() })
            .await?
            .map(Message::from))
    }

    pub async fn get_many(&self, ids: &[MessageId]) -> Result<Vec<Message>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(MessageId::as_str).collect();
        self.find(doc! { "_id": { "$in": ids } }, doc! { "_id": 1 }, 0)
            .await
    }

    /// A page of a conversation that the caller has been let in to, ascending by position.
    ///
    /// `next_cursor` leads to older messages (`Latest`, `Before`) or newer ones (`After`).
    pub async fn of(
        &self,
        conversation: &Conversation,
        filter: &MessageFilter,
        limit: usize,
    ) -> Result<Page<Message>, StoreError> {
        let mut query = doc! { "conversation_id": conversation.id.as_str() };
        let ascending = match filter {
            MessageFilter::Latest => false,
            MessageFilter::Before(position) => {
                query.insert("position", doc! { "$lt": position.as_str() });
                false
            }
            MessageFilter::After(position) => {
                query.insert("position", doc! { "$gt": position.as_str() });
                true
            }
        };
        let direction = if ascending { 1 } else { -1 };
        let sort = doc! { "conversation_id": 1, "position": direction };
        let messages = self.find(query, sort, limit as i64 + 1).await?;
        let mut page = Page::of(messages, limit, |message| message.position.as_str().to_owned());
        if !ascending {
            page.items.reverse();
        }
        Ok(page)
    }

    /// Moves one message along the lattice; the message if that changed it.
    pub async fn advance(
        &self,
        id: &MessageId,
        change: &StatusChange,
    ) -> Result<Option<Message>, StoreError> {
        let filter = doc! { "_id": id.as_str(), "status_rank": { "$lt": change.status.rank() } };
        self.find_and_update(filter, advance(change)).await
    }

    /// The provider took it, under this id. A status that came before is kept. `None`: it was erased meanwhile.
    pub async fn accepted(
        &self,
        id: &MessageId,
        account: &AccountKey,
        provider_message_id: &str,
    ) -> Result<Option<Message>, StoreError> {
        let key = Self::provider_key(account, provider_message_id);
        let set = doc! { "provider_message_id": provider_message_id, "provider_key": &key };
        let ours = doc! { "_id": id.as_str(), "erased": null };
        let update = doc! { "$set": set };
        let accepted = match self.find_and_update(ours.clone(), update.clone()).await {
            Err(StoreError::Duplicate) => {
                // Its echo was taken for a message of its own; statuses are for ours from here on.
                let echo = doc! { "provider_key": &key };
                let freed = doc! { "$unset": { "provider_key": "" } };
                self.collection.update_one(echo, freed).await?;
                self.find_and_update(ours, update).await?
            }
            result => result?,
        };
        if accepted.is_none() {
            self.accepted_erased(id, &key).await?;
        }
        Ok(accepted)
    }

    /// Of these conversations, those in which a reply of ours is on its way to the provider.
    pub async fn with_queued(
        &self,
        conversations: &[ConversationId],
    ) -> Result<HashSet<ConversationId>, StoreError> {
        let ids: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
        let queued = doc! { "conversation_id": { "$in": ids }, "status": "queued" };
        let found = self.collection.distinct("conversation_id", queued).await?;
        Ok(found
            .iter()
            .filter_map(|id| id.as_str())
            .map(|id| ConversationId::from(id.to_owned()))
            .collect())
    }

    /// Applies what providers said, each where its message stands lower in the lattice.
    pub async fn advance_many(&self, changes: &[(String, StatusChange)]) -> Result<(), StoreError> {
        let updates = changes
            .iter()
            .map(|(key, change)| {
                let filter = doc! { "provider_key": key, "status_rank": { "$lt": change.status.rank() } };
                Update::new(filter, advance(change))
            })
            .collect();
        bulk::update(&self.bulk, "messages", updates).await?;
        Ok(())
    }

    pub async fn by_provider_keys(&self, keys: &[String]) -> Result<Vec<(String, Message)>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(doc! { "provider_key": { "$in": keys } })
            .batch_size(5000)
            .await?
            .try_collect()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.provider_key.clone().unwrap_or_default(), row.into()))
            .collect())
    }

    /// The customer changed what they wrote; a later edit wins, whichever comes first. The message if it is there.
    pub async fn edit(
        &self,
        id: &MessageId,
        content: &Content,
        at: Timestamp,
    ) -> Result<Option<Message>, StoreError> {
        let earlier = [
            doc! { "edited_at": null },
            doc! { "edited_at": { "$lt": date(at) } },
        ];
        let newer = doc! { "_id": id.as_str(), "erased": null, "$or": earlier.to_vec() };
        let content = mongodb::bson::serialize_to_bson(content)?;
        let update = doc! { "$set": { "content": content, "edited_at": date(at) } };
        match self.find_and_update(newer, update).await? {
            Some(message) => Ok(Some(message)),
            None => self.get(id).await,
        }
    }

    /// Whether an earlier reply of the conversation is still on its way out.
    pub async fn has_earlier_queued(&self, message: &Message) -> Result<bool, StoreError> {
        let filter = doc! {
            "status": "queued",
            "conversation_id": message.conversation_id.as_str(),
            "position": { "$lt": message.position.as_str() },
        };
        Ok(self.collection.find_one(filter).await?.is_some())
    }

    /// Replies that have been `queued` since before `before`, oldest first: their job may never have been pushed.
    pub async fn queued_since(&self, before: Timestamp, limit: i64) -> Result<Vec<MessageId>, StoreError> {
        let filter = doc! { "status": "queued", "processed_at": { "$lt": date(before) } };
        let messages = self.find(filter, doc! { "processed_at": 1 }, limit).await?;
        Ok(messages.into_iter().map(|message| message.id).collect())
    }

    /// What customers wrote in these conversations and we stored since, each conversation in order.
    pub async fn inbound_since(
        &self,
        conversations: &[ConversationId],
        since: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        let ids: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
        let filter = doc! {
            "conversation_id": { "$in": ids }, "direction": "inbound", "processed_at": { "$gte": date(since) },
        };
        self.find(filter, doc! { "conversation_id": 1, "position": 1 }, 0)
            .await
    }

    /// The last message of the customer, for a receipt that we read it.
    pub async fn last_inbound(&self, conversation: &ConversationId) -> Result<Option<Message>, StoreError> {
        let filter = doc! { "conversation_id": conversation.as_str(), "direction": "inbound" };
        Ok(self.find(filter, doc! { "position": -1 }, 1).await?.pop())
    }

    async fn find(&self, filter: Document, sort: Document, limit: i64) -> Result<Vec<Message>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(filter)
            .sort(sort)
            .limit(limit)
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(Message::from).collect())
    }

    async fn find_and_update(
        &self,
        filter: Document,
        update: Document,
    ) -> Result<Option<Message>, StoreError> {
        let row = self
            .collection
            .find_one_and_update(filter, update)
            .return_document(ReturnDocument::After)
            .await?;
        Ok(row.map(Message::from))
    }
}

fn advance(change: &StatusChange) -> Document {
    let status = change.status.as_str();
    let mut set = doc! { "status": status, "status_rank": change.status.rank() };
    set.insert(format!("status_at.{status}"), date(change.at));
    if let Some(error) = &change.error {
        set.insert("error", doc! { "code": &error.code, "message": &error.message });
        return doc! { "$set": set };
    }
    doc! { "$set": set, "$unset": { "error": "" } }
}
