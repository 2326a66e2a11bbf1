//! A hub's workers on real servers, with an account and some agents.

use std::{sync::Arc, time::Duration};

use mongodb::{Database, bson::Document};
use switchboard_connectors::StoredRequest;
use switchboard_domain::{
    AccountKey, AccountSecrets, AccountSettings, Arrival, Channel, ChannelAccount, Clock, Intent, Queue,
    Retention, Secret, Strategy, Timestamp, User,
};
use switchboard_queue::{Batch, Job, Lane, LiveEntry, Redis};
use switchboard_store::{Credentials, SealKey, Store};
use switchboard_tests::{
    Isolated, eventually,
    wa::{Number, SignedWebhook},
};
use switchboard_workers::{
    Hub, HubRules, IngestJob, LaneSettings, RoutingRules, Wake, Webhook, Workers,
    files::{FileSettings, Files},
};
use tokio::{sync::watch, task::JoinHandle};

pub const NODE: &str = "test-node";

pub struct World {
    pub hub: Hub,
    pub db: Database,
    pub number: Number,
    corner: Arc<Isolated>,
}

pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }

    /// As a crash would: nothing more happens, nothing is handed back.
    pub fn crash(self) {
        self.task.abort();
    }
}

impl World {
    pub async fn new() -> Self {
        Self::on(Isolated::new().await).await
    }

    /// On servers that the test may break.
    pub async fn on(corner: Isolated) -> Self {
        let key = SealKey::new(&[7; 32]);
        let store = Store::open(&corner.mongo_uri, &corner.db, key).await.unwrap();
        store.migrate(&Retention::default()).await.unwrap();
        let db = corner.database().await;
        let corner = Arc::new(corner);
        let hub = hub(&corner, store).await;
        let world = Self {
            hub,
            db,
            number: Number::demo(),
            corner,
        };
        world.account(None).await;
        world.queue("default", true, 30).await;
        world.beat().await;
        world
    }

