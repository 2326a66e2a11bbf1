//! `orders`: what shops told of them, one for each (account, order id), found by who ordered.
//!
//! Shops repeat themselves and keep no order, so of several states the one with the shop's latest time stays, and an
//! order's own time is the earliest that was ever told.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{AccountKey, Order, Timestamp};

use crate::{
    bulk::{self, Update},
    dates::{date, timestamp},
    error::StoreError,
};

/// Of one customer, at the most; nobody is routed otherwise for having more.
const MOST: i64 = 10_000;

#[derive(Clone)]
pub struct Orders {
    collection: Collection<Row>,
    bulk: Database,
}

/// A state of an order, as a shop told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderState {
    pub account: AccountKey,
    /// The shop's.
    pub order_id: String,
    pub number: Option<String>,
    pub status: Option<String>,
    pub total: Option<String>,
    pub currency: Option<String>,
    /// Of the customer: see `domain::Customer::contact_keys`.
    pub contact_keys: Vec<String>,
    /// The shop's time of this state.
    pub at: Timestamp,
    pub deleted: bool,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    status: Option<String>,
    total: Option<String>,
    currency: Option<String>,
    contact_keys: Vec<String>,
    ordered_at: DateTime,
}

impl Orders {
    pub(crate) fn new(database: &Database, bulk: &Database) -> Self {
        Self {
            collection: database.collection("orders"),
            bulk: bulk.clone(),
        }
    }

    /// In any order, and any number of times.
    pub async fn put(&self, states: &[OrderState]) -> Result<(), StoreError> {
        if states.is_empty() {
            return Ok(());
        }
        let known = states.iter().map(|state| {
            let keys = doc! { "$each": &state.contact_keys };
            let change =
                doc! { "$min": { "ordered_at": date(state.at) }, "$addToSet": { "contact_keys": keys } };
            Update::upsert(doc! { "_id": state.id() }, change)
        });
        bulk::update(&self.bulk, "orders", known.collect()).await?;
        let told = states.iter().map(|state| {
            let older = [doc! { "at": null }, doc! { "at": { "$lt": date(state.at) } }];
            let filter = doc! { "_id": state.id(), "$or": older.to_vec() };
            Update::new(filter, doc! { "$set": state.fields() })
        });
        bulk::update(&self.bulk, "orders", told.collect()).await?;
        Ok(())
    }

    /// The orders of whoever has one of `keys`, under each of these keys.
    pub async fn of(&self, keys: &[String]) -> Result<HashMap<String, Vec<(String, Order)>>, StoreError> {
        let mut found: HashMap<String, Vec<(String, Order)>> = HashMap::new();
        if keys.is_empty() {
            return Ok(found);
        }
        let filter = doc! { "contact_keys": { "$in": keys }, "deleted": { "$ne": true } };
        let mut rows = self.collection.find(filter).limit(MOST).batch_size(1000).await?;
        while let Some(row) = rows.try_next().await? {
            let order = Order {
                status: row.status,
                total: row.total,
                currency: row.currency,
                ordered_at: timestamp(row.ordered_at),
            };
            for key in row.contact_keys {
                let known = found.entry(key).or_default();
                known.push((row.id.clone(), order.clone()));
            }
        }
        Ok(found)
    }
}

impl OrderState {
    fn id(&self) -> String {
        format!("{}:{}", self.account, self.order_id)
    }

    /// A deletion tells nothing but itself.
    fn fields(&self) -> Document {
        let mut fields = doc! { "at": date(self.at), "deleted": self.deleted };
        if !self.deleted {
            fields.insert("number", self.number.clone());
            fields.insert("status", self.status.clone());
            fields.insert("total", self.total.clone());
            fields.insert("currency", self.currency.clone());
        }
        fields
    }
}
