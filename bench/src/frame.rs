//! WebSocket frames, as a client writes and reads them (RFC 6455).

use std::ops::Range;

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// A frame at the start of a buffer.
pub(crate) struct Frame {
    pub(crate) last: bool,
    pub(crate) opcode: u8,
    pub(crate) payload: Range<usize>,
}

/// A client's frame. The mask is there, as it must be, and zero, as it may be.
pub(crate) fn write(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..65_536 => {
            frame.push(0x80 | 0x7e);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 0x7f);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// The first frame of a server; `None` while bytes are missing.
pub(crate) fn parse(bytes: &[u8]) -> Option<Frame> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (length, start): (usize, usize) = match second & 0x7f {
        126 => (u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?) as usize, 4),
        127 => (
            u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize,
            10,
        ),
        short => (short as usize, 2),
    };
    let end = start.checked_add(length)?;
    (bytes.len() >= end).then_some(Frame {
        last: first & 0x80 != 0,
        opcode: first & 0x0f,
        payload: start..end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_all_three_kinds() {
        for length in [0, 125, 126, 65_535, 65_536] {
            let mut bytes = write(TEXT, &vec![b'x'; length]);
            // A server's frame is the same without the mask.
            bytes[1] &= 0x7f;
            let mask = bytes.len() - length - 4;
            bytes.drain(mask..mask + 4);
            assert!(parse(&bytes[..bytes.len() - 1]).is_none());
            let frame = parse(&bytes).unwrap();
            assert_eq!(
                (frame.last, frame.opcode, frame.payload.len()),
                (true, TEXT, length)
            );
        }
    }
}