    /// The node that holds the agents' consoles lives.
    async fn beat(&self) {
        let (presence, clock) = (self.hub.store.presence.clone(), self.hub.clock.clone());
        presence.beat(NODE, clock.now()).await.unwrap();
        tokio::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_secs(2));
            while presence.beat(NODE, clock.now()).await.is_ok() {
                every.tick().await;
            }
        });
    }

    /// Another process on the same servers.
    pub async fn sibling(&self) -> Hub {
        hub(&self.corner, self.hub.store.clone()).await
    }

    pub fn key() -> AccountKey {
        AccountKey {
            channel: Channel::Whatsapp,
            account_id: "wa-demo".into(),
        }
    }

    /// `api` is where replies go.
    pub async fn account(&self, api: Option<&str>) {
        let now = self.hub.clock.now();
        let secret = |name: &str, value: &str| (name.to_owned(), Secret::new(value));
        let account = ChannelAccount {
            key: Self::key(),
            name: "Demo".into(),
            settings: AccountSettings {
                api_base_url: api.map(str::to_owned),
                provider_account_id: Some("100000000000001".into()),
                ..AccountSettings::default()
            },
            secrets: AccountSecrets(
                [
                    secret("signing_secret", &self.number.app_secret),
                    secret("access_token", "demo-token"),
                ]
                .into(),
            ),
            team_id: Some("team".into()),
            branch_id: None,
            queue_id: None,
            enabled: true,
            created_at: now,
            updated_at: now,
        };
        if !self.hub.store.accounts.replace(&account).await.unwrap() {
            self.hub.store.accounts.insert(&account).await.unwrap();
        }
        self.hub.accounts.forget();
    }

    pub async fn queue(&self, id: &str, auto_accept: bool, offer_ttl_secs: u32) {
        let queue = Queue {
            id: id.into(),
            name: id.into(),
            team_ids: vec!["team".into()],
            strategy: Strategy::Balanced,
            offer_ttl_secs,
            auto_accept,
            any_agent: true,
            weight: 1,
            wrap_up_secs: 0,
            business_hours_id: None,
            overflow: Vec::new(),
        };
        self.hub.store.queues.put(&queue).await.unwrap();
    }

    /// An agent who is there and takes work.
    pub async fn agent(&self, id: &str, capacity: u32) -> User {
        let user = User {
            id: id.into(),
            email: format!("{id}@demo.test"),
            name: id.into(),
            role_id: "agent".into(),
            team_ids: vec!["team".into()],
            branch_id: None,
            skills: Vec::new(),
            capacity,
            channel_limits: [].into(),
            auto_accept: false,
            enabled: true,
        };
        let credentials = Credentials {
            user: user.clone(),
            password_hash: Secret::new("-"),
        };
        self.hub.store.users.insert(&credentials).await.unwrap();
        self.hub.connected(&user.id, NODE).await.unwrap();
        self.hub
            .declare_presence(&user.id, Intent::Available)
            .await
            .unwrap();
        user
    }

    pub fn run(&self) -> Running {
        run(&self.hub)
    }

    /// As the door does it, its signature checked.
    pub async fn post(&self, webhook: &SignedWebhook) {
        let job = self.job(webhook);
        self.hub
            .producer
            .push_bytes(Lane::Ingest, job.to_bytes())
            .await
            .unwrap();
    }

    /// As the queue does it when a worker has failed: it says when the job came first.
    pub async fn post_again(&self, webhook: &SignedWebhook) {
        self.push_again(Lane::Ingest, &self.job(webhook).to_bytes()).await;
    }

    /// The router is woken as it is when one has died over a wake-up.
    pub async fn wake_again(&self) {
        let wake = serde_json::to_vec(&Wake { why: "test".into() }).unwrap();
        self.push_again(Lane::Routing, &wake).await;
    }

    async fn push_again(&self, lane: Lane, payload: &[u8]) {
        let stream = format!("{{{}}}:stream", lane.as_str());
        let keys = self.corner.keys().await;
        redis::cmd("XADD")
            .arg(keys.into_iter().find(|key| key.ends_with(&stream)))
            .arg(&["*", "a", "1", "f", "1760000000000", "p"])
            .arg(payload)
            .exec_async(&mut self.corner.redis().await)
            .await
            .unwrap();
    }

    /// As a worker is given them.
    pub fn batch(&self, webhooks: &[SignedWebhook]) -> Batch<Webhook> {
        let jobs = webhooks.iter().enumerate();
        jobs.map(|(nth, webhook)| Job {
            id: format!("{nth}-0"),
            attempt: 1,
            recovered: false,
            enqueued_at: self.hub.clock.now(),
            payload: Webhook(self.job(webhook)),
        })
        .collect()
    }

    fn job(&self, webhook: &SignedWebhook) -> IngestJob {
        IngestJob {
            account: Self::key(),
            arrival: Arrival::from_micros(self.hub.clock.micros()),
            request: StoredRequest {
                headers: Vec::new(),
                body: webhook.body.clone().into(),
            },
        }
    }

    pub async fn count(&self, collection: &str, filter: Document) -> u64 {
        self.db
            .collection::<Document>(collection)
            .count_documents(filter)
            .await
            .unwrap()
    }

    /// Everything that was shown since the beginning. After an outage a connection is tried anew.
    pub async fn shown(&self, name: &str) -> Vec<LiveEntry> {
        let (live, beginning) = (&self.hub.live, Timestamp::from_millis(0));
        let mut shown = Vec::new();
        eventually("the stream is read", Duration::from_secs(10), async || {
            match live.since(beginning, Duration::ZERO).await {
                Ok(entries) => shown = entries,
                Err(_) => return false,
            }
            true
        })
        .await;
        shown.retain(|entry| entry.name == name);
        shown
    }

    /// Nothing left to do in any lane.
    pub async fn is_idle(&self) -> bool {
        let all = self.hub.redis.lanes().all().await.unwrap();
        all.iter()
            .all(|lane| lane.depth + lane.pending + lane.delayed == 0)
    }
}

async fn hub(corner: &Isolated, store: Store) -> Hub {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redis = Redis::connect(&corner.redis_url, &corner.prefix).await.unwrap();
    let rules = HubRules {
        reopen_within: Duration::from_hours(1),
        default_queue: "default".into(),
        routing: RoutingRules::default(),
        retention: Retention::default(),
    };
    let live = redis.live();
    let files = Files::open(&FileSettings {
        visitor_link: Duration::from_hours(1),
        folder: corner.files.path().to_owned(),
        max_bytes: 1024 * 1024,
        public_base_url: "http://127.0.0.1:9".into(),
        link_key: [7; 32],
        console_link: Duration::from_mins(15),
        provider_link: Duration::from_hours(1),
    })
    .unwrap();
    Hub::new(
        store,
        redis,
        live,
        files,
        switchboard_connectors::http_client().unwrap(),
        Clock::system(),
        rules,
    )
}

pub fn run(hub: &Hub) -> Running {
    let (stop, stopped) = watch::channel(false);
    let settings = LaneSettings {
        lease: Duration::from_secs(1),
        ..LaneSettings::default()
    };
    let task = tokio::spawn(Workers::new(hub, &settings, stopped).run());
    Running { stop, task }
}
