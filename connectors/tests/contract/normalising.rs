//! The counterpart's message, from the wire to the hub's terms.

use switchboard_connectors::{Acknowledgement, Inbound, StoredRequest, Verified, all};

use crate::parties::{account, message, now, seconds, signed};

#[test]
fn a_text_message_is_one_message() {
    for connector in all() {
        let channel = connector.channel();
        let message = message(connector);
        // A shop has orders in its place.
        let expected = connector.capabilities().can_send;
        assert!(
            message.content.kind() == "text" || !expected,
            "{channel}: {:?}",
            message.content
        );
        assert!(!message.content.preview(100).is_empty(), "{channel}");
        assert!(!message.provider_message_id.is_empty(), "{channel}");
        assert!(!message.sender.external_id.is_empty(), "{channel}");
    }
}

/// Deduplication goes by the id, so a repetition must have the same, whenever it arrives.
#[test]
fn the_same_request_means_the_same_again() {
    for connector in all() {
        let account = account(connector);
        let verify = || {
            connector
                .verify(&account, signed(connector, &account), now())
                .unwrap()
        };
        let first = connector.normalise(&verify(), now());
        assert_eq!(connector.normalise(&verify(), now()), first);
        let later = connector.normalise(&verify(), now().plus(seconds(3_600)));
        let id = |events: &[Inbound]| match &events[0].event {
            switchboard_connectors::Event::Message(message) => message.provider_message_id.clone(),
            other => panic!("{}: {other:?}", connector.channel()),
        };
        assert_eq!(id(&later), id(&first), "{}", connector.channel());
    }
}

#[test]
fn what_is_stored_comes_back_and_normalises_the_same() {
    for connector in all() {
        let account = account(connector);
        let verified = connector
            .verify(&account, signed(connector, &account), now())
            .unwrap();
        let StoredRequest { headers, body } = verified.to_stored();
        let restored = Verified::restore(StoredRequest { headers, body });
        let events = connector.normalise(&verified, now());
        assert_eq!(
            connector.normalise(&restored, now()),
            events,
            "{}",
            connector.channel()
        );
    }
}

#[test]
fn a_message_is_acknowledged_and_kept() {
    for connector in all() {
        let account = account(connector);
        let verified = connector
            .verify(&account, signed(connector, &account), now())
            .unwrap();
        let Acknowledgement {
            keep, content_type, ..
        } = connector.acknowledge(&account, &verified);
        assert!(keep, "{}", connector.channel());
        assert!(
            content_type.parse::<http::HeaderValue>().is_ok(),
            "{content_type}"
        );
    }
}

/// What the ledger holds may be damaged by other hands.
#[test]
fn whatever_was_stored_normalising_survives() {
    for connector in all() {
        for body in [
            "",
            "null",
            "{}",
            "[",
            "\u{0}",
            "{\"entry\":[null,{\"changes\":[1,2]},3]}",
            "a=b&c",
        ] {
            let stored = StoredRequest {
                headers: Vec::new(),
                body: body.as_bytes().to_vec().into(),
            };
            let _ = connector.normalise(&Verified::restore(stored), now());
        }
    }
}
