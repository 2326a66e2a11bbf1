//! Which consoles are here, in which rooms, and how far each has got.

mod flow;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

pub use flow::Refused;
use switchboard_domain::{Pii, Timestamp, UserId};

use super::{cursor::Cursor, events::Packet};
use crate::socketio::{Frame, Handed, Sid, Socket};

/// What the registry needs of a console's connection. Tests have their own.
pub trait Line: Clone {
    /// Hands packets over; never waits. Tells how many it could hand over, and what became of the next, if not all.
    fn hand(&self, frames: &[&Frame]) -> (usize, Handed);
}

impl Line for Arc<Socket> {
    fn hand(&self, frames: &[&Frame]) -> (usize, Handed) {
        self.send_all(frames)
    }
}

pub struct Console<L> {
    pub line: L,
    pub user: UserId,
    access: Access,
    /// The last event it has had, or was passed over with.
    from: Cursor,
    /// Whatever it was due after this, and up to `from`, has gone over its connection.
    since: Cursor,
    /// Gets events from the tail; otherwise a catch-up of this generation is at work for it.
    live: bool,
    generation: u64,
    /// When it last told others that it types.
    pub typed_at: Timestamp,
    /// When it last told others what it looks at.
    pub viewed_at: Timestamp,
}

/// What a console gets, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub rooms: Vec<Box<str>>,
    pub pii: Pii,
}

pub struct Registry<L> {
    consoles: HashMap<Sid, Console<L>>,
    rooms: HashMap<Box<str>, HashSet<Sid>>,
    users: HashMap<UserId, HashSet<Sid>>,
    /// The last entry the tail has handed out.
    position: Cursor,
    generations: u64,
}

/// Which consoles some events have to be handed to, if they are still live and haven't had them.
pub struct Due {
    /// Console and event, by its place among them; a console's events lie together, in order.
    pairs: Vec<(Sid, usize)>,
    /// The position that live consoles were at.
    before: Cursor,
}

impl Due {
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The last console, with its events.
    fn pop(&mut self) -> Option<(Sid, Vec<usize>)> {
        let sid = self.pairs.last()?.0;
        let at = self.pairs.partition_point(|(other, _)| *other < sid);
        let events = self.pairs.drain(at..).map(|(_, nth)| nth).collect();
        Some((sid, events))
    }
}

/// Consoles that were taken out of the live flow: they have to be caught up, in the given generation.
pub type Held = Vec<(Sid, u64)>;

impl<L> Default for Registry<L> {
    fn default() -> Self {
        Self {
            consoles: HashMap::new(),
            rooms: HashMap::new(),
            users: HashMap::new(),
            position: Cursor::default(),
            generations: 0,
        }
    }
}

impl<L: Line> Registry<L> {
    pub fn position(&self) -> Cursor {
        self.position
    }

    pub fn len(&self) -> usize {
        self.consoles.len()
    }

    /// Adds a console that isn't live yet; it has had everything up to the position that is returned.
    pub fn join(&mut self, sid: Sid, line: L, user: UserId, access: Access) -> (Cursor, u64) {
        let (from, generation) = (self.position, self.next_generation());
        for room in &access.rooms {
            self.rooms.entry(room.clone()).or_default().insert(sid);
        }
        self.users.entry(user.clone()).or_default().insert(sid);
        let never = Timestamp::default();
        let console = Console {
            line,
            user,
            access,
            from,
            since: from,
            live: false,
            generation,
            typed_at: never,
            viewed_at: never,
        };
        self.consoles.insert(sid, console);
        (from, generation)
    }

    /// Whose console it was.
    pub fn leave(&mut self, sid: Sid) -> Option<UserId> {
        let console = self.consoles.remove(&sid)?;
        self.leave_rooms(sid, &console.access.rooms);
        if let Some(theirs) = self.users.get_mut(&console.user) {
            theirs.remove(&sid);
            if theirs.is_empty() {
                self.users.remove(&console.user);
            }
        }
        Some(console.user)
    }

