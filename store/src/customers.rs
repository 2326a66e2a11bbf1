//! `customers`: the people who write to us, found by any of their channel identities.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, RawDocumentBuf, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Customer, CustomerId, Identity, Timestamp};

use crate::{
    bulk::{self, Update},
    dates::{date, timestamp},
    error::StoreError,
};

#[derive(Clone)]
pub struct Customers {
    collection: Collection<Row>,
    bulk: Database,
}

/// Somebody who may be new to us.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    pub identity: Identity,
    /// Other names of the same person at the same provider.
    pub aliases: Vec<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: CustomerId,
    name: Option<String>,
    identities: Vec<Identity>,
    /// [`Identity::key`] of each; unique over all customers.
    keys: Vec<String>,
    phone: Option<String>,
    email: Option<String>,
    created_at: DateTime,
}

impl Customers {
    pub(crate) fn new(database: &Database, bulk: &Database) -> Self {
        Self {
            collection: database.collection("customers"),
            bulk: bulk.clone(),
        }
    }

    pub async fn get(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        Ok(self
            .collection
            .find_one(doc! { "_id": id.as_str() })
            .await?
            .map(Customer::from))
    }

    pub async fn get_many(&self, ids: &[CustomerId]) -> Result<Vec<Customer>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(CustomerId::as_str).collect();
        let found = self
            .collection
            .find(doc! { "_id": { "$in": ids } })
            .batch_size(5000);
        let rows: Vec<Row> = found.await?.try_collect().await?;
        Ok(rows.into_iter().map(Customer::from).collect())
    }

    /// The customer of each identity key, making those who are new.
    ///
    /// Of two workers who meet somebody at once, the unique index on their keys lets one in. Ids tell nothing of whose they
    /// are: one that followed from a phone number could be turned back by trying them all.
    pub async fn find_or_create(
        &self,
        wanted: &HashMap<String, NewCustomer>,
        now: Timestamp,
    ) -> Result<HashMap<String, CustomerId>, StoreError> {
        let mut found = self.by_keys(wanted).await?;
        let missing: Vec<(&String, &NewCustomer)> = wanted
            .iter()
            .filter(|(key, _)| !found.contains_key(*key))
            .collect();
        if missing.is_empty() {
            return Ok(found);
        }
        let new: Vec<Row> = missing
            .iter()
            .map(|(key, customer)| Row::new(key, customer, now))
            .collect();
        let rows = new
            .iter()
            .map(mongodb::bson::serialize_to_raw_document_buf)
            .collect::<Result<Vec<_>, _>>()?;
        let collection: Collection<RawDocumentBuf> = self.bulk.collection("customers");
        let raced = bulk::insert(&collection, rows).await?;
        if raced.is_empty() {
            let ids = new.into_iter().map(|row| row.id);
            found.extend(missing.iter().map(|(key, _)| (*key).clone()).zip(ids));
        } else {
            found = self.by_keys(wanted).await?;
        }
        Ok(found)
    }

    /// The provider gave a person a new id: the old one still finds them, and so does the new.
    pub async fn add_identity(&self, old: &Identity, new: &Identity) -> Result<(), StoreError> {
        let identity = doc! { "channel": new.channel.as_str(), "external_id": &new.external_id };
        bulk::update(
            &self.bulk,
            "customers",
            vec![Update::new(
                doc! { "keys": old.key() },
                doc! { "$addToSet": { "keys": new.key(), "identities": identity } },
            )],
        )
        .await?;
        Ok(())
    }

    async fn by_keys(
        &self,
        wanted: &HashMap<String, NewCustomer>,
    ) -> Result<HashMap<String, CustomerId>, StoreError> {
        let keys: Vec<String> = wanted
            .iter()
            .flat_map(|(key, customer)| std::iter::once(key.clone()).chain(customer.alias_keys()))
            .collect();
        let rows: Vec<Row> = self
            .collection
            .find(doc! { "keys": { "$in": keys } })
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        let known: HashMap<String, CustomerId> = rows
            .into_iter()
            .flat_map(|row| row.keys.into_iter().map(move |key| (key, row.id.clone())))
            .collect();
        Ok(wanted
            .iter()
            .filter_map(|(key, customer)| {
                let id = known
                    .get(key)
                    .or_else(|| customer.alias_keys().find_map(|alias| known.get(&alias)))?;
                Some((key.clone(), id.clone()))
            })
            .collect())
    }
}

impl NewCustomer {
    fn alias_keys(&self) -> impl Iterator<Item = String> {
        self.aliases.iter().map(|alias| {
            Identity {
                channel: self.identity.channel,
                external_id: alias.clone(),
            }
            .key()
        })
    }
}

impl Row {
    fn new(key: &str, customer: &NewCustomer, now: Timestamp) -> Self {
        let mut keys = vec![key.to_owned()];
        let mut identities = vec![customer.identity.clone()];
        for alias in &customer.aliases {
            let identity = Identity {
                channel: customer.identity.channel,
                external_id: alias.clone(),
            };
            if !keys.contains(&identity.key()) {
                keys.push(identity.key());
                identities.push(identity);
            }
        }
        Self {
            id: CustomerId::fresh(),
            name: customer.name.clone(),
            identities,
            keys,
            phone: customer.phone.clone(),
            email: customer.email.clone(),
            created_at: date(now),
        }
    }
}

impl From<Row> for Customer {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            identities: row.identities,
            phone: row.phone,
            email: row.email,
            created_at: timestamp(row.created_at),
        }
    }
}
