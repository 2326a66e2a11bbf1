//! Forms as Twilio sends them, and the events they become.

use proptest::{collection::vec, prelude::*, sample::Index};
use switchboard_connectors::Event;
use switchboard_domain::{Content, MessageStatus};

use crate::{
    support::{assert_snapshots, assert_survives, content_of, events, mutate, normalise, received_at},
    twilio,
};

#[test]
fn every_payload_becomes_its_events() {
    assert_snapshots(twilio(), 12);
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("MessageSid", "SM1"),
        ("From", "+1555"),
        ("To", "+1666"),
        ("NumMedia", "0"),
    ];
    all.extend(fields);
    all.iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn each_kind_says_what_it_is() {
    let choice = |text: &str, payload: &str| Content::Choice {
        text: text.to_owned(),
        payload: Some(payload.to_owned()),
    };
    for (fields, content) in [
        (&[("Body", "hé\0llo 👋")][..], Content::text("hé\0llo 👋")),
        (&[("Body", "")], Content::text("")),
        (&[("Body", "STOP"), ("OptOutType", "STOP")], Content::text("STOP")),
        (
            &[
                ("Body", "Yes"),
                ("ButtonText", "Yes"),
                ("ButtonPayload", "yes-1"),
                ("MessageType", "button"),
            ],
            choice("Yes", "yes-1"),
        ),
        (
            &[
                ("Body", "Row"),
                ("ListId", "row-1"),
                ("ListTitle", "Row"),
                ("MessageType", "interactive"),
            ],
            choice("Row", "row-1"),
        ),
        (
            &[
                ("Body", ""),
                ("MessageType", "interactive"),
                ("InteractiveData", "{\"a\":1}"),
            ],
            choice("", "{\"a\":1}"),
        ),
        (
            &[("MessageType", "unsupported")],
            Content::Unsupported {
                kind: "unsupported".to_owned(),
            },
        ),
        (
            &[
                ("Latitude", "-12.5"),
                ("Longitude", "75"),
                ("Address", "1 Road"),
                ("Label", "Home"),
                ("Body", ""),
            ],
            Content::Location {
                latitude: -12.5,
                longitude: 75.0,
                name: Some("Home".to_owned()),
                address: Some("1 Road".to_owned()),
            },
        ),
        (
            &[("Latitude", "north"), ("Longitude", "1"), ("Body", "x")],
            Content::text("x"),
        ),
    ] {
        assert_eq!(content_of(twilio(), &form(fields)), content, "{fields:?}");
    }
}

#[test]
fn each_attachment_is_a_message_and_the_first_has_the_words() {
    let body = form(&[
        ("Body", "look"),
        ("MediaUrl10", "https://api.twilio.com/10"),
        ("MediaUrl0", "https://api.twilio.com/0"),
        ("MediaContentType0", "image/jpeg"),
        ("MediaUrl1", "https://api.twilio.com/1"),
        ("MediaContentType1", "audio/ogg; codecs=opus"),
        ("MediaUrl2", "https://api.twilio.com/2"),
        ("MediaContentType2", "text/vcard"),
        ("MediaUrl3", ""),
    ]);
    let events = events(twilio(), &body);
    let told: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Message(message) => (
                message.provider_message_id.as_str(),
                message.content.kind(),
                message.content.preview(9),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            ("SM1", "image", "look".to_owned()),
            ("SM1#1", "audio", String::new()),
            ("SM1#2", "document", String::new()),
            ("SM1#3", "document", String::new()),
        ]
    );
}

#[test]
fn a_whatsapp_customer_keeps_their_prefix_and_other_ids() {
    let body = form(&[
        ("From", "ignored: the first one counts"),
        ("WaId", "1555"),
        ("ExternalUserId", "US.1"),
        ("ProfileName", "Ann"),
        ("Forwarded", "true"),
        ("OriginalRepliedMessageSid", "SM0"),
        ("ReferralSourceUrl", "https://fb.me/x"),
        ("Body", "hi"),
    ]);
    let inbound = normalise(twilio(), body.as_bytes());
    assert_eq!(inbound[0].provider_account_id.as_deref(), Some("+1666"));
    let Event::Message(message) = &inbound[0].event else {
        panic!("{inbound:?}");
    };
    assert_eq!(message.sender.external_id, "+1555");
    assert_eq!(message.sender.aliases, ["US.1", "1555"]);
    assert_eq!(message.sender.name.as_deref(), Some("Ann"));
    assert!(message.forwarded);
    assert_eq!(message.reply_to.as_deref(), Some("SM0"));
    assert_eq!(
        message.referral.as_ref().unwrap()["ReferralSourceUrl"],
        "https://fb.me/x"
    );
    assert_eq!(message.provider_at, received_at(), "Twilio tells no time");
}

#[test]
fn statuses_carry_the_reason_in_words() {
    let status = |fields: &[(&str, &str)]| match &events(twilio(), &form(fields))[..] {
        [Event::Status(status)] => status.clone(),
        other => panic!("{other:?}"),
    };
    for (name, known) in [
        ("queued", MessageStatus::Queued),
        ("sending", MessageStatus::Queued),
        ("sent", MessageStatus::Sent),
        ("delivered", MessageStatus::Delivered),
        ("read", MessageStatus::Read),
        ("undelivered", MessageStatus::Failed),
        ("failed", MessageStatus::Failed),
        ("canceled", MessageStatus::Failed),
    ] {
        let told = status(&[("MessageStatus", name)]);
        assert_eq!((told.status, told.provider_message_id.as_str()), (known, "SM1"));
        assert_eq!(told.error.is_some(), known == MessageStatus::Failed, "{name}");
    }
    let landline = status(&[("MessageStatus", "undelivered"), ("ErrorCode", "30006")])
        .error
        .unwrap();
    assert_eq!(landline.code, "30006");
    assert!(landline.message.contains("landline"));
    let unknown = status(&[
        ("MessageStatus", "failed"),
        ("ErrorCode", "99999"),
        ("ErrorMessage", "Odd"),
    ]);
    assert_eq!(unknown.error.unwrap().message, "Odd");
    let window = status(&[("MessageStatus", "undelivered"), ("ErrorCode", "63016")])
        .error
        .unwrap();
    assert!(window.message.contains("template"), "{}", window.message);
}

#[test]
fn what_is_neither_is_kept() {
    for (body, kind) in [
        ("EventType=onMessageAdded&ConversationSid=CH1", "onMessageAdded"),
        ("CallSid=CA1&CallStatus=ringing&From=%2B1", "call"),
        ("MessageSid=SM1&MessageStatus=teleported", "status"),
        ("MessageStatus=sent", "status"),
        ("SmsSid=SM1&Body=nobody", "form"),
        ("a=b", "form"),
    ] {
        let events = events(twilio(), body);
        assert!(
            matches!(&events[..], [Event::Unsupported { kind: found, raw }] if found == kind && raw == body),
            "{events:?}"
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512)) {
        assert_survives(twilio(), &body);
    }

    #[test]
    fn arbitrary_forms(body in "((From|Body|MessageSid|SmsSid|MediaUrl[0-9]{0,3}|NumMedia|Latitude|Longitude|MessageStatus)=[%+a-z0-9.&=-]{0,12}&){0,9}") {
        assert_survives(twilio(), body.as_bytes());
    }

    #[test]
    fn mutated_fixtures(
        file in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        assert_survives(twilio(), &mutate(twilio(), file, &edits, cut.as_ref()));
    }
}
