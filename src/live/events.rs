//! What goes over the wire, made once per event and shared by all consoles that get it.

use serde::Serialize;
use serde_json::value::RawValue;
use switchboard_queue::LiveEntry;

use super::cursor::Cursor;
use crate::socketio::{Frame, event_frame};

/// An event as consoles get it: its name and `{cursor, at, data}`, already written.
pub struct Packet {
    pub cursor: Cursor,
    pub rooms: Vec<String>,
    pub frame: Frame,
}

/// `ready`: sent on connecting, and whenever a console has to fetch everything anew.
#[derive(Clone, Serialize)]
pub struct Ready {
    pub cursor: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refetch: bool,
}

/// The answer to `resume`.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Resumed {
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

impl Packet {
    /// `None` for what isn't for consoles, or isn't as we write it.
    pub fn of(entry: LiveEntry) -> Option<Self> {
        let cursor: Cursor = entry.cursor.parse().ok()?;
        if entry.rooms.is_empty() {
            return None;
        }
        let data = std::str::from_utf8(&entry.data).ok()?;
        let text = format!(r#"{{"cursor":"{cursor}","at":"{}","data":{data}}}"#, entry.at);
        let payload = RawValue::from_string(text).ok()?;
        Some(Self {
            frame: event_frame(&entry.name, &payload),
            cursor,
            rooms: entry.rooms,
        })
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::Timestamp;

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
            packet.frame.payload(),
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
