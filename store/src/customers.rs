//! `customers`: the people who write to us, found by any of their channel identities.

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, RawDocumentBuf, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::{Customer, CustomerId, Identity, Timestamp, Visible};

use crate::{
    bulk::{self, Update},
    conversations::{ADDRESS, literal, whole},
    dates::{date, timestamp},
    error::StoreError,
    page::Page,
    scope,
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
    pub language: Option<String>,
}

/// What a channel told of a customer's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldLanguage {
    /// [`Identity::key`].
    pub key: String,
    pub language: String,
    /// Of two, the later one holds.
    pub at: Timestamp,
}

/// What a person, or another system, wants to be known of a customer.
#[derive(Clone, Debug, Default)]
pub struct CustomerChange {
    pub language: LanguageChange,
    /// Null takes one away.
    pub attributes: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Default)]
pub enum LanguageChange {
    #[default]
    Keep,
    /// Nobody's word any more: as the channel tells it.
    AsTold,
    Set(String),
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
    /// As the channel told it last, and when.
    #[serde(default)]
    told_language: Option<String>,
    #[serde(default)]
    language_told_at: Option<DateTime>,
    /// As a person set it: it wins.
    #[serde(default)]
    set_language: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
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

    /// One, if the caller may see it.
    pub async fn seen(&self, visible: &Visible, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        let filter = doc! { "$and": [scope::customers(visible), { "_id": id.as_str() }] };
        Ok(self.collection.find_one(filter).await?.map(Customer::from))
    }

    /// The newest first; of those with `q` in their name, or as their address or id at a provider.
    pub async fn list(
        &self,
        visible: &Visible,
        q: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Customer>, StoreError> {
        let mut all = vec![scope::customers(visible), doc! { "erased": { "$ne": true } }];
        if let Some(q) = q {
            let like = |pattern: &str| doc! { "$regex": pattern, "$options": "i" };
            let whole = like(&whole(q));
            // A name that is an address isn't found by its parts: whoever is shown none could find it out by them.
            all.push(doc! { "$or": [
                { "$and": [{ "name": like(&literal(q)) }, { "name": { "$not": like(ADDRESS) } }] },
                { "identities.external_id": whole.clone() }, { "phone": whole.clone() }, { "email": whole },
            ] });
        }
        if let Some(cursor) = cursor {
            all.push(doc! { "_id": { "$lt": cursor } });
        }
        // Ids sort by the time of their making.
        let found = self
            .collection
            .find(doc! { "$and": all })
            .sort(doc! { "_id": -1 });
        let rows: Vec<Row> = found.limit(limit as i64 + 1).await?.try_collect().await?;
        let customers = rows.into_iter().map(Customer::from).collect();
        Ok(Page::of(customers, limit, |last: &Customer| last.id.to_string()))
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

    /// In any order, and any number of times: the time moves on with the same language, too, or an older word that comes
    /// late would win.
    pub async fn tell_languages(&self, told: &[ToldLanguage]) -> Result<(), StoreError> {
        if told.is_empty() {
            return Ok(());
        }
        let updates = told.iter().map(|told| {
            let before = [
                doc! { "language_told_at": null },
                doc! { "language_told_at": { "$lt": date(told.at) } },
            ];
            let filter = doc! { "keys": &told.key, "$or": before.to_vec() };
            let set = doc! { "told_language": &told.language, "language_told_at": date(told.at) };
            Update::new(filter, doc! { "$set": set })
        });
        bulk::update(&self.bulk, "customers", updates.collect()).await?;
        Ok(())
    }

    /// The customer as they are afterwards; none if there is no such one.
    pub async fn change(
        &self,
        id: &CustomerId,
        change: &CustomerChange,
    ) -> Result<Option<Customer>, StoreError> {
        let mut set = Document::new();
        let mut unset = Document::new();
        for (name, value) in &change.attributes {
            let field = format!("attributes.{name}");
            if value.is_null() {
                unset.insert(field, "");
            } else {
                set.insert(field, mongodb::bson::serialize_to_bson(value)?);
            }
        }
        match &change.language {
            LanguageChange::Keep => {}
            LanguageChange::AsTold => {
                unset.insert("set_language", "");
            }
            LanguageChange::Set(language) => {
                set.insert("set_language", language);
            }
        }
        let mut update = Document::new();
        for (operator, fields) in [("$set", set), ("$unset", unset)] {
            if !fields.is_empty() {
                update.insert(operator, fields);
            }
        }
        if update.is_empty() {
            return self.get(id).await;
        }
        let found = self
            .collection
            .find_one_and_update(doc! { "_id": id.as_str() }, update);
        let row = found.return_document(ReturnDocument::After).await?;
        Ok(row.map(Customer::from))
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
            told_language: customer.language.clone(),
            language_told_at: customer.language.is_some().then(|| date(now)),
            set_language: None,
            attributes: BTreeMap::new(),
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
            language: row.set_language.or(row.told_language),
            attributes: row.attributes,
            created_at: timestamp(row.created_at),
        }
    }
}
