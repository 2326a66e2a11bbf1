//! Out of the live flow and back: what a console is handed while a catch-up reads for it, and the moment it is live again.

use switchboard_queue::LiveEntry;

use super::{Console, Held, Line, Registry};
use crate::{
    live::{cursor::Cursor, events::Packet},
    socketio::{Frame, Handed, Sid},
};

/// Why a console wasn't handed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It can't take more at the moment.
    Full,
    /// It has gone, or another catch-up has taken over.
    Over,
}

impl<L: Line> Registry<L> {
    /// Takes every console out of the live flow.
    pub fn hold_all(&mut self) -> Held {
        let sids: Vec<Sid> = self.consoles.keys().copied().collect();
        sids.into_iter()
            .filter_map(|sid| Some((sid, self.hold(sid)?)))
            .collect()
    }

    /// Takes a console out of the live flow, to be caught up. An earlier catch-up of it ends by this.
    pub fn hold(&mut self, sid: Sid) -> Option<u64> {
        let generation = self.next_generation();
        let console = self.consoles.get_mut(&sid)?;
        console.live = false;
        console.generation = generation;
        Some(generation)
    }

    /// Puts a console that has had everything up to `from` into the live flow, with a `word` about where it stands: nothing
    /// comes in between. Whether it is live now; otherwise the tail is ahead and more has to be read.
    ///
    /// # Errors
    /// It couldn't take the word, or this catch-up is no longer wanted: it isn't live.
    pub fn go_live(
        &mut self,
        sid: Sid,
        generation: u64,
        from: Cursor,
        word: Option<&Frame>,
    ) -> Result<bool, Refused> {
        let position = self.position;
        let console = self.caught_up_by(sid, generation)?;
        if from < position {
            return Ok(false);
        }
        console.enter(from, word)?;
        Ok(true)
    }

    /// Puts a console into the live flow from the tail's position on, whatever it has missed; `word` makes of that position
    /// what it is told.
    ///
    /// # Errors
    /// As of [`Self::go_live`].
    pub fn skip_ahead(
        &mut self,
        sid: Sid,
        generation: u64,
        word: impl FnOnce(Cursor) -> Frame,
    ) -> Result<(), Refused> {
        let position = self.position;
        let console = self.caught_up_by(sid, generation)?;
        console.enter(position, Some(&word(position)))?;
        console.since = position;
        Ok(())
    }

    /// Whether this catch-up is still the one at work.
    pub fn is_wanted(&mut self, sid: Sid, generation: u64) -> bool {
        self.caught_up_by(sid, generation).is_ok()
    }

    /// Hands a word to a console that is being caught up by `generation`.
    ///
    /// # Errors
    /// It couldn't take it, or this catch-up is no longer wanted.
    pub fn tell(&mut self, sid: Sid, generation: u64, word: &Frame) -> Result<(), Refused> {
        self.caught_up_by(sid, generation)?.hand(word)
    }

    /// Whether an event that was missed is for the console.
    ///
    /// # Errors
    /// This catch-up is no longer wanted.
    pub fn is_due(&mut self, sid: Sid, generation: u64, event: &LiveEntry) -> Result<bool, Refused> {
        Ok(self.caught_up_by(sid, generation)?.is_in(&event.rooms))
    }

    /// Hands over an event that was missed, if it is (still) for the console; tells whether it was.
    ///
    /// # Errors
    /// As of [`Self::tell`].
    pub fn hand_missed(&mut self, sid: Sid, generation: u64, packet: &Packet) -> Result<bool, Refused> {
        let console = self.caught_up_by(sid, generation)?;
        let theirs = console.is_in(&packet.rooms);
        let Some(frame) = packet.frame(console.access.pii).filter(|_| theirs) else {
            return Ok(false);
        };
        console.hand(frame)?;
        console.from = console.from.max(packet.cursor);
        Ok(true)
    }

    /// Where a lagging console has to be caught up from.
    pub fn from(&self, sid: Sid) -> Option<Cursor> {
        self.consoles.get(&sid).map(|console| console.from)
    }

    /// Whatever the console was due after the first of these, up to the second, has gone over its connection.
    pub fn has_had(&self, sid: Sid) -> Option<(Cursor, Cursor)> {
        let console = self.consoles.get(&sid)?;
        Some((console.since, console.from))
    }

    fn caught_up_by(&mut self, sid: Sid, generation: u64) -> Result<&mut Console<L>, Refused> {
        let console = self.consoles.get_mut(&sid).ok_or(Refused::Over)?;
        if console.live || console.generation != generation {
            return Err(Refused::Over);
        }
        Ok(console)
    }
}

impl<L: Line> Console<L> {
    fn is_in(&self, rooms: &[String]) -> bool {
        let own = &self.access.rooms;
        rooms.iter().any(|room| own.iter().any(|own| **own == **room))
    }

    fn hand(&self, frame: &Frame) -> Result<(), Refused> {
        match self.line.hand(&[frame]).1 {
            Handed::Over => Ok(()),
            Handed::Full => Err(Refused::Full),
            Handed::Gone => Err(Refused::Over),
        }
    }

    fn enter(&mut self, at: Cursor, word: Option<&Frame>) -> Result<(), Refused> {
        if let Some(word) = word {
            self.hand(word)?;
        }
        self.from = at;
        self.live = true;
        Ok(())
    }
}
