//! Reads for a console what it has missed, from the stream, at the pace the console can take.

use std::{sync::Arc, time::Duration};

use switchboard_queue::{LiveEntry, QueueError, Replay};
use tokio::time::{Instant, sleep};

use super::{
    consoles::Consoles,
    cursor::Cursor,
    events::{Packet, Word},
    registry::{Held, Refused, Registry},
};
use crate::{
    socketio::{Sid, Socket},
    telemetry,
};

type ConsoleRegistry = Registry<Arc<Socket>>;

/// The console has gone, or another catch-up has taken over.
#[derive(Debug)]
pub struct Over;

/// Between attempts to hand over to a console that is full, or to read while Redis is away.
const PAUSE: Duration = Duration::from_millis(20);
const OUTAGE_PAUSE: Duration = Duration::from_millis(250);
/// Entries read at once: thousands of consoles may come back together, and each holds what it has read until it is handed over.
const PAGE: usize = 256;

/// One console's catch-up. It ends by itself when the console leaves, or when a newer one is begun for it.
pub struct CatchUp<'a> {
    consoles: &'a Consoles,
    sid: Sid,
    generation: u64,
    /// What it is told when it is live.
    word: Word,
}

impl<'a> CatchUp<'a> {
    pub fn new(consoles: &'a Consoles, sid: Sid, generation: u64, word: Word) -> Self {
        Self {
            consoles,
            sid,
            generation,
            word,
        }
    }

    /// Hands over everything after a cursor that the console brings, if the stream has it.
    pub async fn resume(&self, cursor: &str) -> Result<(), Over> {
        let Ok(cursor) = cursor.parse::<Cursor>() else {
            return self.skip_ahead().await;
        };
        // Ahead of this node's tail may be what another node, or an earlier catch-up, has handed over; or it is of another
        // stream, and then it isn't in this one.
        let mut known = cursor <= self.consoles.registry().position();
        while !known {
            match self.has(cursor).await {
                Ok(true) => known = true,
                Ok(false) => return self.skip_ahead().await,
                Err(_) => self.wait_for_redis().await?,
            }
        }
        // What it missed is what came before this connection; what came over it since, it has.
        let had = self.consoles.registry().has_had(self.sid);
        let had = had.filter(|(since, _)| cursor < *since);
        self.hand_over(cursor, had).await
    }

    /// Hands over everything after `from`, then puts the console into the live flow.
    pub async fn run(&self, from: Cursor) -> Result<(), Over> {
        self.hand_over(from, None).await
    }

    /// Hands over everything after `from`, but for what it had between these two.
    async fn hand_over(&self, mut from: Cursor, had: Option<(Cursor, Cursor)>) -> Result<(), Over> {
        let limit = self.consoles.config.replay_limit;
        let (sid, generation) = (self.sid, self.generation);
        let (mut replayed, mut behind) = (0, 0);
        loop {
            // Nothing to read if the tail hasn't moved since: the usual case, and the one that has to be cheap.
            let word = self.word.caught_up(from, replayed);
            let go_live =
                |registry: &mut ConsoleRegistry| registry.go_live(sid, generation, from, word.as_ref());
            if self.patiently(go_live).await? {
                return Ok(());
            }
            match self.after(from).await {
                Ok(Replay::Events(entries)) => {
                    behind += entries.len();
                    if behind > limit {
                        return self.skip_ahead().await;
                    }
                    if entries.len() < PAGE {
                        behind = 0;
                    }
                    // The newest were taken out of the stream: the tail is about to notice, and begins anew.
                    if entries.is_empty() {
                        sleep(PAUSE).await;
                    }
                    replayed += self.replay(entries, &mut from, had).await?;
                }
                Ok(Replay::Refetch) => return self.skip_ahead().await,
                Err(_) => self.wait_for_redis().await?,
            }
        }
    }

    /// Puts the console into the live flow at once, and tells it to fetch the state anew.
    pub async fn skip_ahead(&self) -> Result<(), Over> {
        let word = |position| self.word.refetch(position);
        self.patiently(|registry| registry.skip_ahead(self.sid, self.generation, word))
            .await
    }

