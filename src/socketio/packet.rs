//! Packets of Engine.IO 4 and Socket.IO 5, as text (<https://github.com/socketio/engine.io-protocol>,
//! <https://github.com/socketio/socket.io-protocol>).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::frame::Frame;

/// Separates packets in the body of a poll.
pub const SEPARATOR: u8 = 0x1e;
/// Engine.IO's own packets.
pub const CLOSE: &str = "1";
pub const PING: &str = "2";
pub const PROBE_ANSWER: &str = "3probe";
pub const NOOP: &str = "6";

/// What a client said.
#[derive(Debug, PartialEq)]
pub enum Packet {
    Close,
    Pong,
    /// Before an upgrade: "do you hear me on the WebSocket, too?"
    Probe,
    /// "From now on we talk over the WebSocket."
    Upgrade,
    Connect {
        auth: Value,
    },
    Disconnect,
    Event(Event),
    /// For a namespace that there isn't.
    Elsewhere {
        namespace: String,
        connects: bool,
    },
    /// Nothing that asks for anything.
    Nothing,
}

/// Something a console tells us.
#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    /// Its first argument; null if there is none.
    pub data: Value,
    /// The console waits for an acknowledgement under this number.
    pub ack: Option<u64>,
}

/// The text is no packet.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

impl Packet {
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (kind, rest) = split(text)?;
        Ok(match kind {
            '1' => Self::Close,
            '2' if rest == "probe" => Self::Probe,
            '3' => Self::Pong,
            '4' => return message(rest),
            '5' => Self::Upgrade,
            '2' | '6' => Self::Nothing,
            _ => return Err(Malformed),
        })
    }
}

fn split(text: &str) -> Result<(char, &str), Malformed> {
    let kind = text.chars().next().ok_or(Malformed)?;
    Ok((kind, &text[kind.len_utf8()..]))
}

/// `<type>[<namespace>,][<ack>][<JSON>]`. Binary packets, which announce attachments, are no part of our contract.
fn message(text: &str) -> Result<Packet, Malformed> {
    let (kind, mut rest) = split(text)?;
    if rest.starts_with('/') {
        let (namespace, after) = rest.split_once(',').unwrap_or((rest, ""));
        if namespace != "/" {
            return Ok(Packet::Elsewhere {
                namespace: namespace.to_owned(),
                connects: kind == '0',
            });
        }
        rest = after;
    }
    match kind {
        '0' if rest.is_empty() => Ok(Packet::Connect { auth: Value::Null }),
        '0' => Ok(Packet::Connect { auth: json(rest)? }),
        '1' => Ok(Packet::Disconnect),
        '2' => event(rest).map(Packet::Event),
        '3' | '4' => Ok(Packet::Nothing),
        _ => Err(Malformed),
    }
}

fn event(text: &str) -> Result<Event, Malformed> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (ack, arguments) = text.split_at(digits);
    let ack = match ack {
        "" => None,
        ack => Some(ack.parse().map_err(|_| Malformed)?),
    };
    let mut arguments = json::<Vec<Value>>(arguments)?.into_iter();
    let Some(Value::String(name)) = arguments.next() else {
        return Err(Malformed);
    };
    Ok(Event {
        name,
        data: arguments.next().unwrap_or_default(),
        ack,
    })
}

fn json<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Malformed> {
    serde_json::from_str(text).map_err(|_| Malformed)
}

/// An event with one argument, made once for all who get it.
pub fn event_frame(name: &str, payload: &impl Serialize) -> Frame {
    Frame::text(&format!("42[{},{}]", written(&name), written(payload)))
}

/// The answer to an event that asked for one.
pub fn ack_frame(ack: u64, payload: &impl Serialize) -> Frame {
    Frame::text(&format!("43{ack}[{}]", written(payload)))
}

/// The connection to the namespace stands.
pub fn connected_frame(sid: &str) -> Frame {
    Frame::text(&format!("40{{\"sid\":{}}}", written(&sid)))
}

/// The connection to a namespace is refused; `namespace` is empty for the main one.
pub fn refused_frame(namespace: &str, why: &str) -> Frame {
    let comma = if namespace.is_empty() { "" } else { "," };
    Frame::text(&format!("44{namespace}{comma}{{\"message\":{}}}", written(&why)))
}

/// We end the connection to the namespace: the client doesn't come back by itself.
pub fn disconnect_frame() -> Frame {
    Frame::text("41")
}

/// What we write are structs of strings and numbers, or JSON already: that can't fail.
fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text(frame: &Frame) -> String {
        String::from_utf8(frame.payload().to_vec()).unwrap()
    }

    #[test]
    fn what_the_official_client_sends() {
        let connect = Packet::Connect {
            auth: json!({ "token": "t" }),
        };
        assert_eq!(Packet::parse(r#"40{"token":"t"}"#), Ok(connect));
        assert_eq!(Packet::parse("40"), Ok(Packet::Connect { auth: Value::Null }));
        let resume = |ack| {
            Packet::Event(Event {
                name: "resume".into(),
                data: json!({ "cursor": "1-0" }),
                ack,
            })
        };
        assert_eq!(
            Packet::parse(r#"4212["resume",{"cursor":"1-0"}]"#),
            Ok(resume(Some(12)))
        );
        assert_eq!(
            Packet::parse(r#"42/,["resume",{"cursor":"1-0"},1]"#),
            Ok(resume(None))
        );
        assert_eq!(Packet::parse("41"), Ok(Packet::Disconnect));
        assert_eq!(Packet::parse("2probe"), Ok(Packet::Probe));
        assert_eq!(Packet::parse("3"), Ok(Packet::Pong));
        assert_eq!(Packet::parse("5"), Ok(Packet::Upgrade));
        let elsewhere = Packet::Elsewhere {
            namespace: "/admin".into(),
            connects: true,
        };
        assert_eq!(Packet::parse(r#"40/admin,{"token":"t"}"#), Ok(elsewhere));
    }

    #[test]
    fn what_is_no_packet() {
        for text in [
            "",
            "9",
            "4",
            "42",
            "42[]",
            "42[1]",
            "42{}",
            "40{",
            "451-[\"x\"]",
            "4299999999999999999999[\"x\"]",
            "é",
        ] {
            assert_eq!(Packet::parse(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn what_we_send() {
        assert_eq!(
            text(&event_frame("ready", &json!({ "cursor": "1-0" }))),
            r#"42["ready",{"cursor":"1-0"}]"#
        );
        assert_eq!(text(&ack_frame(7, &json!({ "ok": true }))), r#"437[{"ok":true}]"#);
        assert_eq!(text(&connected_frame("s")), r#"40{"sid":"s"}"#);
        assert_eq!(
            text(&refused_frame("", "unauthorized")),
            r#"44{"message":"unauthorized"}"#
        );
        assert_eq!(
            text(&refused_frame("/admin", "no")),
            r#"44/admin,{"message":"no"}"#
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-6]{0,3}[/,0-9\\[\\]\"{}a-zé]{0,40}") {
            let _ = Packet::parse(&text);
        }
    }
}
