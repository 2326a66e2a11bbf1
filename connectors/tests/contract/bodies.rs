//! Bodies that no provider sends, signed as if one did.

use switchboard_connectors::{Connector, Event, Rejected, all};

use crate::parties::{account, now, signed_body, unsigned};

fn nested(levels: usize) -> Vec<u8> {
    format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1)).into_bytes()
}

fn nonsense() -> Vec<Vec<u8>> {
    vec![
        Vec::new(),
        b" ".to_vec(),
        b"garbage".to_vec(),
        b"\x00\xff\xfe\x80".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        br#"{"object":"x","entry":["#.to_vec(),
        b"{\"a\":\"\xff\xfe\"}".to_vec(),
        b"%".to_vec(),
        b"a=%ff%&=&&==&b".to_vec(),
        nested(129),
        nested(100_000),
        [b"{\"a\":".to_vec(), vec![b'['; 1_000_000]].concat(),
    ]
}

fn speaks_json(connector: &dyn Connector) -> bool {
    connector.counterpart().message().content_type.contains("json")
}

/// A JSON channel refuses them all. Of forms nearly anything is one, so there it may pass, as long as no customer is
/// said to have written it.
#[test]
fn signed_nonsense_becomes_no_message() {
    for connector in all() {
        let channel = connector.channel();
        let account = account(connector);
        for body in nonsense() {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            match connector.verify(&account, signed_body(connector, &account, &body), now()) {
                Ok(verified) => {
                    assert!(!speaks_json(connector), "{channel}: {shown}");
                    let events = connector.normalise(&verified, now());
                    let unknown = |event: &Event| matches!(event, Event::Unsupported { .. });
                    assert!(
                        events.iter().all(|inbound| unknown(&inbound.event)),
                        "{channel}: {shown}: {events:?}"
                    );
                }
                Err(Rejected::Misconfigured(why)) => panic!("{channel}: {shown}: {why}"),
                Err(Rejected::Malformed(_) | Rejected::Unauthenticated(_)) => {}
            }
        }
    }
}

#[test]
fn unsigned_nonsense_is_refused() {
    for connector in all() {
        let account = account(connector);
        for body in nonsense() {
            let verdict = connector.verify(&account, unsigned(connector, &body), now());
            let refused = matches!(
                verdict,
                Err(Rejected::Unauthenticated(_) | Rejected::Malformed(_))
            );
            assert!(refused, "{}: {verdict:?}", connector.channel());
        }
    }
}
