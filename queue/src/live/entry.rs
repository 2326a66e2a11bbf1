//! One entry of the live stream.

use std::fmt::Write;

use bytes::Bytes;
use switchboard_domain::{Audience, Timestamp};

use super::HEARTBEAT;
use crate::entry::Entry;

/// A live event as it comes out of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEntry {
    /// Its id in the stream.
    pub cursor: String,
    /// The event's name; [`switchboard_domain::LiveEventName::parse`] knows those that go to consoles.
    pub name: String,
    pub at: Timestamp,
    /// The rooms that get it, as [`switchboard_domain::Room`] writes them.
    pub rooms: Vec<String>,
    /// Its JSON, as it was made when the event was appended.
    pub data: Bytes,
}

impl LiveEntry {
    /// The node whose heartbeat this is; `None` for an event.
    pub fn heartbeat(&self) -> Option<&str> {
        (self.name == HEARTBEAT)
            .then(|| std::str::from_utf8(&self.data).ok())
            .flatten()
    }
}

impl From<Entry> for LiveEntry {
    fn from(entry: Entry) -> Self {
        Self {
            name: entry.text("name"),
            at: Timestamp::from_millis(entry.number("at").unwrap_or(0)),
            rooms: entry
                .text("rooms")
                .split(',')
                .filter(|room| !room.is_empty())
                .map(str::to_owned)
                .collect(),
            data: entry.bytes("data"),
            cursor: entry.id,
        }
    }
}

pub fn join_rooms(audience: &Audience) -> String {
    let mut rooms = String::new();
    for room in &audience.0 {
        let comma = if rooms.is_empty() { "" } else { "," };
        // Writing to a string can't fail.
        let _ = write!(rooms, "{comma}{room}");
    }
    rooms
}

/// Whether the text has the form of a full stream id. It goes into a command where other forms mean other things.
pub fn is_cursor(text: &str) -> bool {
    let number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u64>().is_ok()
    };
    text.split_once('-')
        .is_some_and(|(millis, sequence)| number(millis) && number(sequence))
}

#[cfg(test)]
mod tests {
    use super::is_cursor;

    #[test]
    fn only_full_ids_are_cursors() {
        assert!(is_cursor("1760000000123-0"));
        for text in [
            "",
            "-",
            "+",
            "$",
            "1760000000123",
            "1-",
            "-1",
            "(1-0",
            "1-0-0",
            "1-x",
            "99999999999999999999-0",
        ] {
            assert!(!is_cursor(text), "{text}");
        }
    }
}
