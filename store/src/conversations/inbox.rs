//! What people see of conversations: always through their scope.

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};
use switchboard_domain::{
    Channel, Conversation, ConversationId, ConversationStatus, CustomerId, Pii, QueueId, TeamId, Timestamp,
    UserId, Visible,
};

use super::{Conversations, row::Row};
use crate::{dates::date, error::StoreError, page::Page, scope};

/// Whose conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InboxView {
    #[default]
    All,
    AssignedTo(UserId),
    OfferedTo(UserId),
    Unassigned,
}

/// Everything the inbox list can be narrowed by.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    pub view: InboxView,
    pub status: Option<ConversationStatus>,
    pub channel: Option<Channel>,
    pub account_id: Option<String>,
    pub team_id: Option<TeamId>,
    pub queue_id: Option<QueueId>,
    pub label: Option<String>,
    pub search: Option<Search>,
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Part of the contact's name or address, or of the last message.
    Part(String),
    /// Part of the contact's name, or an address as a whole. Who isn't shown addresses can't find one out digit by digit,
    /// by what is found and what isn't; only whether a customer has one that they know already.
    NameOrWhole(String),
}

impl Conversations {
    /// Newest activity first.
    pub async fn list(
        &self,
        visible: &Visible,
        filter: &InboxFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Conversation>, StoreError> {
        let mut all = vec![scope::conversations(visible), filter.query()];
        if let Some(cursor) = cursor {
            all.push(after(cursor)?);
        }
        let rows: Vec<Row> = self
            .rows
            .find(doc! { "$and": all })
            .sort(doc! { "last_activity_at": -1, "_id": -1 })
            .limit(limit as i64 + 1)
            .batch_size(limit as u32 + 1)
            .await?
            .try_collect()
            .await?;
        let conversations = rows.into_iter().map(Conversation::from).collect();
        Ok(Page::of(conversations, limit, |last: &Conversation| {
            format!("{}.{}", last.last_activity_at.as_millis(), last.id)
        }))
    }

    /// One conversation, if the caller may see it.
    pub async fn get(
        &self,
        visible: &Visible,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let filter = doc! { "$and": [scope::conversations(visible), { "_id": id.as_str() }] };
        Ok(self.rows.find_one(filter).await?.map(Conversation::from))
    }

    /// All of a customer's but what is erased, oldest first: for whoever was let in to the customer, and for the hub's own
    /// work.
    pub async fn of_customer(&self, id: &CustomerId) -> Result<Vec<Conversation>, StoreError> {
        let found = self
            .rows
            .find(doc! { "customer_id": id.as_str(), "erased": null });
        let rows: Vec<Row> = found.sort(doc! { "_id": 1 }).await?.try_collect().await?;
        Ok(rows.into_iter().map(Conversation::from).collect())
    }

    /// For the hub's own work: nobody sees the answer but those whom its audience allows.
    pub async fn get_many(&self, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(ConversationId::as_str).collect();
        let rows: Vec<Row> = self
            .rows
            .find(doc! { "_id": { "$in": ids } })
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(Conversation::from).collect())
    }
}

impl InboxFilter {
    fn query(&self) -> Document {
        let mut query = match &self.view {
            InboxView::All => doc! {},
            InboxView::AssignedTo(user) => doc! { "assignee_id": user.as_str() },
            InboxView::OfferedTo(user) => doc! { "offer.agent_id": user.as_str() },
            InboxView::Unassigned => doc! { "assignee_id": null },
        };
        let equals = [
            ("status", self.status.map(|status| status.as_str().to_owned())),
            ("channel", self.channel.map(|channel| channel.as_str().to_owned())),
            ("account_id", self.account_id.clone()),
            ("team_id", self.team_id.as_ref().map(ToString::to_string)),
            ("queue_id", self.queue_id.as_ref().map(ToString::to_string)),
            ("labels", self.label.clone()),
        ];
        for (field, value) in equals {
            if let Some(value) = value {
                query.insert(field, value);
            }
        }
        if let Some(search) = &self.search {
            query.insert("$or", search.alternatives());
        }
        query
    }
}

/// A name that is itself an address, or holds one.
pub const ADDRESS: &str = "@|([0-9][^0-9a-z]*){7}";

impl Search {
    pub fn by(reader: Pii, text: String) -> Self {
        match reader {
            Pii::Plain => Self::Part(text),
            Pii::Masked => Self::NameOrWhole(text),
        }
    }

    fn alternatives(&self) -> Vec<Document> {
        let like = |pattern: &str| doc! { "$regex": pattern, "$options": "i" };
        match self {
            Self::Part(text) => {
                let contains = like(&literal(text));
                vec![
                    doc! { "contact.name": contains.clone() },
                    doc! { "contact.external_id": contains.clone() },
                    doc! { "contact.address": contains.clone() },
                    doc! { "last_message.preview": contains },
                ]
            }
            Self::NameOrWhole(text) => {
                let name = [
                    doc! { "contact.name": like(&literal(text)) },
                    doc! { "contact.name": { "$not": like(ADDRESS) } },
                ];
                let whole = like(&whole(text));
                vec![
                    doc! { "$and": name.to_vec() },
                    doc! { "contact.external_id": whole.clone() },
                    doc! { "contact.address": whole },
                ]
            }
        }
    }
}

/// Matches an address that is all of the text: of a phone number the digits count, however it is written.
pub fn whole(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 7 || text.chars().any(char::is_alphabetic) {
        return format!("^{}$", literal(text.trim()));
    }
    format!("^([a-z]+:)?[+]?{digits}$")
}

fn after(cursor: &str) -> Result<Document, StoreError> {
    let (millis, id) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
    let at = date(Timestamp::from_millis(
        millis.parse().map_err(|_| StoreError::BadCursor)?,
    ));
    Ok(
        doc! { "$or": [{ "last_activity_at": { "$lt": at } }, { "last_activity_at": at, "_id": { "$lt": id } }] },
    )
}

/// The text as a regular expression that matches just it.
pub fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c != '\0') {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && c != ' ' {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
