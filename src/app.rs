//! What every handler and task of a process shares.

use std::{sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use rand::Rng;
use switchboard_domain::{AccountKey, ChannelAccount, Clock};
use switchboard_queue::{Producer, Redis};
use switchboard_store::Store;
use switchboard_workers::{
    Hub, HubRules,
    files::{FileSettings, Files},
};

use crate::{
    auth::{Directory, Passwords, RefreshTokens, Tokens, oidc::Oidc},
    chat::Chats,
    config::Config,
    keys::Ring,
    limits::Limits,
    live::Consoles,
    mail::Mailer,
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
    /// What people do with conversations.
    pub desk: Hub,
    pub tokens: Tokens,
    pub limits: Limits,
    pub refresh: RefreshTokens,
    pub oidc: Oidc,
    /// What one-time codes are digested with.
    pub code_key: [u8; 32],
    pub mailer: Mailer,
    pub passwords: Passwords,
    pub directory: Directory,
    pub accounts: AccountCache,
    pub arrivals: Arrivals,
    pub consoles: Arc<Consoles>,
    pub chats: Arc<Chats>,
    pub metrics: PrometheusHandle,
}

/// Why a process can't start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

impl App {
    /// How the providers of this account reach us: no slash at the end.
    pub fn public_origin<'a>(&'a self, account: &'a ChannelAccount) -> &'a str {
        let own = account.settings.public_base_url.as_deref();
        own.unwrap_or(&self.config.http.public_base_url)
            .trim_end_matches('/')
    }

    /// Opens everything. The servers needn't be there yet: readiness tells.
    pub async fn open(config: Config, metrics: PrometheusHandle) -> Result<Arc<Self>, StartError> {
        let clock = Clock::system();
        let keys = Ring::of(&config);
        let desk = open_hub(&config, clock.clone()).await?;
        let store = desk.store.clone();
        let millis = Duration::from_millis(config.auth.directory_ttl_millis);
        let seconds = Duration::from_secs(config.webhooks.account_ttl_secs);
        let unknown = config.webhooks.unknown_accounts;
        Ok(Arc::new(Self {
            node: boot_name(),
            tokens: Tokens::new(&keys, config.auth.access_token_ttl()),
            refresh: RefreshTokens::new(&keys),
            code_key: keys.current.codes,
            oidc: Oidc::new(&config, &keys, &desk.http)?,
            limits: Limits::new(&config.limits),
            mailer: Mailer::new(&config.mail, config.demo.enabled)?,
            passwords: Passwords::new(&config.auth)?,
            directory: Directory::new(store.clone(), clock.clone(), millis),
            accounts: AccountCache::new(store.clone(), clock.clone(), seconds, unknown),
            arrivals: Arrivals::new(clock.clone()),
            consoles: Consoles::new(desk.live.clone(), config.live.clone()),
            chats: Chats::new(&config.chat, desk.files.links.clone()),
            redis: desk.redis.clone(),
            producer: desk.producer.clone(),
            store,
            desk,
            clock,
            metrics,
            config,
        }))
    }

    /// Asks the routing worker to look again. A lost wake is made up for by the workers' sweep.
    pub async fn wake_routing(&self, why: &'static str) {
        let _ = self.desk.wake_routing(why).await;
    }

    /// An account was changed here: the next look reads it again.
    pub fn forget_account(&self, key: &AccountKey) {
        self.accounts.forget(key);
        self.desk.accounts.forget();
    }
}

/// The connections to MongoDB, Redis and the providers. They live on the runtime that opens them.
pub async fn open_hub(config: &Config, clock: Clock) -> Result<Hub, StartError> {
    if !config.outbound.allow_private {
        switchboard_connectors::outbound::only_to_public_addresses();
    }
    let ring = Ring::of(config);
    let store = Store::open(&config.mongodb.uri, &config.mongodb.database, ring.seal()).await?;
    let redis = Redis::connect(&config.redis.url, &config.redis.prefix)
        .await?
        .with_clock(clock.clone());
    let live = redis.live().keep(config.live.stream_length);
    let rules = HubRules {
        reopen_within: Duration::from_secs(config.conversations.reopen_within_secs),
        default_queue: config.conversations.default_queue.clone(),
        routing: config.routing.rules(),
        retention: config.retention.times(),
    };
    let files = Files::open(&FileSettings {
        folder: config.files.folder.clone(),
        max_bytes: config.files.max_bytes as u64,
        public_base_url: config.http.public_base_url.clone(),
        link_key: ring.current.file_links,
        console_link: Duration::from_secs(config.files.link_secs),
        provider_link: Duration::from_secs(config.files.provider_link_hours * 60 * 60),
        visitor_link: config.chat.token_ttl(),
    })?;
    Ok(Hub::new(
        store,
        redis,
        live,
        files,
        switchboard_connectors::http_client()?,
        clock,
        rules,
    ))
}

/// `{host}-{pid}-{random}`: two boots of one process never share it.
pub fn boot_name() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "node".to_owned());
    let mut random = [0u8; 4];
    rand::rng().fill_bytes(&mut random);
    format!("{host}-{}-{}", std::process::id(), hex::encode(random))
}
