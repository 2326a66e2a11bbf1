//! Follows the live stream and hands each event to this process's consoles and to the visitors of its web chats.

use std::{sync::Arc, time::Duration};

use switchboard_domain::{Clock, LiveEventName};
use switchboard_queue::{LiveEntry, Tail};
use tokio::{task::yield_now, time::sleep};

use super::{
    catch_up::{begin_anew, catch_up},
    consoles::Consoles,
    cursor::Cursor,
    events::Packet,
};
use crate::{app::App, telemetry, work};

/// How often a heartbeat travels through the stream.
pub const HEARTBEAT: Duration = Duration::from_secs(5);

/// Consoles that get an event before others' work has its turn.
const AT_ONCE: usize = 64;

/// Follows the stream until the process stops.
pub async fn run(app: Arc<App>) {
    let consoles = app.consoles.clone();
    let start = first_cursor(&consoles).await;
    // Whoever came before there was a position went on from nowhere.
    everyone_refetches(&consoles, start.parse().unwrap_or_default());
    let mut tail = consoles.stream.tail(Some(start));
    loop {
        match tail.next().await {
            Tail::Events(entries) => {
                consoles.saw_the_stream(app.clock.now());
                metrics::counter!(telemetry::LIVE_EVENTS).increment(entries.len() as u64);
                for entry in &entries {
                    if entry.heartbeat().is_some_and(work::is_heartbeat) {
                        consoles.saw_workers(app.clock.now());
                    }
                    if entry.name == LiveEventName::AccessChanged.as_str() {
                        super::presence::access_changed(&app, entry);
                    }
                }
                app.chats.deliver(&entries);
                deliver(&consoles, entries).await;
            }
            Tail::Reset => {
                let cursor = tail
                    .cursor()
                    .and_then(|cursor| cursor.parse().ok())
                    .unwrap_or_default();
                tracing::warn!("the live stream began anew; consoles fetch their state again");
                everyone_refetches(&consoles, cursor);
                app.chats.close();
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

/// Hands events to the consoles that are due them: to each console all of its events at once, but only to some consoles
/// at a time, since acknowledgements run on the same threads.
async fn deliver(consoles: &Arc<Consoles>, entries: Vec<LiveEntry>) {
    let cursors = entries.iter().filter_map(|entry| entry.cursor.parse().ok());
    let position: Cursor = cursors.max().unwrap_or_default();
    // Under one lock: nobody may come to want an event after it was left out, and before the position is beyond it.
    let (packets, mut due) = {
        let mut registry = consoles.registry();
        let wanted = |entry: &LiveEntry| registry.wants(&entry.rooms);
        let wanted: Vec<LiveEntry> = entries.into_iter().filter(wanted).collect();
        let packets: Vec<Packet> = wanted.into_iter().filter_map(Packet::of).collect();
        let due = registry.begin(&packets, position);
        (packets, due)
    };
    while !due.is_empty() {
        let (pushed, lagging) = consoles.registry().deliver(&packets, &mut due, AT_ONCE);
        metrics::counter!(telemetry::LIVE_PUSHES).increment(pushed as u64);
        catch_up(consoles, lagging);
        if !due.is_empty() {
            yield_now().await;
        }
    }
}

fn everyone_refetches(consoles: &Arc<Consoles>, cursor: Cursor) {
    let held = {
        let mut registry = consoles.registry();
        registry.restart(cursor);
        registry.hold_all()
    };
    begin_anew(consoles, held, "reset");
}
