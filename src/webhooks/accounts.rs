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
    remembered: Mutex<HashMap<Channel, HashMap<String, Remembered>>>,
}

#[derive(Clone)]
struct Remembered {
    at: Timestamp,
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
            remembered: Mutex::default(),
        }
    }

    /// The account, if there is one and it is enabled.
    pub async fn find(
        &self,
        channel: Channel,
        account_id: &str,
    ) -> Result<Option<Arc<ChannelAccount>>, StoreError> {
        let now = self.clock.now();
        let before = self.recall(channel, account_id);
        if let Some(remembered) = &before
            && now.since(remembered.at) < self.ttl
        {
            return Ok(remembered.account.clone());
        }
        let key = AccountKey {
            channel,
            account_id: account_id.to_owned(),
        };
        match self.store.accounts.get(&key).await {
            Ok(found) => {
                let account = found.filter(|account| account.enabled).map(Arc::new);
                self.remember(
                    key,
                    Remembered {
                        at: now,
                        account: account.clone(),
                    },
                );
                Ok(account)
            }
            Err(error) => match before.filter(|remembered| now.since(remembered.at) < self.grace) {
                Some(Remembered {
                    account: Some(account),
                    ..
                }) if error.is_transient() => Ok(Some(account)),
                _ => Err(error),
            },
        }
    }

    /// Forgets an account that was just changed on this node.
    pub fn forget(&self, key: &AccountKey) {
        if let Some(accounts) = self.lock().get_mut(&key.channel) {
            accounts.remove(&key.account_id);
        }
    }

    fn recall(&self, channel: Channel, account_id: &str) -> Option<Remembered> {
        self.lock().get(&channel)?.get(account_id).cloned()
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
