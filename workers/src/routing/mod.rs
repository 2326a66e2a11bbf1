//! Waiting conversations find their agents.
//!
//! A wake-up says only that something changed; the pass it causes looks at everything that waits, in its order, so
//! that a newcomer never overtakes. Wake-ups that have piled up cause one pass. Two workers may pass at once: the
//! store's unique indexes decide who gets the conversation and the capacity, and the loser looks again.

mod explain;
mod explanation;
mod floor;
mod gather;
mod gone;
mod history;
mod known;
mod place;
mod setting;
mod settle;
mod shadow;
mod silence;
mod sweep;
pub(crate) mod watch;

use serde::{Deserialize, Serialize};
use switchboard_domain::Timestamp;
use switchboard_queue::{Batch, Handler, Lane, Outcome};
use switchboard_routing as engine;
use tokio::sync::Mutex;

use crate::{Hub, error::WorkError};
use explain::Explained;
use shadow::{Look, Shadow};

/// Waits explained per pass; the others say the same.
const EXPLAIN: usize = 20;
/// Passes in a row because reservations were lost to others; after that the next wake-up goes on.
const PASSES: usize = 16;

/// A job of the routing lane: look again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// For people who read the lane.
    pub why: String,
}

/// The routing lane's handler.
pub struct Router {
    hub: Hub,
    explained: Mutex<Explained>,
    shadow: Shadow,
}

impl Router {
    pub fn new(hub: Hub) -> Self {
        Self {
            shadow: Shadow::beside(&hub),
            hub,
            explained: Mutex::default(),
        }
    }

    /// `since` is given if a worker has died, or failed, over wake-ups of that time.
    async fn passes(&self, since: Option<Timestamp>) -> Result<(), WorkError> {
        if let Some(since) = since {
            self.hub.tell_untold(since, self.hub.clock.now()).await?;
        }
        for _ in 0..PASSES {
            if !self.pass().await? {
                return Ok(());
            }
        }
        Ok(self
            .hub
            .wake_routing("many reservations were lost to others")
            .await?)
    }

    /// Looks at everything once; true if it should look again at once.
    async fn pass(&self) -> Result<bool, WorkError> {
        let hub = &self.hub;
        let now = hub.clock.now();
        let Some(gathered) = hub.gather(now).await? else {
            return Ok(false);
        };
        let started = hub.clock.micros();
        let pass = engine::assign_pass(&gathered.snapshot, EXPLAIN);
        metrics::histogram!("switchboard_routing_pass_seconds")
            .record((hub.clock.micros() - started) as f64 / 1e6);
        hub.store.conversations.classify(&gathered.classified).await?;
        let lost = hub.place(&gathered, &pass.placements, now).await?;
        self.explained.lock().await.store_new(hub, pass.waiting).await?;
        if let Some(at) = engine::next_wake(&gathered.snapshot) {
            let wake = Wake {
                why: "a step or a requirement ran out".to_owned(),
            };
            hub.producer
                .schedule(Lane::Routing, "next-change", at, &wake)
                .await?;
        }
        let again = !lost.is_empty() || (gathered.more && !pass.placements.is_empty());
        self.shadow.hand_over(Look::new(gathered, pass.placements, &lost));
        Ok(again)
    }
}

impl Handler<Wake> for Router {
    async fn handle(&self, batch: Batch<Wake>) -> Vec<Outcome> {
        let again = batch.iter().filter(|job| job.recovered);
        let since = again.map(|job| job.enqueued_at).min();
        let outcome = match self.passes(since).await {
            Ok(()) => Outcome::Done,
            Err(error) if error.is_outage() => Outcome::Postpone {
                delay: std::time::Duration::from_millis(500),
            },
            Err(error) => {
                tracing::warn!(%error, "a routing pass failed");
                Outcome::retry(error)
            }
        };
        batch.iter().map(|_| outcome.clone()).collect()
    }
}
