//! The workers' part of a process, and how the serving part knows that somebody works.

use std::{sync::Arc, time::Duration};

use switchboard_domain::{Clock, Timestamp};
use switchboard_queue::{HealthHandle, LaneHealth, LiveStream, WorkerState};
use switchboard_workers::{Hub, LaneSettings, Workers};
use tokio::{sync::watch, time::sleep};

use crate::{
    app::{App, StartError, boot_name, open_hub},
    config::Config,
    live::tail::HEARTBEAT,
};

/// Begins the heartbeats that workers send through the live stream.
const NAME: &str = "workers/";

/// How often lanes that have just been started are looked at.
const STARTING: Duration = Duration::from_millis(100);

/// Runs the workers until `stop` turns true, then until what they hold is finished or handed back.
pub async fn run(config: Config, stop: watch::Receiver<bool>) -> Result<(), StartError> {
    let hub = open_hub(&config, Clock::system()).await?;
    let settings = LaneSettings {
        ingest_batch: config.work.ingest_batch.clamp(1, 10_000),
        lease: Duration::from_secs(config.work.lease_secs.max(1)),
        max_attempts: config.work.max_attempts.max(1),
        ..LaneSettings::default()
    };
    let workers = Workers::new(&hub, &settings, stop);
    let silence = Duration::from_secs(config.health.worker_silence_secs);
    let beats = tokio::spawn(heartbeats(hub, workers.health(), silence));
    tracing::info!("the workers run");
    workers.run().await;
    beats.abort();
    Ok(())
}

/// Says through the live stream that every lane is worked: what arrives has come the way that events come.
async fn heartbeats(hub: Hub, lanes: Vec<HealthHandle>, silence: Duration) {
    let name = format!("{NAME}{}", boot_name());
    let (mut begun, mut silent) = (false, false);
    loop {
        let now = hub.clock.now();
        let stuck: Vec<LaneHealth> = lanes
            .iter()
            .map(HealthHandle::get)
            .filter(|lane| !is_working(lane, now, silence))
            .collect();
        if stuck.is_empty() {
            begun = true;
            beat(&hub.live, &name).await;
        } else if begun && !silent {
            let names: Vec<&str> = stuck.iter().map(|lane| lane.lane.as_str()).collect();
            tracing::warn!(lanes = ?names, "lanes aren't worked");
        }
        silent = !stuck.is_empty();
        sleep(if begun { HEARTBEAT } else { STARTING }).await;
    }
}

async fn beat(live: &LiveStream, name: &str) {
    // A failure shows as silence in `/readyz`.
    let _ = live.heartbeat(name).await;
}

fn is_working(lane: &LaneHealth, now: Timestamp, silence: Duration) -> bool {
    let recent = |at: Option<Timestamp>| at.is_some_and(|at| now.since(at) < silence);
    match lane.state {
        WorkerState::Paused => true,
        // A busy worker doesn't poll; its housekeeping goes on.
        WorkerState::Running => recent(lane.last_poll) || (lane.in_flight > 0 && recent(lane.last_contact)),
        WorkerState::Starting | WorkerState::Restarting | WorkerState::Stopping | WorkerState::Stopped => {
            false
        }
    }
}

/// Whether a heartbeat is one of workers.
pub fn is_heartbeat(name: &str) -> bool {
    name.starts_with(NAME)
}

/// Whether workers, of this process or another, have said in time that they work.
pub fn check(app: &Arc<App>) -> Result<(), String> {
    let silence = app.config.health.worker_silence_secs;
    if app.clock.now().since(app.consoles.workers_seen()) < Duration::from_secs(silence) {
        Ok(())
    } else {
        Err(format!(
            "no worker has said for {silence} s that every lane is worked"
        ))
    }
}
