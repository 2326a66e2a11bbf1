//! What goes over the wire, made once per event and shared by all consoles that get it.

use std::sync::OnceLock;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use switchboard_domain::{LiveEventName, Pii, Timestamp};
use switchboard_queue::LiveEntry;

use super::cursor::Cursor;
use crate::socketio::{Frame, ack_frame, event_frame};

/// An event as consoles get it: its name and `{cursor, at, data}`, already written.
pub struct Packet {
    pub cursor: Cursor,
    pub rooms: Vec<String>,
    frame: Frame,
    name: String,
    at: Timestamp,
    data: Bytes,
    /// For those who are shown personal data masked; made when the first of them gets it.
    masked: OnceLock<Option<Frame>>,
}

/// `ready`: sent on connecting, and whenever a console has to fetch everything anew.
#[derive(Clone, Serialize)]
struct Ready {
    cursor: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    refetch: bool,
}

/// The answer to `resume`.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(untagged)]
enum Resumed {
    CaughtUp {
        ok: bool,
        cursor: String,
        replayed: usize,
    },
    Refetch {
        refetch: bool,
        cursor: String,
    },
}

/// What a console is told in the moment it is put into the live flow.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// Nothing, unless it has to fetch everything anew: it has missed nothing, it was only slow.
    Nothing,
    /// `ready`.
    Ready,
    /// The answer to its `resume`, if it wants one.
    Answer(Option<u64>),
}

impl Word {
    /// It has had everything up to `cursor`.
    pub fn caught_up(self, cursor: Cursor, replayed: usize) -> Option<Frame> {
        let cursor = cursor.to_string();
        match self {
            Self::Nothing | Self::Answer(None) => None,
            Self::Ready => Some(ready(cursor, false)),
            Self::Answer(Some(ack)) => {
                let ok = true;
                Some(ack_frame(ack, &Resumed::CaughtUp { ok, cursor, replayed }))
            }
        }
    }

    /// What it missed isn't known any more: from `cursor` on it is live, all before it has to fetch.
    pub fn refetch(self, cursor: Cursor) -> Frame {
        let cursor = cursor.to_string();
        match self {
            Self::Answer(Some(ack)) => ack_frame(
                ack,
                &Resumed::Refetch {
                    refetch: true,
                    cursor,
                },
            ),
            Self::Nothing | Self::Ready | Self::Answer(None) => ready(cursor, true),
        }
    }
}

fn ready(cursor: String, refetch: bool) -> Frame {
    event_frame("ready", &Ready { cursor, refetch })
}

impl Packet {
    /// `None` for what isn't for consoles, or isn't as we write it.
    pub fn of(entry: LiveEntry) -> Option<Self> {
        let cursor: Cursor = entry.cursor.parse().ok()?;
        if entry.rooms.is_empty() {
            return None;
        }
        let frame = frame(
            &entry.name,
            cursor,
            entry.at,
            std::str::from_utf8(&entry.data).ok()?,
        )?;
        Some(Self {
            frame,
            cursor,
            rooms: entry.rooms,
            name: entry.name,
            at: entry.at,
            data: entry.data,
            masked: OnceLock::new(),
        })
    }

    #[cfg(test)]
    pub fn bare(cursor: Cursor, rooms: &[&str], text: &str) -> Self {
        Self {
            cursor,
            rooms: rooms.iter().map(ToString::to_string).collect(),
            frame: Frame::text(text),
            name: String::new(),
            at: Timestamp::default(),
            data: Bytes::new(),
            masked: OnceLock::new(),
        }
    }

    /// As such a reader gets it; `None` if it can't be masked and so isn't for them.
    pub fn frame(&self, reader: Pii) -> Option<&Frame> {
        match reader {
            Pii::Plain => Some(&self.frame),
            Pii::Masked => self.masked.get_or_init(|| self.mask()).as_ref(),
        }
    }

    fn mask(&self) -> Option<Frame> {
        let masked = LiveEventName::parse(&self.name)?.masked(&self.data)?;
        frame(&self.name, self.cursor, self.at, &masked)
    }
}

fn frame(name: &str, cursor: Cursor, at: Timestamp, data: &str) -> Option<Frame> {
    let text = format!(r#"{{"cursor":"{cursor}","at":"{at}","data":{data}}}"#);
    let payload = RawValue::from_string(text).ok()?;
    Some(event_frame(name, &payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(data: &'static str, rooms: &[&str]) -> LiveEntry {
        LiveEntry {
            cursor: "5-1".into(),
            name: "message.created".into(),
            at: Timestamp::from_millis(1_760_000_000_123),
            rooms: rooms.iter().map(ToString::to_string).collect(),
            data: bytes::Bytes::from_static(data.as_bytes()),
        }
    }

    #[test]
    fn the_payload_is_the_contract() {
        let packet = Packet::of(entry(r#"{"id":"m"}"#, &["all"])).unwrap();
        assert_eq!(
            packet.frame(Pii::Plain).unwrap().payload(),
            br#"42["message.created",{"cursor":"5-1","at":"2025-10-09T08:53:20.123Z","data":{"id":"m"}}]"#
        );
    }

    #[test]
    fn what_is_for_nobody_or_broken_is_no_packet() {
        assert!(Packet::of(entry("{}", &[])).is_none());
        assert!(Packet::of(entry("{", &["all"])).is_none());
    }

    #[test]
    fn acknowledgements_of_resume() {
        let caught_up = Resumed::CaughtUp {
            ok: true,
            cursor: "5-1".into(),
            replayed: 2,
        };
        assert_eq!(
            serde_json::to_string(&caught_up).unwrap(),
            r#"{"ok":true,"cursor":"5-1","replayed":2}"#
        );
        let ready = Ready {
            cursor: "5-1".into(),
            refetch: false,
        };
        assert_eq!(serde_json::to_string(&ready).unwrap(), r#"{"cursor":"5-1"}"#);
    }
}
