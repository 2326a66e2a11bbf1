use proptest::prelude::*;

use super::*;

/// A frame as a client sends it.
fn client(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut wire = vec![first];
    match payload.len() {
        length @ 0..=125 => wire.push(MASKED | length as u8),
        length @ 126..=0xffff => {
            wire.push(MASKED | 0x7e);
            wire.extend((length as u16).to_be_bytes());
        }
        length => {
            wire.push(MASKED | 0x7f);
            wire.extend((length as u64).to_be_bytes());
        }
    }
    wire.extend(mask);
    wire.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    wire
}

fn read(wire: &[u8]) -> Result<Option<Message>, CloseCode> {
    let mut decoder = Decoder::new(1000);
    decoder.push(wire);
    decoder.next()
}

/// RFC 6455, 5.7.
#[test]
fn the_examples_of_the_rfc() {
    let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(read(&hello), Ok(Some(Message::Text("Hello".into()))));
    assert_eq!(
        Frame::text("Hello").wire().as_ref(),
        [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]
    );
    assert_eq!(
        Frame::close(CloseCode::GoingAway).wire().as_ref(),
        [0x88, 2, 3, 0xe9]
    );
    assert_eq!(
        read(&client(0x89, b"Hello", [1, 2, 3, 4])),
        Ok(Some(Message::Ping(b"Hello".to_vec())))
    );
}

#[test]
fn lengths_of_every_form() {
    for length in [0, 1, 125, 126, 0xffff, 0x10000] {
        let text = "x".repeat(length);
        let frame = Frame::text(&text);
        assert_eq!(frame.payload(), text.as_bytes());
        let head = match length {
            0..=125 => 2,
            126..=0xffff => 4,
            _ => 10,
        };
        assert_eq!(frame.wire().len(), head + length);
    }
}

#[test]
fn what_breaks_the_protocol_ends_the_connection() {
    let mask = [9, 8, 7, 6];
    let cases: [(Vec<u8>, CloseCode); 9] = [
        (vec![0x81, 0x05, 0x48], CloseCode::ProtocolError),
        (client(0xc1, b"x", mask), CloseCode::ProtocolError),
        (client(0x83, b"x", mask), CloseCode::ProtocolError),
        (client(0x80, b"x", mask), CloseCode::ProtocolError),
        (client(0x09, b"x", mask), CloseCode::ProtocolError),
        (client(0x89, &[0; 126], mask), CloseCode::ProtocolError),
        (client(0x82, b"x", mask), CloseCode::Unsupported),
        (client(0x81, b"\xff", mask), CloseCode::InvalidText),
        (client(0x81, &[b'x'; 1001], mask), CloseCode::TooBig),
    ];
    for (wire, code) in cases {
        assert_eq!(read(&wire), Err(code), "{wire:?}");
    }
    let mut fragments = client(0x01, &[b'x'; 600], mask);
    fragments.extend(client(0x80, &[b'x'; 600], mask));
    assert_eq!(read(&fragments), Err(CloseCode::TooBig));
}

proptest! {
    /// Whatever the pieces a text comes in (fragments, pings between them, reads), it is the same text.
    #[test]
    fn texts_survive_fragments_and_reads(
        texts in prop::collection::vec("\\PC{0,60}", 1..5),
        cut in 1_usize..9,
        reads in 1_usize..40,
        mask: [u8; 4],
    ) {
        let mut wire = Vec::new();
        for text in &texts {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(cut).collect();
            let count = pieces.len().max(1);
            for nth in 0..count {
                let last = if nth + 1 == count { FINAL } else { 0 };
                let opcode = if nth == 0 { TEXT } else { 0 };
                wire.extend(client(last | opcode, pieces.get(nth).unwrap_or(&&[][..]), mask));
                wire.extend(client(0x89, b"!", mask));
            }
        }
        let mut decoder = Decoder::new(1000);
        let mut came = Vec::new();
        for piece in wire.chunks(reads) {
            decoder.push(piece);
            while let Some(message) = decoder.next().unwrap() {
                if let Message::Text(text) = message {
                    came.push(text);
                }
            }
        }
        prop_assert_eq!(came, texts);
        prop_assert_eq!(decoder.buffer.capacity(), 0);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let mut decoder = Decoder::new(100);
        decoder.push(&bytes);
        while let Ok(Some(_)) = decoder.next() {}
    }
}
