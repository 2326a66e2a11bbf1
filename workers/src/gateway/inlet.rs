//! From the connection into the ingest lane, the way webhooks go.

use std::time::Duration;

use switchboard_connectors::discord::gateway::Dispatch;
use switchboard_domain::{AccountKey, Arrival};
use tokio::time::{sleep, timeout};

use crate::{Hub, IngestJob, ingest_lane};

/// How long the spool may take, after Redis has.
const SPOOL_PATIENCE: Duration = Duration::from_secs(3);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One connection's way in.
pub struct Inlet {
    hub: Hub,
    account: AccountKey,
    /// Keeps what is spooled here apart from what others spool.
    node: String,
    last: i64,
}

impl Inlet {
    pub fn new(hub: Hub, account: AccountKey) -> Self {
        Self {
            hub,
            account,
            node: format!("gateway-{:016x}", rand::random::<u64>()),
            last: 0,
        }
    }

    /// Returns when the event is in Redis or, while that is away, in the spool (P1), however long it takes: until then
    /// nothing after it is taken either. If the caller doesn't wait, the event isn't counted as taken, and Discord
    /// tells it again.
    pub async fn take(&mut self, dispatch: &Dispatch) {
        let arrival = self.arrival();
        let job = IngestJob {
            account: self.account.clone(),
            arrival,
            request: dispatch.verified().to_stored(),
        };
        let payload = job.to_bytes();
        let mut pause = Duration::from_millis(100);
        loop {
            let why = match self
                .hub
                .producer
                .push_bytes(ingest_lane(&payload), payload.clone())
                .await
            {
                Ok(()) => return count("accepted"),
                Err(error) => error,
            };
            let put = self.hub.store.spool.put(arrival, &self.node, payload.to_vec());
            if let Ok(Ok(())) = timeout(SPOOL_PATIENCE, put).await {
                return count("spooled");
            }
            tracing::warn!(error = %why, account = %self.account, "an event of the gateway waits for Redis or the database");
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Later than any before, even if the clock stands still or is set back.
    fn arrival(&mut self) -> Arrival {
        self.last = self.hub.clock.micros().max(self.last + 1);
        Arrival::from_micros(self.last)
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("switchboard_gateway_events_total", "outcome" => outcome).increment(1);
}
