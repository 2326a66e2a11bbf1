//! Reads for a console what it has missed, from the stream, at the pace the console can take.

use std::{sync::Arc, time::Duration};

use switchboard_queue::{LiveEntry, Replay};
use tokio::time::{Instant, sleep};

use super::{
    consoles::Consoles,
    cursor::Cursor,
    events::{Packet, Ready},
};
use crate::socketio::{Frame, Handed, Sid, Socket, event_frame};

/// How a catch-up ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Caught {
    /// The console is live, and has had everything up to `cursor`.
    Up { cursor: Cursor, replayed: usize },
    /// What it missed isn't known any more; it is live from `cursor` on and has to fetch the state anew.
    Refetch { cursor: Cursor },
    /// The console has gone, or another catch-up has taken over.
    Gone,
}

/// Between attempts to hand over to a console that is full, or to read while Redis is away.
const PAUSE: Duration = Duration::from_millis(20);
const OUTAGE_PAUSE: Duration = Duration::from_millis(250);
/// Entries read at once: thousands of consoles may come back together, and each holds what it has read until it is handed over.
const PAGE: usize = 256;

/// One console's catch-up. It ends by itself when the console leaves, or when a newer one is begun for it.
pub struct CatchUp<'a> {
    pub consoles: &'a Consoles,
    pub sid: Sid,
    pub generation: u64,
}

impl CatchUp<'_> {
    /// Hands over everything after a cursor that the console brings, if the stream has it.
    pub async fn resume(&self, cursor: &str) -> Caught {
        let Ok(cursor) = cursor.parse::<Cursor>() else {
            return self.skip_ahead();
        };
        // Ahead of this node's tail may be what another node, or an earlier catch-up, has handed over; or it is of another
        // stream, and then it isn't in this one.
        let mut known = cursor <= self.consoles.registry().position();
        while !known {
            match self.consoles.stream.has(&cursor.to_string()).await {
                Ok(true) => known = true,
                Ok(false) => return self.skip_ahead(),
                Err(_) if self.is_over() => return Caught::Gone,
                Err(_) => sleep(OUTAGE_PAUSE).await,
            }
        }
        self.run(cursor).await
    }

    fn is_over(&self) -> bool {
        let mut registry = self.consoles.registry();
        registry.catching_up(self.sid, self.generation).is_none()
    }

    /// Hands over everything after `from`, then puts the console into the live flow.
    pub async fn run(&self, mut from: Cursor) -> Caught {
        let limit = self.consoles.config.replay_limit;
        let (mut replayed, mut behind) = (0, 0);
        loop {
            // Nothing to read if the tail hasn't moved since: the usual case, and the one that has to be cheap.
            match self.consoles.registry().go_live(self.sid, self.generation, from) {
                Some(Ok(())) => {
                    return Caught::Up {
                        cursor: from,
                        replayed,
                    };
                }
                Some(Err(_)) => {}
                None => return Caught::Gone,
            }
            match self.consoles.stream.after(&from.to_string(), PAGE).await {
                Ok(Replay::Events(entries)) => {
                    behind += entries.len();
                    if behind > limit {
                        return self.skip_ahead();
                    }
                    if entries.len() < PAGE {
                        behind = 0;
                    }
                    // The newest were taken out of the stream: the tail is about to notice, and begins anew.
                    if entries.is_empty() {
                        sleep(PAUSE).await;
                    }
                    match self.replay(entries, &mut from).await {
                        Some(count) => replayed += count,
                        None => return Caught::Gone,
                    }
                }
                Ok(Replay::Refetch) => return self.skip_ahead(),
                // Logged by the tail, which has the same trouble.
                Err(_) => sleep(OUTAGE_PAUSE).await,
            }
        }
    }

    /// Puts the console into the live flow at once: it will fetch the state anew.
    pub fn skip_ahead(&self) -> Caught {
        match self.consoles.registry().skip_ahead(self.sid, self.generation) {
            Some(cursor) => Caught::Refetch { cursor },
            None => Caught::Gone,
        }
    }

    /// Tells the console where it stands.
    pub async fn tell_ready(&self, cursor: Cursor, refetch: bool) {
        let line = self
            .consoles
            .registry()
            .console(self.sid)
            .map(|console| console.line.clone());
        if let Some(line) = line {
            let ready = Ready {
                cursor: cursor.to_string(),
                refetch,
            };
            self.hand_over(&line, &event_frame("ready", &ready)).await;
        }
    }

    async fn replay(&self, entries: Vec<LiveEntry>, from: &mut Cursor) -> Option<usize> {
        let mut replayed = 0;
        for entry in entries {
            let cursor: Option<Cursor> = entry.cursor.parse().ok();
            // Asked for every entry: rooms may change meanwhile, and the console may leave.
            let (line, access) = self.consoles.registry().catching_up(self.sid, self.generation)?;
            let theirs = entry
                .rooms
                .iter()
                .any(|room| access.rooms.iter().any(|own| **own == **room));
            if theirs
                && let Some(packet) = Packet::of(entry)
                && let Some(frame) = packet.frame(access.pii)
            {
                if !self.hand_over(&line, frame).await {
                    return None;
                }
                replayed += 1;
            }
            *from = cursor.unwrap_or(*from);
        }
        Some(replayed)
    }

    /// Waits while the console is full, as long as a dead one would take to be noticed; then gives it up.
    async fn hand_over(&self, line: &Arc<Socket>, frame: &Frame) -> bool {
        let patience = self.consoles.config.ping_interval_secs + self.consoles.config.ping_timeout_secs;
        let deadline = Instant::now() + Duration::from_secs(patience);
        loop {
            match line.send(frame) {
                Handed::Over => return true,
                Handed::Gone => return false,
                Handed::Full if Instant::now() > deadline => return false,
                Handed::Full => sleep(PAUSE).await,
            }
        }
    }
}
