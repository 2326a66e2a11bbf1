//! The counterpart's message, from the wire to the hub's terms.

use switchboard_connectors::{Acknowledgement, Event, Inbound, StoredRequest, Verified, all};
use switchboard_domain::Channel;

use crate::parties::{account, event, message, now, seconds, signed};

#[test]
fn a_text_message_is_one_message() {
    for connector in all().filter(|connector| connector.capabilities().can_send) {
        let channel = connector.channel();
        let message = message(connector);
        let is_text = matches!(message.content.kind(), "text" | "email");
        assert!(is_text, "{channel}: {:?}", message.content);
        assert!(!message.content.preview(100).is_empty(), "{channel}");
        assert!(!message.provider_message_id.is_empty(), "{channel}");
        assert!(!message.sender.external_id.is_empty(), "{channel}");
    }
}

/// A shop tells what happened, in whatever form, as long as we know it.
#[test]
fn an_event_of_a_shop_is_one_we_know() {
    for connector in all().filter(|connector| !connector.capabilities().can_send) {
        let event = event(connector);
        let is_known = !matches!(event, Event::Unsupported { .. });
        assert!(is_known, "{}: {event:?}", connector.channel());
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
        assert_eq!(ids(&later), ids(&first), "{}", connector.channel());
    }
}

fn ids(events: &[Inbound]) -> Vec<&str> {
    let messages = events.iter().filter_map(|inbound| match &inbound.event {
        Event::Message(message) => Some(message.provider_message_id.as_str()),
        _ => None,
    });
    messages.collect()
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

#[test]
fn languages_are_told_where_channels_tell_them() {
    let telegram = r#"{"update_id":1,"message":{"message_id":5,"from":{"id":77,"language_code":"pt-br"},"chat":{"id":-9}}}"#;
    let viber = r#"{"event":"message","sender":{"id":"01234567890A=","language":"en"}}"#;
    let webchat = r#"{"visitor":{"id":"anon:7","language":"de_AT"},"events":[]}"#;
    for (channel, body, known) in [
        (Channel::Telegram, telegram, vec![("77", "pt-br")]),
        (Channel::Viber, viber, vec![("01234567890A=", "en")]),
        (Channel::Webchat, webchat, vec![("anon:7", "de-AT")]),
        (Channel::Telegram, "{}", vec![]),
        (Channel::Viber, r#"{"sender":{"id":"7","language":"?"}}"#, vec![]),
        (Channel::Webchat, "not json", vec![]),
        (Channel::Whatsapp, telegram, vec![]),
    ] {
        let request = Verified::restore(StoredRequest {
            headers: Vec::new(),
            body: body.to_owned().into(),
        });
        let told = switchboard_connectors::find(channel).languages(&request);
        let told: Vec<_> = told
            .iter()
            .map(|one| (one.external_id.as_str(), one.language.as_str()))
            .collect();
        assert_eq!(told, known, "{channel}: {body}");
    }
}
