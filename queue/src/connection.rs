//! The connections to Redis: one that is shared for commands, one for long reads, and own ones for reads that block.

use std::{sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, InfoDict, IntoConnectionInfo,
    aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection},
    io::tcp::TcpSettings,
};
use switchboard_domain::Clock;

use crate::{
    DeadLetters, LaneControl, Lease, Limits, LiveStream, Mark, Once, Producer, QueueError,
    lane::{Keys, Lane},
};

/// How long a command may take. Longer than a stall that Redis recovers from by itself (a fork, a slow disk).
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// A Redis server, seen through a key prefix. Cheap to clone.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
    /// For what may be long: commands that somebody waits for don't queue behind it.
    reader: ConnectionManager,
    prefix: Arc<str>,
    clock: Clock,
}

/// Whether what Redis confirms survives its restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persistence {
    /// The append-only file is on.
    pub append_only: bool,
    /// Its last write succeeded.
    pub last_write_ok: bool,
}

impl Redis {
    /// Opens the shared connections. A server that can't be reached now is no error: commands fail at once until it can,
    /// and the connection comes back by itself. `prefix` goes in front of every key (`sb:` in production).
    ///
    /// # Errors
    /// [`QueueError::Address`] if `url` isn't one.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, QueueError> {
        // A peer that vanished without a word is noticed when it doesn't acknowledge what was sent.
        let tcp = TcpSettings::default()
            .set_nodelay(true)
            .set_user_timeout(RESPONSE_TIMEOUT * 2);
        let address = url.into_connection_info().map_err(QueueError::Address)?;
        let client = Client::open(address.set_tcp_settings(tcp)).map_err(QueueError::Address)?;
        // No retries inside: a command that waits for a reconnect would hold up its webhook. Every failing command
        // starts the next attempt, and the first that succeeds serves all.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECTION_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_pipeline_buffer_size(1024);
        let open = |config| {
            ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(QueueError::Address)
        };
        let (manager, reader) = (open(config.clone())?, open(config)?);
        let redis = Self {
            client,
            manager,
            reader,
            prefix: prefix.into(),
            clock: Clock::system(),
        };
        if let Err(error) = redis.ping().await {
            tracing::warn!(%error, "Redis can't be reached yet; it is tried again with every command");
        }
        Ok(redis)
    }

    /// The same connection with another clock: what is due, and how old things are, follows it.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Whether the server answers.
    pub async fn ping(&self) -> Result<(), QueueError> {
        let mut connection = self.manager.clone();
        Ok(redis::cmd("PING").query_async(&mut connection).await?)
    }

    /// Whether confirmed writes survive a restart (P1 needs it).
    pub async fn persistence(&self) -> Result<Persistence, QueueError> {
        let mut connection = self.manager.clone();
        let info: InfoDict = redis::cmd("INFO")
            .arg("persistence")
            .query_async(&mut connection)
            .await?;
        Ok(Persistence {
            append_only: info.get::<u8>("aof_enabled") == Some(1),
            last_write_ok: info
                .get::<String>("aof_last_write_status")
                .is_none_or(|status| status == "ok"),
        })
    }

    /// The append-only file is on and was last written without an error.
    pub async fn append_only_enabled(&self) -> Result<bool, QueueError> {
        let persistence = self.persistence().await?;
        Ok(persistence.append_only && persistence.last_write_ok)
    }

    /// A new producer with an appender of its own; clone it rather than making one per call.
    pub fn producer(&self) -> Producer {
        Producer::new(self)
    }

    /// Inspect, replay and discard what was given up.
    pub fn dead_letters(&self) -> DeadLetters {
        DeadLetters::new(self)
    }

    /// Statistics, pause and resume.
    pub fn lanes(&self) -> LaneControl {
        LaneControl::new(self)
    }

    /// The live event stream.
    pub fn live(&self) -> LiveStream {
        LiveStream::new(self)
    }

    /// A lease on what only one process at a time may do.
    pub fn lease(&self, name: &str) -> Lease {
        Lease::new(self, name)
    }

    /// Counters of what may not happen too often.
    pub fn limits(&self) -> Limits {
        Limits::new(self)
    }

    /// What may be used for one thing only.
    pub fn once(&self) -> Once {
        Once::new(self)
    }

    /// How far something has come.
    pub fn mark(&self, name: &str) -> Mark {
        Mark::new(self, name)
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn commands(&self) -> ConnectionManager {
        self.manager.clone()
    }

    pub(crate) fn long_reads(&self) -> ConnectionManager {
        self.reader.clone()
    }

    pub(crate) fn keys(&self, lane: Lane) -> Keys {
        Keys::new(&self.prefix, lane)
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A connection of one's own for reads that block up to `block`.
    pub(crate) async fn blocking(&self, block: Duration) -> Result<MultiplexedConnection, QueueError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECTION_TIMEOUT))
            .set_response_timeout(Some(block + RESPONSE_TIMEOUT));
        Ok(self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?)
    }
}
