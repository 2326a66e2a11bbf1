//! `conversations`: the inbox list is served from these documents alone.

mod contact;
mod inbox;
mod ingest;
mod routing;
mod row;
mod service_levels;
mod transitions;

use mongodb::{
    Collection, Database,
    bson::{Document, doc},
};
use switchboard_domain::{Conversation, ConversationId};

pub(crate) use inbox::{ADDRESS, literal, whole};
pub use inbox::{InboxFilter, InboxView, Search};
pub use ingest::{Arrived, NewConversation, OpenConversation, Reopened};
pub use routing::{Classified, Holding, Routable};
use row::Row;

use crate::error::StoreError;

#[derive(Clone)]
pub struct Conversations {
    rows: Collection<Row>,
    bulk: Database,
}

impl Conversations {
    pub(crate) fn new(database: &Database, bulk: &Database) -> Self {
        Self {
            rows: database.collection("conversations"),
            bulk: bulk.clone(),
        }
    }

    /// For the hub's own work.
    pub(crate) async fn first(&self, filter: Document) -> Result<Option<Conversation>, StoreError> {
        Ok(self.rows.find_one(filter).await?.map(Conversation::from))
    }

    pub async fn is_erased(&self, id: &ConversationId) -> Result<bool, StoreError> {
        let erased = doc! { "_id": id.as_str(), "erased": { "$exists": true } };
        Ok(self.first(erased).await?.is_some())
    }

    /// The same documents, read in part.
    pub(crate) fn documents<T: Send + Sync>(&self) -> Collection<T> {
        self.rows.clone_with_type()
    }
}
