//! What has to happen at times rather than on jobs: delayed jobs fall due, leases are renewed, what crashed workers held
//! is taken over, consumers that are gone are forgotten.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use redis::Value;
use switchboard_domain::Timestamp;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use super::{
    Link,
    config::ALONE_FROM,
    link::{AT_ONCE, is_no_group},
    open::{Delivery, Opened},
};
use crate::{
    FromPayload, QueueError,
    entry::Entry,
    lane::GROUP,
    outage::Outage,
    scripts::{CLAIM, PROMOTE},
};

/// The longest time between two looks at what is due (and at whether the lane is paused).
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Delayed jobs moved by one call: Lua holds all of Redis up meanwhile.
const PROMOTE_CHUNK: usize = 500;
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// A consumer that asked for nothing this long is gone; a live one asks every few seconds.
const CONSUMER_GONE: Duration = Duration::from_hours(1);

/// The timekeeper of one worker.
pub struct Housekeeping<T> {
    link: Arc<Link>,
    recovered: mpsc::Sender<Opened<T>>,
    outage: Outage,
    renew_at: Instant,
    claim_at: Instant,
    sweep_at: Instant,
}

impl<T: FromPayload> Housekeeping<T> {
    pub fn new(link: &Arc<Link>, recovered: mpsc::Sender<Opened<T>>) -> Self {
        let now = Instant::now();
        Self {
            outage: Outage::new(format!("housekeeping of lane {}", link.config.lane)),
            link: Arc::clone(link),
            recovered,
            renew_at: now + link.config.lease / 3,
            claim_at: now,
            sweep_at: now + SWEEP_EVERY,
        }
    }

    /// Runs until its worker goes away; no error of Redis ends it.
    pub async fn run(mut self) {
        loop {
            match self.round().await {
                Ok(pause) => {
                    self.outage.over();
                    let now = self.link.redis.clock().now();
                    self.link.health.update(|health| health.last_contact = Some(now));
                    sleep(pause).await;
                }
                // The reader makes the group; until then there is nothing to keep.
                Err(error) if is_no_group(&error) => sleep(LOOK_EVERY).await,
                Err(error) => self.outage.wait_after(&error).await,
            }
        }
    }

    /// Everything that is due; returns how long until something may be.
    async fn round(&mut self) -> Result<Duration, QueueError> {
        // First what others wait for least patiently: a lease that runs out has a batch handled twice.
        if Instant::now() >= self.renew_at {
            self.renew().await?;
        }
        let next = self.promote().await?;
        let working = !*self.link.paused.borrow() && !*self.link.stopping.borrow();
        if working && Instant::now() >= self.claim_at {
            self.claim().await?;
        }
        if Instant::now() >= self.sweep_at {
            self.link.sweep(CONSUMER_GONE, "").await?;
            self.sweep_at = Instant::now() + SWEEP_EVERY;
        }
        let until = |at: Instant| at.saturating_duration_since(Instant::now());
        let mut pause = next.min(LOOK_EVERY).min(until(self.renew_at));
        if working {
            pause = pause.min(until(self.claim_at));
        }
        Ok(pause)
    }

    async fn renew(&mut self) -> Result<(), QueueError> {
        let lease = self.link.config.lease;
        let asked = Instant::now();
        let ids = self.link.in_flight.renewable(lease);
        self.link.renew(&ids).await?;
        self.link.in_flight.renewed(asked, lease);
        self.renew_at = asked + lease / 3;
        Ok(())
    }

    /// Moves due jobs into the stream, learns whether the lane is paused, and returns when the next job is due.
    async fn promote(&mut self) -> Result<Duration, QueueError> {
        let now = self.link.redis.clock().now();
        let keys = &self.link.keys;
        let mut connection = self.link.redis.commands();
        let (paused, _moved, next): (bool, usize, i64) = PROMOTE
            .key(&keys.stream)
            .key(&keys.delayed)
            .key(&keys.delayed_jobs)
            .key(&keys.paused)
            .arg(now.as_millis())
            .arg(PROMOTE_CHUNK)
            .invoke_async(&mut connection)
            .await?;
        self.link
            .paused
            .send_if_modified(|was| std::mem::replace(was, paused) != paused);
        if paused && self.link.reading.load(Ordering::SeqCst) {
            self.link.wake_reader().await?;
        }
        Ok(if next < 0 {
            LOOK_EVERY
        } else {
            Timestamp::from_millis(next).since(now)
        })
    }

    /// Takes over what was left pending longer than the lease, as much as there is room for.
    async fn claim(&mut self) -> Result<(), QueueError> {
        let config = &self.link.config;
        let room = config.batch_size.min(self.recovered.capacity()).min(AT_ONCE);
        let asked = Instant::now();
        if room == 0 {
            self.claim_at = asked + LOOK_EVERY;
            return Ok(());
        }
        let mut connection = self.link.redis.commands();
        let claimed: Vec<(Value, u32)> = CLAIM
            .key(&self.link.keys.stream)
            .arg(GROUP)
            .arg(&self.link.consumer)
            .arg(u64::try_from(config.lease.as_millis()).unwrap_or(u64::MAX))
            .arg(room)
            .invoke_async(&mut connection)
            .await?;
        let more = claimed.len() == room;
        self.claim_at = asked + if more { Duration::ZERO } else { config.lease / 4 };
        let deliveries = claimed
            .into_iter()
            .filter_map(|(entry, deliveries)| Entry::read(entry).map(|entry| Delivery { entry, deliveries }));
        let (suspects, together): (Vec<_>, Vec<_>) =
            deliveries.partition(|delivery| delivery.deliveries >= ALONE_FROM);
        if !together.is_empty() || !suspects.is_empty() {
            let (lane, jobs) = (config.lane.as_str(), together.len() + suspects.len());
            tracing::info!(lane, jobs, "took over jobs that another worker left");
        }
        let alone = suspects.into_iter().map(|suspect| vec![suspect]);
        for group in std::iter::once(together).chain(alone) {
            if let Some(batch) = self.link.open(group, asked).await? {
                // There is room: only as much was claimed. If the worker is gone, the lease goes with the batch.
                let _ = self.recovered.try_send(batch);
            }
        }
        Ok(())
    }
}
