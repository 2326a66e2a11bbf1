//! What every worker, and the API, works with.

use std::sync::Arc;

use switchboard_domain::{Clock, LiveEvent};
use switchboard_queue::{Lane, LiveStream, Producer, QueueError, Redis};
use switchboard_store::Store;

use crate::{accounts::AccountDirectory, files::Files, routing::Wake, rules::HubRules, trails::Trails};

/// The hub's own hands: its database, its lanes, its live stream and its clock. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pub store: Store,
    pub redis: Redis,
    pub producer: Producer,
    pub live: LiveStream,
    pub files: Files,
    pub http: reqwest::Client,
    pub clock: Clock,
    pub accounts: Arc<AccountDirectory>,
    pub trails: Arc<Trails>,
    pub rules: HubRules,
}

impl Hub {
    pub fn new(
        store: Store,
        redis: Redis,
        live: LiveStream,
        files: Files,
        http: reqwest::Client,
        clock: Clock,
        rules: HubRules,
    ) -> Self {
        Self {
            accounts: Arc::new(AccountDirectory::new(store.accounts.clone())),
            producer: redis.producer(),
            store,
            redis,
            live,
            files,
            http,
            clock,
            trails: Arc::default(),
            rules,
        }
    }

    /// Asks the routing worker to look again.
    pub async fn wake_routing(&self, why: &'static str) -> Result<(), QueueError> {
        self.producer
            .push(Lane::Routing, &Wake { why: why.to_owned() })
            .await
    }

    /// Shows events on the screens of those who may see them.
    pub async fn show(&self, events: &[LiveEvent]) -> Result<(), QueueError> {
        self.live.append(events).await.map(drop)
    }
}
