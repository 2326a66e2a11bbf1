//! `channel_accounts`: our numbers, pages and mailboxes, with their secrets sealed.

use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::{Binary, DateTime, doc},
};
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, BranchId, Channel, ChannelAccount, QueueId, TeamId,
};

use crate::{
    dates::{date, timestamp},
    error::StoreError,
    seal::SealKey,
};

#[derive(Clone)]
pub struct Accounts {
    collection: Collection<Row>,
    seal: SealKey,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    channel: Channel,
    account_id: String,
    name: String,
    settings: AccountSettings,
    secrets: Binary,
    team_id: Option<TeamId>,
    branch_id: Option<BranchId>,
    queue_id: Option<QueueId>,
    enabled: bool,
    created_at: DateTime,
    updated_at: DateTime,
}

impl Accounts {
    pub(crate) fn new(database: &Database, seal: SealKey) -> Self {
        Self {
            collection: database.collection("channel_accounts"),
            seal,
        }
    }

    pub async fn get(&self, key: &AccountKey) -> Result<Option<ChannelAccount>, StoreError> {
        self.collection
            .find_one(doc! { "_id": key.to_string() })
            .await?
            .map(|row| self.decode(row))
            .transpose()
    }

    pub async fn all(&self) -> Result<Vec<ChannelAccount>, StoreError> {
        let rows: Vec<Row> = self
            .collection
            .find(doc! {})
            .sort(doc! { "_id": 1 })
            .batch_size(1000)
            .await?
            .try_collect()
            .await?;
        rows.into_iter().map(|row| self.decode(row)).collect()
    }

    /// Creates; [`StoreError::Duplicate`] if the key is taken.
    pub async fn insert(&self, account: &ChannelAccount) -> Result<(), StoreError> {
        self.collection.insert_one(self.encode(account)?).await?;
        Ok(())
    }

    /// Replaces; `false` if there is none.
    pub async fn replace(&self, account: &ChannelAccount) -> Result<bool, StoreError> {
        let row = self.encode(account)?;
        Ok(self
            .collection
            .replace_one(doc! { "_id": &row.id }, row)
            .await?
            .matched_count
            > 0)
    }

    /// Seals all secrets with the current key; how many there were.
    pub async fn seal_anew(&self) -> Result<u64, StoreError> {
        let mut rows = self.collection.find(doc! {}).await?;
        let mut count = 0;
        while let Some(row) = rows.try_next().await? {
            let sealed = self
                .seal
                .anew(&row.id, &row.secrets)
                .map_err(|error| StoreError::Refused(error.to_string()))?;
            let same = doc! { "_id": &row.id, "secrets": &row.secrets };
            self.collection
                .update_one(same, doc! { "$set": { "secrets": sealed } })
                .await?;
            count += 1;
        }
        Ok(count)
    }

    fn encode(&self, account: &ChannelAccount) -> Result<Row, StoreError> {
        let id = account.key.to_string();
        let secrets =
            serde_json::to_vec(&account.secrets).map_err(|error| StoreError::Refused(error.to_string()))?;
        Ok(Row {
            secrets: self
                .seal
                .seal(&id, &secrets)
                .map_err(|error| StoreError::Refused(error.to_string()))?,
            id,
            channel: account.key.channel,
            account_id: account.key.account_id.clone(),
            name: account.name.clone(),
            settings: account.settings.clone(),
            team_id: account.team_id.clone(),
            branch_id: account.branch_id.clone(),
            queue_id: account.queue_id.clone(),
            enabled: account.enabled,
            created_at: date(account.created_at),
            updated_at: date(account.updated_at),
        })
    }

    fn decode(&self, row: Row) -> Result<ChannelAccount, StoreError> {
        let plain = self
            .seal
            .open(&row.id, &row.secrets)
            .map_err(|error| StoreError::Refused(error.to_string()))?;
        // The text is ours and may hold a secret, so the reason why it doesn't parse is not passed on.
        let secrets: AccountSecrets = serde_json::from_slice(&plain)
            .map_err(|_| StoreError::Refused("a stored secret is not in its form".into()))?;
        Ok(ChannelAccount {
            key: AccountKey {
                channel: row.channel,
                account_id: row.account_id,
            },
            name: row.name,
            settings: row.settings,
            secrets,
            team_id: row.team_id,
            branch_id: row.branch_id,
            queue_id: row.queue_id,
            enabled: row.enabled,
            created_at: timestamp(row.created_at),
            updated_at: timestamp(row.updated_at),
        })
    }
}