    /// Tells a console that has just come where it stands, before anything else.
    pub async fn tell_ready(&self, cursor: Cursor) -> Result<(), Over> {
        let Some(ready) = Word::Ready.caught_up(cursor, 0) else {
            return Ok(());
        };
        self.patiently(|registry| registry.tell(self.sid, self.generation, &ready))
            .await
    }

    async fn replay(
        &self,
        entries: Vec<LiveEntry>,
        from: &mut Cursor,
        had: Option<(Cursor, Cursor)>,
    ) -> Result<usize, Over> {
        let (sid, generation) = (self.sid, self.generation);
        let mut replayed = 0;
        for entry in entries {
            let Ok(cursor) = entry.cursor.parse::<Cursor>() else {
                continue;
            };
            *from = cursor;
            if had.is_some_and(|(since, up_to)| since < cursor && cursor <= up_to) {
                continue;
            }
            if self
                .patiently(|registry| registry.is_due(sid, generation, &entry))
                .await?
                && let Some(packet) = Packet::of(entry)
                && self
                    .patiently(|registry| registry.hand_missed(sid, generation, &packet))
                    .await?
            {
                replayed += 1;
            }
        }
        Ok(replayed)
    }

    async fn after(&self, from: Cursor) -> Result<Replay, QueueError> {
        let _turn = self.consoles.reading.acquire().await;
        self.consoles.stream.after(&from.to_string(), PAGE).await
    }

    async fn has(&self, cursor: Cursor) -> Result<bool, QueueError> {
        let _turn = self.consoles.reading.acquire().await;
        self.consoles.stream.has(&cursor.to_string()).await
    }

    /// The outage is logged by the tail, which has the same trouble.
    async fn wait_for_redis(&self) -> Result<(), Over> {
        sleep(OUTAGE_PAUSE).await;
        let wanted = self.consoles.registry().is_wanted(self.sid, self.generation);
        wanted.then_some(()).ok_or(Over)
    }

    /// Waits while the console is full, as long as a dead one would take to be noticed; then ends its connection.
    async fn patiently<T>(
        &self,
        mut attempt: impl FnMut(&mut ConsoleRegistry) -> Result<T, Refused>,
    ) -> Result<T, Over> {
        let patience = self.consoles.config.ping_interval_secs + self.consoles.config.ping_timeout_secs;
        let deadline = Instant::now() + Duration::from_secs(patience);
        loop {
            let tried = attempt(&mut self.consoles.registry());
            match tried {
                Ok(done) => return Ok(done),
                Err(Refused::Over) => return Err(Over),
                Err(Refused::Full) if Instant::now() > deadline => {
                    if let Some(console) = self.consoles.registry().console(self.sid) {
                        console.line.hang_up();
                    }
                    return Err(Over);
                }
                Err(Refused::Full) => sleep(PAUSE).await,
            }
        }
    }
}

/// Reads from the stream for those who couldn't take an event.
pub fn catch_up(consoles: &Arc<Consoles>, lagging: Held) {
    for (sid, generation) in lagging {
        metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => "slow").increment(1);
        let consoles = consoles.clone();
        tokio::spawn(async move {
            let from = consoles.registry().from(sid);
            if let Some(from) = from {
                let catch_up = CatchUp::new(&consoles, sid, generation, Word::Nothing);
                // Whoever has gone needs nothing.
                let _ = catch_up.run(from).await;
            }
        });
    }
}

/// Puts these back into the live flow and tells them to fetch the state anew.
pub fn begin_anew(consoles: &Arc<Consoles>, held: Held, reason: &'static str) {
    for (sid, generation) in held {
        metrics::counter!(telemetry::LIVE_CATCH_UPS, "reason" => reason).increment(1);
        let consoles = consoles.clone();
        tokio::spawn(async move {
            let catch_up = CatchUp::new(&consoles, sid, generation, Word::Ready);
            let _ = catch_up.skip_ahead().await;
        });
    }
}
