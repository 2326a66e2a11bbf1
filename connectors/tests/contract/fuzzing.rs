//! Every parser against bytes that nobody meant: recorded webhooks that were cut, turned, doubled and spliced, and noise.
//! Each channel's folder has tests of its own that know its fields; this one walks them all.
//!
//! `make fuzz` gives each parser a million inputs. A failure names the seed that finds it again.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use bytes::Bytes;
use http::header::HeaderValue;
use switchboard_connectors::{Connector, RawRequest, StoredRequest, Verified, all};

use crate::parties::{account, now, signed_body, unsigned};

/// For each parser, unless `FUZZ_INPUTS` says otherwise.
const INPUTS: u64 = 2_000;
/// Longer inputs are cut: what is to be found isn't in the length.
const LONGEST: usize = 16 * 1024;
/// What parsers are known to stumble over.
const WORDS: [&[u8]; 24] = [
    b"null",
    b"{}",
    b"[]",
    b"[[]]",
    b"\"\"",
    b"-1",
    b"0",
    b"1e999",
    b"-9223372036854775809",
    b"18446744073709551616",
    b"253402300800000000",
    b"\"\\ud800\"",
    b"\\u0000",
    b"\xff\xfe",
    b"\xf0\x9f\x98",
    "\u{202e}\u{0}\u{feff}".as_bytes(),
    b"%00%zz%",
    b"&=&[]=1&a[b][c]=",
    b"\r\n\r\n",
    b"--",
    b"=?utf-8?B?////?=",
    b"Content-Transfer-Encoding: base64\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
    b"</div><script>&#x0;&#55296;",
];

/// `SplitMix64`: the same seed, the same inputs, on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let (one, other) = (self.below(length + 1), self.below(length + 1));
        one.min(other)..one.max(other)
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most))
            .map(|_| self.next().to_le_bytes()[0])
            .collect()
    }
}

fn input(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    if chance.below(16) == 0 {
        return chance.bytes(512);
    }
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(4) {
        change(&mut bytes, seeds, chance);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    match chance.below(8) {
        0 => bytes.truncate(at),
        1 => {
            let part = chance.range(bytes.len());
            bytes.drain(part);
        }
        2 => {
            let part = chance.range(bytes.len());
            let doubled = bytes[part].to_vec();
            bytes.splice(at..at, doubled);
        }
        3 => {
            let noise = chance.bytes(16);
            bytes.splice(at..at, noise);
        }
        4 => {
            let other = &seeds[chance.below(seeds.len())];
            let part = other[chance.range(other.len())].to_vec();
            bytes.splice(at..at, part);
        }
        5 => {
            let word = WORDS[chance.below(WORDS.len())];
            bytes.splice(at..at, word.iter().copied());
        }
        6 => replace_value(bytes, at, chance),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
    }
}

/// What stands between two marks of a JSON tree or a form becomes something else: the rest stays readable.
fn replace_value(bytes: &mut Vec<u8>, at: usize, chance: &mut Chance) {
    let begins = |byte: &u8| matches!(byte, b':' | b'=' | b'[');
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b'&' | b'\n');
    let Some(start) = bytes[at..].iter().position(begins).map(|offset| at + offset + 1) else {
        return;
    };
    let end = bytes[start..].iter().position(ends);
    let end = end.map_or(bytes.len(), |offset| start + offset);
    let word = WORDS[chance.below(WORDS.len())];
    bytes.splice(start..end, word.iter().copied());
}

/// All that was recorded of the channel, and what its counterpart says.
fn seeds(connector: &dyn Connector) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let recorded = folder.join(connector.channel().as_str()).join("fixtures/inbound");
    let files = fs::read_dir(recorded).into_iter().flatten().flatten();
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort();
    let mut seeds: Vec<Vec<u8>> = paths.iter().filter_map(|path| fs::read(path).ok()).collect();
    seeds.push(connector.counterpart().message().body.to_vec());
    seeds
}

fn parse(connector: &dyn Connector, body: &[u8], chance: &mut Chance) {
    let content_type = connector.counterpart().message().content_type.to_owned();
    let stored = StoredRequest {
        headers: vec![("content-type".to_owned(), content_type)],
        body: Bytes::copy_from_slice(body),
    };
    let _ = connector.normalise(&Verified::restore(stored), now());
    // The way in, signed and with a proof that isn't one, now and then: signatures cost more than parsing.
    match chance.below(16) {
        0 => {
            let account = account(connector);
            let _ = connector.verify(&account, signed_body(connector, &account, body), now());
        }
        1 => {
            let account = account(connector);
            let mut request = unsigned(connector, body);
            spoil(connector, &mut request, chance);
            let _ = connector.verify(&account, request, now());
        }
        2 => {
            let query = String::from_utf8_lossy(body);
            let _ = connector.handshake(&account(connector), &query);
        }
        _ => {}
    }
}

fn spoil(connector: &dyn Connector, request: &mut RawRequest, chance: &mut Chance) {
    for name in connector.counterpart().scheme().headers {
        if let Ok(value) = HeaderValue::from_bytes(&chance.bytes(80)) {
            request.headers.insert(*name, value);
        }
    }
    request.query = String::from_utf8_lossy(&chance.bytes(80)).into_owned();
}

#[test]
fn no_parser_panics() {
    let inputs = std::env::var("FUZZ_INPUTS").ok();
    let inputs = inputs.map_or(INPUTS, |text| text.parse().expect("FUZZ_INPUTS is a number"));
    for connector in all() {
        let channel = connector.channel();
        let seeds = seeds(connector);
        for nth in 0..inputs {
            let mut chance = Chance(nth);
            let body = input(&seeds, &mut chance);
            let survived = catch_unwind(AssertUnwindSafe(|| parse(connector, &body, &mut chance)));
            assert!(
                survived.is_ok(),
                "{channel}, input {nth}: {}",
                String::from_utf8_lossy(&body)
            );
        }
        println!("{channel}: {inputs} inputs from {} seeds", seeds.len());
    }
}
