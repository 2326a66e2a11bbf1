//! `users`: people who work here.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{Document, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{BranchId, Channel, RoleId, Secret, SkillLevel, TeamId, User, UserId, Visible};

use crate::{error::StoreError, scope};

#[derive(Clone)]
pub struct Users {
    pub(crate) collection: Collection<Row>,
}

/// A user with what proves it is them.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user: User,
    /// In PHC string format.
    pub password_hash: Secret,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    #[serde(rename = "_id")]
    id: UserId,
    /// Lower case: unique whatever case people type.
    email: String,
    name: String,
    password_hash: String,
    role_id: RoleId,
    team_ids: Vec<TeamId>,
    branch_id: Option<BranchId>,
    skills: Vec<SkillLevel>,
    capacity: u32,
    #[serde(default)]
    channel_limits: BTreeMap<Channel, u32>,
    auto_accept: bool,
    enabled: bool,
}

impl Users {
    pub(crate) fn new(database: &Database) -> Self {
        Self {
            collection: database.collection("users"),
        }
    }

    pub async fn get(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        Ok(self
            .collection
            .find_one(doc! { "_id": id.as_str() })
            .await?
            .map(User::from))
    }

    pub async fn by_email(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let row = self
            .collection
            .find_one(doc! { "email": email.trim().to_lowercase() })
            .await?;
        Ok(row.map(|row| Credentials {
            password_hash: Secret::new(row.password_hash.clone()),
            user: row.into(),
        }))
    }

    /// Creates; [`StoreError::Duplicate`] if the email or id is taken.
    pub async fn insert(&self, credentials: &Credentials) -> Result<(), StoreError> {
        self.collection.insert_one(Row::from(credentials)).await?;
        Ok(())
    }

    /// Creates many at once; those that exist are left as they are.
    pub async fn insert_absent(&self, credentials: &[Credentials]) -> Result<(), StoreError> {
        let rows = credentials
            .iter()
            .map(|one| mongodb::bson::serialize_to_raw_document_buf(&Row::from(one)))
            .collect::<Result<Vec<_>, _>>()?;
        crate::bulk::insert(&self.collection.clone_with_type(), rows).await?;
        Ok(())
    }

    pub async fn set_password(&self, id: &UserId, hash: &Secret) -> Result<bool, StoreError> {
        let update = doc! { "$set": { "password_hash": hash.expose() } };
        Ok(self
            .collection
            .update_one(doc! { "_id": id.as_str() }, update)
            .await?
            .matched_count
            > 0)
    }

    /// Whether anybody holds the role.
    pub async fn any_with_role(&self, role: &RoleId) -> Result<bool, StoreError> {
        let held = self.collection.find_one(doc! { "role_id": role.as_str() });
        Ok(held.await?.is_some())
    }

    /// Whether anybody belongs to the branch.
    pub async fn any_in_branch(&self, branch: &BranchId) -> Result<bool, StoreError> {
        let there = self.collection.find_one(doc! { "branch_id": branch.as_str() });
        Ok(there.await?.is_some())
    }

    /// Those the caller may see, by email.
    pub async fn list(&self, visible: &Visible) -> Result<Vec<User>, StoreError> {
        self.find(scope::users(visible), doc! { "email": 1 }).await
    }

    /// Everyone the routing engine may think of: enabled, with some capacity.
    pub async fn agents(&self) -> Result<Vec<User>, StoreError> {
        self.find(
            doc! { "enabled": true, "capacity": { "$gt": 0 } },
            doc! { "_id": 1 },
        )
        .await
    }

    async fn find(&self, filter: Document, sort: Document) -> Result<Vec<User>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(filter)
            .sort(sort)
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        Ok(rows.into_iter().map(User::from).collect())
    }
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            role_id: row.role_id,
            team_ids: row.team_ids,
            branch_id: row.branch_id,
            skills: row.skills,
            capacity: row.capacity,
            channel_limits: row.channel_limits,
            auto_accept: row.auto_accept,
            enabled: row.enabled,
        }
    }
}

impl From<&Credentials> for Row {
    fn from(Credentials { user, password_hash }: &Credentials) -> Self {
        Self {
            id: user.id.clone(),
            email: user.email.to_lowercase(),
            name: user.name.clone(),
            password_hash: password_hash.expose().to_owned(),
            role_id: user.role_id.clone(),
            team_ids: user.team_ids.clone(),
            branch_id: user.branch_id.clone(),
            skills: user.skills.clone(),
            capacity: user.capacity,
            channel_limits: user.channel_limits.clone(),
            auto_accept: user.auto_accept,
            enabled: user.enabled,
        }
    }
}
