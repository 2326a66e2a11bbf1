//! The reader: takes new jobs when the worker asks for them, on a connection of its own.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use redis::{Value, aio::MultiplexedConnection};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    Link, WorkerState,
    link::{AT_ONCE, is_no_group},
    open::{Delivery, Opened},
};
use crate::{FromPayload, QueueError, entry::Entry, lane::GROUP, outage::Outage};

/// Answers each request for a batch with one, as soon as there is anything.
pub struct Intake<T> {
    link: Arc<Link>,
    requests: mpsc::Receiver<()>,
    batches: mpsc::Sender<Opened<T>>,
    connection: Option<MultiplexedConnection>,
    outage: Outage,
}

impl<T: FromPayload> Intake<T> {
    pub fn new(link: &Arc<Link>, requests: mpsc::Receiver<()>, batches: mpsc::Sender<Opened<T>>) -> Self {
        Self {
            outage: Outage::new(format!("reading lane {}", link.config.lane)),
            link: Arc::clone(link),
            requests,
            batches,
            connection: None,
        }
    }

    /// Runs until the worker stops or goes away; no error of Redis ends it.
    pub async fn run(mut self) {
        let mut stopping = self.link.stopping.subscribe();
        while let Some(true) = tokio::select! {
            asked = self.requests.recv() => Some(asked.is_some()),
            _ = stopping.wait_for(|stopping| *stopping) => None,
        } {
            let Some(batch) = self.next_batch(&mut stopping).await else {
                break;
            };
            if self.batches.send(batch).await.is_err() {
                break;
            }
        }
    }

    /// Waits for jobs; `None` once the worker stops.
    async fn next_batch(&mut self, stopping: &mut watch::Receiver<bool>) -> Option<Opened<T>> {
        loop {
            self.link.reading.store(true, Ordering::SeqCst);
            let stop = *stopping.borrow();
            let paused = *self.link.paused.borrow();
            if stop || paused {
                self.link.reading.store(false, Ordering::SeqCst);
            }
            if stop {
                return None;
            }
            if paused {
                self.wait_for_resume(stopping).await;
                continue;
            }
            let result = self.read().await;
            self.link.reading.store(false, Ordering::SeqCst);
            match result {
                Ok(batch) => {
                    self.polled();
                    if batch.is_some() {
                        return batch;
                    }
                }
                Err(error) => self.recover(&error, stopping).await,
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Opened<T>>, QueueError> {
        let config = &self.link.config;
        if self.connection.is_none() {
            let mut connection = self.link.redis.blocking(config.block).await?;
            let id = redis::cmd("CLIENT")
                .arg("ID")
                .query_async(&mut connection)
                .await?;
            self.link.reader_id.store(id, Ordering::SeqCst);
            self.connection = Some(connection);
        }
        let Some(connection) = &mut self.connection else {
            return Ok(None);
        };
        // The lease counts from here: when within the wait the jobs were handed out isn't known.
        let asked = Instant::now();
        let mut entries = fetch(&self.link, connection, config.batch_size, Some(config.block)).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let mut fetched = entries.len();
        while fetched == AT_ONCE && entries.len() < config.batch_size {
            let room = config.batch_size - entries.len();
            // What was fetched before a failure is ours already; the next read meets the failure again.
            let more = fetch(&self.link, connection, room, None)
                .await
                .unwrap_or_default();
            fetched = more.len();
            entries.extend(more);
        }
        let deliveries = entries.into_iter().map(|entry| Delivery { entry, deliveries: 1 });
        self.link.open(deliveries.collect(), asked).await
    }

    fn polled(&mut self) {
        self.outage.over();
        let now = self.link.redis.clock().now();
        self.link.health.update(|health| {
            health.last_poll = Some(now);
            if health.state == WorkerState::Paused {
                health.state = WorkerState::Running;
            }
        });
    }

    async fn wait_for_resume(&mut self, stopping: &mut watch::Receiver<bool>) {
        self.link
            .health
            .update(|health| health.state = WorkerState::Paused);
        let mut paused = self.link.paused.subscribe();
        tokio::select! {
            _ = paused.wait_for(|paused| !paused) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    async fn recover(&mut self, error: &QueueError, stopping: &mut watch::Receiver<bool>) {
        if is_no_group(error) && self.create_group().await.is_ok() {
            return;
        }
        self.connection = None;
        self.link
            .health
            .update(|health| health.last_error = Some(error.to_string()));
        tokio::select! {
            () = self.outage.wait_after(error) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    /// From the stream's beginning: what was appended before there was a group is work, too.
    async fn create_group(&mut self) -> Result<(), QueueError> {
        let mut connection = self.link.redis.commands();
        let created = redis::cmd("XGROUP")
            .arg("CREATE")
            .arg(&self.link.keys.stream)
            .arg(GROUP)
            .arg(0)
            .arg("MKSTREAM")
            .exec_async(&mut connection)
            .await;
        match created {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            result => Ok(result?),
        }
    }
}

/// New jobs, waiting up to `block` for the first.
async fn fetch(
    link: &Link,
    connection: &mut MultiplexedConnection,
    most: usize,
    block: Option<Duration>,
) -> Result<Vec<Entry>, QueueError> {
    let mut command = redis::cmd("XREADGROUP");
    command.arg("GROUP").arg(GROUP).arg(&link.consumer);
    command.arg("COUNT").arg(most.min(AT_ONCE));
    if let Some(block) = block {
        command.arg("BLOCK");
        command.arg(u64::try_from(block.as_millis()).unwrap_or(u64::MAX).max(1));
    }
    command.arg("STREAMS").arg(&link.keys.stream).arg(">");
    let answer: Value = command.query_async(connection).await?;
    Ok(Entry::of_stream(answer))
}