    /// Gives a user's consoles another access: puts them into other rooms. Those for which it is another are taken out of
    /// the live flow: what they show may be more than they may see.
    pub fn move_user(&mut self, user: &UserId, access: &Access) -> Held {
        let of_another = |sid: &Sid| {
            let own = &self.consoles.get(sid)?.access;
            (own != access).then(|| (*sid, own.rooms.clone()))
        };
        let theirs = self.users.get(user).into_iter().flatten();
        let moved: Vec<(Sid, Vec<Box<str>>)> = theirs.filter_map(of_another).collect();
        for (sid, old) in &moved {
            self.leave_rooms(*sid, old);
            for room in &access.rooms {
                self.rooms.entry(room.clone()).or_default().insert(*sid);
            }
            if let Some(console) = self.consoles.get_mut(sid) {
                console.access = access.clone();
            }
        }
        moved
            .into_iter()
            .filter_map(|(sid, _)| Some((sid, self.hold(sid)?)))
            .collect()
    }

    /// The users who have a console here.
    pub fn users(&self) -> HashSet<UserId> {
        self.users.keys().cloned().collect()
    }

    pub fn has(&self, user: &UserId) -> bool {
        self.users.contains_key(user)
    }

    pub fn lines_of(&self, user: &UserId) -> Vec<L> {
        let theirs = self.users.get(user).into_iter().flatten();
        theirs
            .filter_map(|sid| Some(self.consoles.get(sid)?.line.clone()))
            .collect()
    }

    pub fn console(&mut self, sid: Sid) -> Option<&mut Console<L>> {
        self.consoles.get_mut(&sid)
    }

    /// Begins to hand out the events up to `position`: tells whom. From here on a console that comes, or is caught up, isn't put into the live
    /// flow before it has had them, and then it isn't due them any more.
    pub fn begin(&mut self, packets: &[Packet], position: Cursor) -> Due {
        let mut pairs = Vec::new();
        for (nth, packet) in packets.iter().enumerate() {
            let members = packet
                .rooms
                .iter()
                .filter_map(|room| self.rooms.get(room.as_str()));
            pairs.extend(members.flatten().map(|sid| (*sid, nth)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let before = self.position;
        self.position = before.max(position);
        Due { pairs, before }
    }

    /// Hands events to at most `most` of those who are due them, are live and haven't had them; returns how many were
    /// handed over and who couldn't take theirs.
    pub fn deliver(&mut self, packets: &[Packet], due: &mut Due, most: usize) -> (usize, Held) {
        let (mut pushed, mut lagging) = (0, Held::new());
        for _ in 0..most {
            let Some((sid, events)) = due.pop() else { break };
            let Some(console) = self.consoles.get_mut(&sid).filter(|console| console.live) else {
                continue;
            };
            let (cursors, frames): (Vec<Cursor>, Vec<&Frame>) = events
                .iter()
                .filter_map(|nth| packets.get(*nth))
                .filter(|packet| console.from < packet.cursor)
                .filter_map(|packet| Some((packet.cursor, packet.frame(console.access.pii)?)))
                .unzip();
            if frames.is_empty() {
                continue;
            }
            let (handed, next) = console.line.hand(&frames);
            pushed += handed;
            if let Some(last) = cursors[..handed].last() {
                console.from = *last;
            }
            if next == Handed::Full {
                self.generations += 1;
                console.live = false;
                console.from = console.from.max(due.before);
                console.generation = self.generations;
                lagging.push((sid, console.generation));
            }
        }
        (pushed, lagging)
    }

    /// The stream begins anew at `cursor`: no earlier position means anything any more.
    pub fn restart(&mut self, cursor: Cursor) {
        self.position = cursor;
        for console in self.consoles.values_mut() {
            (console.since, console.from) = (cursor, cursor);
        }
    }

    /// Whether anybody is in one of these rooms.
    pub fn wants(&self, rooms: &[String]) -> bool {
        rooms.iter().any(|room| self.rooms.contains_key(room.as_str()))
    }

    fn next_generation(&mut self) -> u64 {
        self.generations += 1;
        self.generations
    }

    fn leave_rooms(&mut self, sid: Sid, rooms: &[Box<str>]) {
        for room in rooms {
            if let Some(members) = self.rooms.get_mut(room) {
                members.remove(&sid);
                if members.is_empty() {
                    self.rooms.remove(room);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
