//! Moves spooled webhooks to the ingest lane once Redis is back, oldest first.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use switchboard_queue::Lane;
use switchboard_store::StoreError;
use switchboard_workers::ingest_lane;

use crate::{app::App, telemetry};

/// Webhooks moved per round trip.
const CHUNK: i64 = 200;
/// No more are taken along once they weigh this, in bytes: letters do.
const ENOUGH: usize = 32 * 1024 * 1024;
/// How often an empty spool is looked at: another node may have crashed and left some.
const IDLE: Duration = Duration::from_secs(5);

/// Runs until the process stops.
pub async fn run(app: Arc<App>) {
    let busy = Duration::from_millis(app.config.webhooks.drain_interval_millis);
    let mut reported = false;
    loop {
        let pause = match drain(&app).await {
            Ok(Progress::Empty) => {
                reported = false;
                IDLE
            }
            Ok(Progress::Moved) => {
                reported = false;
                continue;
            }
            Ok(Progress::Blocked) => busy,
            Err(error) => {
                if !reported {
                    tracing::warn!(%error, "the webhook spool can't be read; it is tried again");
                }
                reported = true;
                busy
            }
        };
        tokio::time::sleep(pause).await;
    }
}

enum Progress {
    Empty,
    Moved,
    /// Redis still isn't there.
    Blocked,
}

/// Two nodes may move the same webhook; it has one effect (P2), so no lock is needed.
async fn drain(app: &App) -> Result<Progress, StoreError> {
    let oldest = app.store.spool.oldest(CHUNK, ENOUGH).await?;
    if oldest.is_empty() {
        return Ok(Progress::Empty);
    }
    let (moved, payloads): (Vec<String>, Vec<Bytes>) = oldest
        .into_iter()
        .map(|spooled| (spooled.id, Bytes::from(spooled.payload)))
        .unzip();
    let (large, small): (Vec<Bytes>, Vec<Bytes>) = payloads
        .into_iter()
        .partition(|payload| ingest_lane(payload) == Lane::IngestLarge);
    // If only some were appended before Redis went again, they come twice, with one effect (P2).
    for (lane, payloads) in [(Lane::Ingest, small), (Lane::IngestLarge, large)] {
        if app.producer.push_all_bytes(lane, &payloads).await.is_err() {
            return Ok(Progress::Blocked);
        }
    }
    app.store.spool.remove(&moved).await?;
    metrics::counter!(telemetry::SPOOL_DRAINED).increment(moved.len() as u64);
    tracing::info!(
        webhooks = moved.len(),
        "moved spooled webhooks to the ingest lane"
    );
    Ok(Progress::Moved)
}
