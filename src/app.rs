//! What every handler and task of a process shares.

use std::{sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use rand::Rng;
use switchboard_domain::Clock;
use switchboard_queue::{Producer, Redis};
use switchboard_store::{SealKey, Store};

use crate::{
    auth::{Directory, Passwords, Tokens},
    config::Config,
    jobs,
    keys::Keys,
    live::Consoles,
    webhooks::{AccountCache, Arrivals},
};

pub struct App {
    pub config: Config,
    pub clock: Clock,
    /// This process, unique per boot.
    pub node: String,
    pub store: Store,
    pub redis: Redis,
    pub producer: Producer,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub directory: Directory,
    pub accounts: AccountCache,
    pub arrivals: Arrivals,
    pub consoles: Arc<Consoles>,
    pub metrics: PrometheusHandle,
    /// Whether this process works as well as serves.
    pub works: bool,
}

/// Why a process can't start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

impl App {
    /// Opens everything. The servers needn't be there yet: readiness tells.
    pub async fn open(config: Config, metrics: PrometheusHandle, works: bool) -> Result<Arc<Self>, StartError> {
        let clock = Clock::system();
        let keys = Keys::derive(&config.secret_key);
        let store = open_store(&config, &keys).await?;
        let redis = Redis::connect(&config.redis.url, &config.redis.prefix).await?.with_clock(clock.clone());
        let stream = redis.live().keep(config.live.stream_length);
        Ok(Arc::new(Self {
            node: boot_name(),
            producer: redis.producer(),
            tokens: Tokens::new(&keys.access_tokens, config.auth.access_token_ttl()),
            passwords: Passwords::new(&config.auth)?,
            directory: Directory::new(
                store.clone(),
                clock.clone(),
                Duration::from_millis(config.auth.directory_ttl_millis),
            ),
            accounts: AccountCache::new(
                store.clone(),
                clock.clone(),
                Duration::from_secs(config.webhooks.account_ttl_secs),
                config.webhooks.unknown_accounts,
            ),
            arrivals: Arrivals::new(clock.clone()),
            consoles: Consoles::new(stream, config.live.clone()),
            clock,
            store,
            redis,
            metrics,
            works,
            config,
        }))
    }

    /// Asks the routing worker to look again. A lost wake is made up for by its sweep.
    pub async fn wake_routing(&self) {
        let _ = jobs::wake_routing(&self.producer).await;
    }
}

pub async fn open_store(config: &Config, keys: &Keys) -> Result<Store, StartError> {
    Ok(Store::open(&config.mongodb.uri, &config.mongodb.database, SealKey::new(&keys.seal)).await?)
}

/// `{host}-{pid}-{random}`: two boots of one process never share it.
fn boot_name() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "node".to_owned());
    let mut random = [0u8; 4];
    rand::rng().fill_bytes(&mut random);
    format!("{host}-{}-{}", std::process::id(), hex::encode(random))
}
