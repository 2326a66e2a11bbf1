//! `federated_identities`: which user somebody is who signs in at an OpenID provider.

use mongodb::{
    Collection, Database,
    bson::{DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{Timestamp, UserId};

use crate::{dates::date, error::StoreError};

#[derive(Clone)]
pub struct FederatedIdentities {
    collection: Collection<Row>,
}

/// Somebody as their provider names them, for ever: addresses change and pass to others, these two don't.
#[derive(Clone, Copy, Debug)]
pub struct FederatedIdentity<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Row {
    /// Issuer and subject. An issuer is a URL, so the first space ends it.
    #[serde(rename = "_id")]
    id: String,
    issuer: String,
    user_id: UserId,
    linked_at: DateTime,
}

impl FederatedIdentities {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("federated_identities"),
        }
    }

    /// Whose it is.
    pub async fn user(&self, identity: FederatedIdentity<'_>) -> Result<Option<UserId>, StoreError> {
        let found = self.collection.find_one(doc! { "_id": identity.key() }).await?;
        Ok(found.map(|row| row.user_id))
    }

    /// Whether the user has an identity, at this issuer or at any.
    pub async fn any_of(&self, user: &UserId, issuer: Option<&str>) -> Result<bool, StoreError> {
        let mut theirs = doc! { "user_id": user.as_str() };
        if let Some(issuer) = issuer {
            theirs.insert("issuer", issuer);
        }
        Ok(self.collection.find_one(theirs).await?.is_some())
    }

    /// [`StoreError::Duplicate`] if the identity is somebody's, or the user has another of this issuer.
    pub async fn link(
        &self,
        identity: FederatedIdentity<'_>,
        user: &UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.collection
            .insert_one(Row {
                id: identity.key(),
                issuer: identity.issuer.to_owned(),
                user_id: user.clone(),
                linked_at: date(now),
            })
            .await?;
        Ok(())
    }
}

impl FederatedIdentity<'_> {
    fn key(&self) -> String {
        format!("{} {}", self.issuer, self.subject)
    }
}
