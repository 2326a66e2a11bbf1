//! Follows the live stream and hands each event to this process's consoles.

use std::{sync::Arc, time::Duration};

use switchboard_domain::{Clock, LiveEventName};
use switchboard_queue::{LiveEntry, Tail};
use tokio::time::sleep;

use super::{
    catch_up::{CatchUp, Caught},
    consoles::Consoles,
    cursor::Cursor,
    events::Packet,
};
use crate::{app::App, telemetry, work};

/// How often a heartbeat travels through the stream.
pub const HEARTBEAT: Duration = Duration::from_secs(5);

/// Follows the stream until the process stops.
pub async fn run(app: Arc<App>) {
    let consoles = app.consoles.clone();
    let start = first_cursor(&consoles).await;
    consoles.registry().restart(start.parse().unwrap_or_default());
    let mut tail = consoles.stream.tail(Some(start));
    loop {
        match tail.next().await {
            Tail::Events(entries) => {
                consoles.saw_the_stream(app.clock.now());
                metrics::counter!(telemetry::LIVE_EVENTS).increment(entries.len() as u64);
                for entry in entries {
                    if entry.heartbeat().is_some_and(work::is_heartbeat) {
                        consoles.saw_workers(app.clock.now());
                    }
                    if entry.name == LiveEventName::AccessChanged.as_str() {
                        super::presence::access_changed(&app, &entry);
                    }
                    deliver(&consoles, entry);
                }
            }
            Tail::Reset => {
                let cursor = tail
                    .cursor()
                    .and_then(|cursor| cursor.parse().ok())
                    .unwrap_or_default();
                tracing::warn!("the live stream began anew; consoles fetch their state again");
                everyone_refetches(&consoles, cursor);
            }
        }
    }
}

/// Sends heartbeats through the stream: if they don't come back, consoles see nothing and the node isn't ready.
pub async fn heartbeats(consoles: Arc<Consoles>, node: String) {
    loop {
        // A failure shows as silence in `/readyz`, and the tail has logged the outage.
        let _ = consoles.stream.heartbeat(&node).await;
        sleep(HEARTBEAT).await;
    }
}

/// Whether the stream came out of the tail within `silence`.
pub fn is_alive(consoles: &Consoles, clock: &Clock, silence: Duration) -> bool {
    clock.now().since(consoles.last_seen()) < silence
}

async fn first_cursor(consoles: &Consoles) -> String {
    loop {
        match consoles.stream.last_cursor().await {
            Ok(cursor) => return cursor,
            Err(_) => sleep(Duration::from_millis(250)).await,
        }
    }
}

fn deliver(consoles: &Arc<Consoles>, entry: LiveEntry) {
    let Ok(cursor) = entry.cursor.parse::<Cursor>() else {
        return;
    };
    let mut registry = consoles.registry();
    if !registry.wants(&entry.rooms) {
        registry.advance(cursor);
        return;
    }
    let Some(packet) = Packet::of(entry) else {
        registry.advance(cursor);
        return;
    };
    let (pushed, lagging) = registry.deliver(&packet);
    drop(registry);
    metrics::counter!(telemetry::LIVE_PUSHES).increment(pushed as u64);
    for (sid, generation) in lagging {
        metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "slow").increment(1);
        let consoles = consoles.clone();
        tokio::spawn(async move {
            let catch_up = CatchUp {
                consoles: &consoles,
                sid,
                generation,
            };
            let from = consoles.registry().from(sid);
            if let Some(from) = from
                && let Caught::Refetch { cursor } = catch_up.run(from).await
            {
                catch_up.tell_ready(cursor, true).await;
            }
        });
    }
}

fn everyone_refetches(consoles: &Arc<Consoles>, cursor: Cursor) {
    let held = {
        let mut registry = consoles.registry();
        registry.restart(cursor);
        registry.hold_all()
    };
    for (sid, generation) in held {
        metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "reset").increment(1);
        let consoles = consoles.clone();
        tokio::spawn(async move {
            let catch_up = CatchUp {
                consoles: &consoles,
                sid,
                generation,
            };
            if let Caught::Refetch { cursor } = catch_up.skip_ahead() {
                catch_up.tell_ready(cursor, true).await;
            }
        });
    }
}
