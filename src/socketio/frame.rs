//! WebSocket frames (RFC 6455): what consoles send, taken apart; what they get, made once and shared by all of them.

use bytes::{BufMut, Bytes, BytesMut};

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PONG: u8 = 0xa;
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
/// The most a control frame may carry (5.5).
const MAX_CONTROL: usize = 125;

/// A packet on its way to a console, as it stands on the wire: a server's frames aren't masked, so that one made for a
/// thousand consoles is the same bytes for each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    wire: Bytes,
    payload_at: usize,
}

impl Frame {
    pub fn text(text: &str) -> Self {
        Self::new(TEXT, text.as_bytes())
    }

    pub fn pong(payload: &[u8]) -> Self {
        Self::new(PONG, payload)
    }

    pub fn close(code: CloseCode) -> Self {
        Self::new(CLOSE, &(code as u16).to_be_bytes())
    }

    fn new(opcode: u8, payload: &[u8]) -> Self {
        let mut wire = BytesMut::with_capacity(10 + payload.len());
        wire.put_u8(FINAL | opcode);
        match payload.len() {
            length @ 0..=125 => wire.put_u8(length as u8),
            length @ 126..=0xffff => {
                wire.put_u8(126);
                wire.put_u16(length as u16);
            }
            length => {
                wire.put_u8(127);
                wire.put_u64(length as u64);
            }
        }
        let payload_at = wire.len();
        wire.put_slice(payload);
        Self {
            wire: wire.freeze(),
            payload_at,
        }
    }

    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// Without the frame's head: for a console that polls.
    pub fn payload(&self) -> &[u8] {
        &self.wire[self.payload_at..]
    }
}

/// Why a connection ends (7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    Unsupported = 1003,
    InvalidText = 1007,
    TooBig = 1009,
}

/// What a client said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Ping(Vec<u8>),
    Pong,
    Close,
}

/// Puts messages together from whatever pieces the connection gives. Holds no memory between messages.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// A text whose last fragment hasn't come.
    fragments: Option<Vec<u8>>,
    limit: usize,
}

struct Head {
    last: bool,
    opcode: u8,
    length: usize,
    mask_at: usize,
}

impl Decoder {
    /// `limit`: the longest text, in bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            fragments: None,
            limit,
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message that is complete; the error is what the connection has to be closed with.
    pub fn next(&mut self) -> Result<Option<Message>, CloseCode> {
        loop {
            let Some(head) = self.head()? else { return Ok(None) };
            let Some(payload) = self.take(&head) else {
                return Ok(None);
            };
            if let Some(message) = self.message(&head, payload)? {
                return Ok(Some(message));
            }
        }
    }

    fn head(&self) -> Result<Option<Head>, CloseCode> {
        let [first, second, rest @ ..] = self.buffer.as_slice() else {
            return Ok(None);
        };
        let (last, opcode) = (first & FINAL != 0, first & 0x0f);
        // Reserved bits belong to extensions, of which there are none; a client's frame is always masked (5.1).
        if first & 0x70 != 0 || second & MASKED == 0 {
            return Err(CloseCode::ProtocolError);
        }
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_at = 2 + extended;
        let Some(extended) = rest.get(..extended) else {
            return Ok(None);
        };
        let length = if extended.is_empty() {
            u64::from(second & 0x7f)
        } else {
            extended
                .iter()
                .fold(0, |length, byte| length << 8 | u64::from(*byte))
        };
        let length = usize::try_from(length).map_err(|_| CloseCode::TooBig)?;
        if opcode >= CLOSE && (length > MAX_CONTROL || !last) {
            return Err(CloseCode::ProtocolError);
        }
        let before = self.fragments.as_ref().map_or(0, Vec::len);
        if opcode < CLOSE && length.saturating_add(before) > self.limit {
            return Err(CloseCode::TooBig);
        }
        Ok(Some(Head {
            last,
            opcode,
            length,
            mask_at,
        }))
    }

    /// The frame's payload, unmasked, once all of it is there.
    fn take(&mut self, head: &Head) -> Option<Vec<u8>> {
        let payload_at = head.mask_at + 4;
        let end = payload_at + head.length;
        if self.buffer.len() < end {
            return None;
        }
        let mask = [0, 1, 2, 3].map(|nth| self.buffer[head.mask_at + nth]);
        let payload = self.buffer[payload_at..end]
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        if self.buffer.len() == end {
            self.buffer = Vec::new();
        } else {
            self.buffer.drain(..end);
        }
        Some(payload)
    }

    fn message(&mut self, head: &Head, payload: Vec<u8>) -> Result<Option<Message>, CloseCode> {
        let text = match (head.opcode, self.fragments.take()) {
            (0x0, Some(mut begun)) => {
                begun.extend_from_slice(&payload);
                begun
            }
            (TEXT, None) => payload,
            (0x2, None) => return Err(CloseCode::Unsupported),
            (CLOSE, _) => return Ok(Some(Message::Close)),
            (control @ (0x9 | PONG), begun) => {
                // Control frames may come between the fragments of a text.
                self.fragments = begun;
                let message = if control == PONG {
                    Message::Pong
                } else {
                    Message::Ping(payload)
                };
                return Ok(Some(message));
            }
            _ => return Err(CloseCode::ProtocolError),
        };
        if !head.last {
            self.fragments = Some(text);
            return Ok(None);
        }
        String::from_utf8(text)
            .map(|text| Some(Message::Text(text)))
            .map_err(|_| CloseCode::InvalidText)
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
