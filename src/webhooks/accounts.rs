//! Channel accounts, remembered for a few seconds: every webhook needs one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use switchboard_domain::{AccountKey, Channel, ChannelAccount, Clock, Timestamp};
use switchboard_store::{Store, StoreError};

/// A bounded memory of accounts, and of names that aren't accounts.
pub struct AccountCache {
    store: Store,
    clock: Clock,
    ttl: Duration,
    /// How long an account may be used beyond `ttl` while MongoDB is away: webhooks go on being accepted (P1).
    grace: Duration,
    unknown: usize,
    /// How long one webhook waits for MongoDB before what we remember has to do.
    patience: Duration,
    remembered: Mutex<HashMap<Channel, HashMap<String, Remembered>>>,
}

#[derive(Clone)]
struct Remembered {
    /// When it was read.
    at: Timestamp,
    /// When somebody last set out to read it.
    looked_at: Timestamp,
    account: Option<Arc<ChannelAccount>>,
}

impl AccountCache {
    pub fn new(store: Store, clock: Clock, ttl: Duration, unknown: usize) -> Self {
        Self {
            store,
            clock,
            ttl,
            grace: Duration::from_hours(24),
            unknown,
            patience: Duration::from_millis(500),
            remembered: Mutex::default(),
        }
    }

    /// The account, if there is one and it is enabled. When it is time to read it again one caller does, and not for
    /// long; the others go on with what is remembered: a MongoDB that hangs must not hold webhooks up.
    pub async fn find(
        &self,
        channel: Channel,
        account_id: &str,
    ) -> Result<Option<Arc<ChannelAccount>>, StoreError> {
        let now = self.clock.now();
        let Some(before) = self.recall(channel, account_id, now) else {
            return self.read(channel, account_id, now).await;
        };
        if now.since(before.looked_at) < self.ttl {
            return Ok(before.account);
        }
        let usable = before.account.filter(|_| now.since(before.at) < self.grace);
        match (
            tokio::time::timeout(self.patience, self.read(channel, account_id, now)).await,
            usable,
        ) {
            (Ok(Err(error)), Some(account)) if error.is_transient() => Ok(Some(account)),
            (Ok(read), _) => read,
            (Err(_), Some(account)) => Ok(Some(account)),
            (Err(_), None) => Err(StoreError::Unavailable(
                "the channel account couldn't be read in time".into(),
            )),
        }
    }

    async fn read(
        &self,
        channel: Channel,
        account_id: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<ChannelAccount>>, StoreError> {
        let key = AccountKey {
            channel,
            account_id: account_id.to_owned(),
        };
        let found = self.store.accounts.get(&key).await?;
        let account = found.filter(|account| account.enabled).map(Arc::new);
        self.remember(
            key,
            Remembered {
                at: now,
                looked_at: now,
                account: account.clone(),
            },
        );
        Ok(account)
    }

    /// Forgets an account that was just changed on this node.
    pub fn forget(&self, key: &AccountKey) {
        if let Some(accounts) = self.lock().get_mut(&key.channel) {
            accounts.remove(&key.account_id);
        }
    }

    /// As it was before this look; the next to ask sees that somebody is at it.
    fn recall(&self, channel: Channel, account_id: &str, now: Timestamp) -> Option<Remembered> {
        let mut all = self.lock();
        let remembered = all.get_mut(&channel)?.get_mut(account_id)?;
        let before = remembered.clone();
        if now.since(before.looked_at) >= self.ttl {
            remembered.looked_at = now;
        }
        Some(before)
    }

    fn remember(&self, key: AccountKey, remembered: Remembered) {
        let mut all = self.lock();
        let accounts = all.entry(key.channel).or_default();
        if remembered.account.is_none() && accounts.len() >= self.unknown {
            accounts.retain(|_, known| known.account.is_some());
        }
        accounts.insert(key.account_id, remembered);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Channel, HashMap<String, Remembered>>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
