//! What the parts of one worker share: its place in Redis, its settings, its switches.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{HealthHandle, InFlight, LaneConfig};
use crate::{
    QueueError, Redis,
    lane::{GROUP, Keys},
    scripts::SWEEP,
};

/// Names this boot of this process: a consumer name that comes again would inherit what its namesake left.
static BOOT: LazyLock<String> = LazyLock::new(|| {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!(
        "{}-{}-{:08x}",
        host.trim(),
        std::process::id(),
        rand::random::<u32>()
    )
});

/// Jobs that one command to Redis names or fetches. Redis does one command at a time: while it does one for a whole
/// large batch, nobody's webhook is appended.
pub(super) const AT_ONCE: usize = 500;

static CONSUMERS: AtomicU64 = AtomicU64::new(0);

/// One consumer of a lane.
pub struct Link {
    pub redis: Redis,
    pub keys: Keys,
    pub config: LaneConfig,
    pub consumer: String,
    pub in_flight: Arc<InFlight>,
    pub health: HealthHandle,
    /// The lane is paused.
    pub paused: watch::Sender<bool>,
    /// This worker reads no more.
    pub stopping: watch::Sender<bool>,
    /// The reader is, or is about to be, inside a read. Set before it looks at the two switches, so that whoever turns
    /// one either sees this or is seen.
    pub reading: AtomicBool,
    /// Redis's id of the reading connection, to wake it with.
    pub reader_id: AtomicI64,
}

impl Link {
    pub fn new(redis: &Redis, config: &LaneConfig, health: &HealthHandle) -> Arc<Self> {
        let number = CONSUMERS.fetch_add(1, Ordering::Relaxed);
        let consumer = format!("{}-{number}", *BOOT);
        health.update(|health| health.consumer.clone_from(&consumer));
        Arc::new(Self {
            redis: redis.clone(),
            keys: redis.keys(config.lane),
            config: config.clone(),
            consumer,
            in_flight: Arc::new(InFlight::new(health.clone())),
            health: health.clone(),
            paused: watch::Sender::new(false),
            stopping: watch::Sender::new(false),
            reading: AtomicBool::new(false),
            reader_id: AtomicI64::new(0),
        })
    }

    /// Ends the reading, waking the reader if it waits inside Redis.
    pub async fn stop_reading(&self) {
        self.stopping.send_replace(true);
        let ended = async {
            while self.reading.load(Ordering::SeqCst) {
                // If Redis is down, the read fails or times out by itself.
                let _ = self.wake_reader().await;
                sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = timeout(self.config.block, ended).await;
    }

    /// Makes a waiting read return empty-handed.
    pub async fn wake_reader(&self) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        Ok(redis::cmd("CLIENT")
            .arg("UNBLOCK")
            .arg(self.reader_id.load(Ordering::SeqCst))
            .exec_async(&mut connection)
            .await?)
    }

    /// Restarts the leases of what is held.
    pub async fn renew(&self, ids: &[String]) -> Result<(), QueueError> {
        self.set_idle(ids, Duration::ZERO).await
    }

    /// Makes jobs that were read but not begun claimable at once.
    pub async fn hand_back(&self, ids: &[String]) -> Result<(), QueueError> {
        self.set_idle(ids, self.config.lease + Duration::from_secs(1))
            .await
    }

    async fn set_idle(&self, ids: &[String], idle: Duration) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        for ids in ids.chunks(AT_ONCE) {
            let mut command = redis::cmd("XCLAIM");
            command
                .arg(&self.keys.stream)
                .arg(GROUP)
                .arg(&self.consumer)
                .arg(0);
            command.arg(ids).arg("IDLE");
            command.arg(u64::try_from(idle.as_millis()).unwrap_or(u64::MAX));
            command.arg("JUSTID").exec_async(&mut connection).await?;
        }
        Ok(())
    }

    /// Forgets consumers that hold nothing and were last seen longer ago than `idle`; `also` at once.
    pub async fn sweep(&self, idle: Duration, also: &str) -> Result<(), QueueError> {
        let mut connection = self.redis.commands();
        Ok(SWEEP
            .key(&self.keys.stream)
            .arg(GROUP)
            .arg(u64::try_from(idle.as_millis()).unwrap_or(u64::MAX))
            .arg(also)
            .invoke_async(&mut connection)
            .await?)
    }
}

/// The group isn't there: Redis was emptied or came back without its data.
pub fn is_no_group(error: &QueueError) -> bool {
    matches!(error, QueueError::Refused(error) if error.code() == Some("NOGROUP"))
}
