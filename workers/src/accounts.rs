//! Channel accounts at hand: looked up for every job, read from the database every few seconds.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use switchboard_domain::{AccountKey, Channel, ChannelAccount, Timestamp};
use switchboard_store::{Accounts, StoreError};
use tokio::sync::Mutex;

/// How old what we know may be.
const FRESH_FOR: Duration = Duration::from_secs(3);

/// All channel accounts, by our name for them and by the provider's.
pub struct AccountDirectory {
    accounts: Accounts,
    known: RwLock<Arc<Known>>,
    /// One reads, the others wait for it.
    reading: Mutex<()>,
}

/// The accounts as of one moment.
#[derive(Debug, Default)]
pub struct Known {
    read_at: Timestamp,
    by_key: HashMap<AccountKey, Arc<ChannelAccount>>,
    by_provider_id: HashMap<(Channel, String), Arc<ChannelAccount>>,
}

impl AccountDirectory {
    pub fn new(accounts: Accounts) -> Self {
        Self {
            accounts,
            known: RwLock::default(),
            reading: Mutex::default(),
        }
    }

    /// The accounts, not older than a few seconds; older ones only if the database is away.
    pub async fn known(&self, now: Timestamp) -> Result<Arc<Known>, StoreError> {
        if let Some(known) = self.fresh(now) {
            return Ok(known);
        }
        let _one = self.reading.lock().await;
        if let Some(known) = self.fresh(now) {
            return Ok(known);
        }
        self.read(now).await
    }

    /// The same, read again if one of `keys` isn't in it or is switched off: whoever took their webhook or their reply
    /// knew better, so that the account is newer than what we remember.
    pub async fn known_with<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a AccountKey>,
        now: Timestamp,
    ) -> Result<Arc<Known>, StoreError> {
        let known = self.known(now).await?;
        let usable = |key: &AccountKey| known.get(key).is_some_and(|account| account.enabled);
        if keys.into_iter().all(usable) {
            return Ok(known);
        }
        let _one = self.reading.lock().await;
        let current = self.current();
        // Somebody else read it while we waited.
        if !Arc::ptr_eq(&current, &known) && self.fresh(now).is_some() {
            return Ok(current);
        }
        self.read(now).await
    }

    async fn read(&self, now: Timestamp) -> Result<Arc<Known>, StoreError> {
        match self.accounts.all().await {
            Ok(accounts) => {
                let known = Arc::new(Known::new(accounts, now));
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&known);
                Ok(known)
            }
            Err(error) => {
                let known = self.current();
                if known.read_at == Timestamp::default() {
                    Err(error)
                } else {
                    Ok(known)
                }
            }
        }
    }

    /// Makes the next look read again: an account was changed here.
    pub fn forget(&self) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<Known>> {
        let known = self.current();
        (now.since(known.read_at) < FRESH_FOR && now >= known.read_at).then_some(known)
    }

    fn current(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn new(accounts: Vec<ChannelAccount>, read_at: Timestamp) -> Self {
        let accounts: Vec<_> = accounts.into_iter().map(Arc::new).collect();
        Self {
            read_at,
            by_provider_id: accounts
                .iter()
                .filter_map(|account| {
                    let id = account.settings.provider_account_id.clone()?;
                    Some(((account.key.channel, id), Arc::clone(account)))
                })
                .collect(),
            by_key: accounts
                .into_iter()
                .map(|account| (account.key.clone(), account))
                .collect(),
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<ChannelAccount>> {
        self.by_key.values()
    }

    pub fn get(&self, key: &AccountKey) -> Option<&Arc<ChannelAccount>> {
        self.by_key.get(key)
    }

    /// The account an event belongs to: the one the provider names, if the signature that was checked is also that
    /// account's; otherwise whoever the webhook's URL names.
    pub fn owner(
        &self,
        door: &Arc<ChannelAccount>,
        provider_account_id: Option<&str>,
    ) -> Arc<ChannelAccount> {
        provider_account_id
            .and_then(|id| self.by_provider_id.get(&(door.key.channel, id.to_owned())))
            .filter(|named| {
                named.enabled
                    && named.secrets.signing_secret().is_some()
                    && named.secrets.signing_secret() == door.secrets.signing_secret()
            })
            .map_or_else(|| Arc::clone(door), Arc::clone)
    }
}
