//! Every payload file becomes its events; the snapshots lie beside the connectors.

use switchboard_connectors::{Event, StoredRequest, Verified, find};
use switchboard_domain::{Channel, MessageStatus};

use crate::{
    account::{CHANNELS, JSON, normalise, only_event, received_at},
    fixtures::inbound,
};

#[test]
fn every_payload_becomes_its_events() {
    for (channel, count) in CHANNELS.into_iter().zip([21, 14, 16]) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("../../src/{channel}/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let payloads = inbound(channel);
        assert_eq!(payloads.len(), count, "{channel}");
        settings.bind(|| {
            for payload in payloads {
                // Recorded with signatures of their own, long ago: what they say is what counts here.
                let verified = Verified::restore(StoredRequest {
                    headers: vec![("content-type".to_owned(), payload.content_type.to_owned())],
                    body: payload.body.into(),
                });
                insta::assert_json_snapshot!(payload.name, find(channel).normalise(&verified, received_at()));
            }
        });
    }
}

fn status(channel: Channel, body: &str) -> Option<(MessageStatus, String, Option<String>)> {
    match only_event(channel, JSON, body.as_bytes()) {
        Event::Status(update) => Some((
            update.status,
            update.provider_message_id,
            update.message_id.map(|id| id.as_str().to_owned()),
        )),
        Event::Unsupported { .. } => None,
        other => panic!("{other:?}"),
    }
}

/// The id that went along with the letter comes back, and settles a send whose answer was lost.
#[test]
fn statuses_name_our_own_message() {
    let id = "0123456789abcdef0123456789abcdef";
    let expected =
        |id: &str, sent: &str| Some((MessageStatus::Delivered, sent.to_owned(), Some(id.to_owned())));
    let mailgun = r#"{"event-data":{"event":"delivered","timestamp":1.5,"user-variables":{"hub_message_id":"OURS"},"message":{"headers":{"message-id":"a@x"}}}}"#;
    assert_eq!(
        status(Channel::Mailgun, &mailgun.replace("OURS", id)),
        expected(id, "a@x")
    );
    let sendgrid = r#"[{"event":"delivered","timestamp":1,"hub_message_id":"OURS","sg_message_id":"abc_-.recvd-7889fbcc76-m6dnm-1-65C3D4A4-58.0"}]"#;
    assert_eq!(
        status(Channel::Sendgrid, &sendgrid.replace("OURS", id)),
        expected(id, "abc_-")
    );
    let by_smtp = r#"[{"event":"delivered","timestamp":1,"hub_message_id":"OURS","hub_mail_id":"a@x","sg_message_id":"abc.filter1"}]"#;
    assert_eq!(
        status(Channel::Sendgrid, &by_smtp.replace("OURS", id)),
        expected(id, "a@x")
    );
    let postmark = r#"{"RecordType":"Delivery","MessageID":"883953f4","Metadata":{"hub_message_id":"OURS"}}"#;
    assert_eq!(
        status(Channel::Postmark, &postmark.replace("OURS", id)),
        expected(id, "883953f4")
    );
    let by_smtp = r#"{"RecordType":"Delivery","MessageID":"883953f4","Metadata":{"hub_message_id":"OURS","hub_mail_id":"a@x"}}"#;
    assert_eq!(
        status(Channel::Postmark, &by_smtp.replace("OURS", id)),
        expected(id, "a@x")
    );
}

#[test]
fn only_an_end_is_an_end() {
    let mailgun = |event: &str| {
        let body = format!(r#"{{"event-data":{{{event},"message":{{"headers":{{"message-id":"a@x"}}}}}}}}"#);
        status(Channel::Mailgun, &body).map(|(status, ..)| status)
    };
    assert_eq!(mailgun(r#""event":"failed","severity":"temporary""#), None);
    assert_eq!(
        mailgun(r#""event":"failed","severity":"permanent""#),
        Some(MessageStatus::Failed)
    );
    assert_eq!(mailgun(r#""event":"opened""#), Some(MessageStatus::Read));
    assert_eq!(mailgun(r#""event":"complained""#), None);
    let sendgrid = |event: &str| {
        let body = format!(r#"[{{{event},"sg_message_id":"a.filter1"}}]"#);
        status(Channel::Sendgrid, &body).map(|(status, ..)| status)
    };
    assert_eq!(sendgrid(r#""event":"deferred""#), None);
    assert_eq!(
        sendgrid(r#""event":"bounce","type":"blocked""#),
        Some(MessageStatus::Failed)
    );
    assert_eq!(sendgrid(r#""event":"open""#), Some(MessageStatus::Read));
    assert_eq!(
        sendgrid(r#""event":"open","sg_machine_open":true"#),
        Some(MessageStatus::Delivered)
    );
    assert_eq!(sendgrid(r#""event":"spamreport""#), None);
    let postmark = |kind: &str| {
        let body = format!(r#"{{"RecordType":"Bounce","Type":"{kind}","MessageID":"a"}}"#);
        status(Channel::Postmark, &body).map(|(status, ..)| status)
    };
    for kind in ["HardBounce", "SoftBounce", "Blocked", "BadEmailAddress"] {
        assert_eq!(postmark(kind), Some(MessageStatus::Failed), "{kind}");
    }
    for kind in [
        "Transient",
        "AutoResponder",
        "AddressChange",
        "Unsubscribe",
        "ChallengeVerification",
    ] {
        assert_eq!(postmark(kind), None, "{kind}");
    }
}

#[test]
fn a_damaged_event_leaves_its_neighbours_alone() {
    let good = r#"{"event":"delivered","timestamp":1,"sg_message_id":"a.filter1"}"#;
    let damaged = [
        "null",
        "7",
        "[]",
        "{}",
        r#"{"event":7}"#,
        r#"{"event":"delivered","sg_message_id":{}}"#,
    ];
    let list = damaged.map(|damaged| format!("{damaged},{good}")).join(",");
    let events = normalise(Channel::Sendgrid, JSON, format!("[{list}]\r\n").as_bytes());
    for pair in events.chunks(2) {
        assert!(matches!(pair[0].event, Event::Unsupported { .. }), "{pair:?}");
        assert!(matches!(pair[1].event, Event::Status(_)), "{pair:?}");
    }
    assert_eq!(events.len(), 12);
}
