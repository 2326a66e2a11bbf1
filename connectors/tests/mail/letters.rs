//! What becomes of letters, whichever provider brings them.

use serde_json::json;
use switchboard_connectors::{Event, InboundMessage, find};
use switchboard_domain::{Channel, Email, MessageStatus, Timestamp};

use crate::account::{
    FORM, JSON, MULTIPART, mailgun_form, message, multipart, normalise, nowhere, received_at, signed,
    unsigned,
};

/// A letter as each provider would bring it.
fn everywhere(raw: &str) -> Vec<(InboundMessage, Email)> {
    let raw = raw.replace('\n', "\r\n");
    let form = multipart(&[("name=\"email\"", "", raw.as_bytes())]);
    vec![
        message(Channel::Sendgrid, MULTIPART, &form),
        message(
            Channel::Mailgun,
            FORM,
            mailgun_form(&[("body-mime", &raw)]).as_bytes(),
        ),
        message(
            Channel::Postmark,
            JSON,
            json!({ "RawEmail": raw }).to_string().as_bytes(),
        ),
    ]
}

#[test]
fn a_letter_is_the_same_whoever_brings_it() {
    let raw = "From: =?utf-8?q?J=C3=BCrgen?= <J@Customer.example>\nReply-To: desk@customer.example\nTo: support@example.com\n\
        Subject: =?iso-8859-1?q?Caf=E9?=\nMessage-ID: <2@customer.example>\nIn-Reply-To: <1@example.com>\n\
        References: <0@customer.example>\n <1@example.com>\nDate: Sat, 01 Aug 2026 14:00:00 +0200\nMIME-Version: 1.0\n\
        Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: quoted-printable\n\n\
        =F0=F2=E9\n\nOn 31 Jul 2026, we wrote:\n> Hello\n";
    for (message, email) in everywhere(raw) {
        assert_eq!(message.provider_message_id, "2@customer.example");
        assert_eq!(message.sender.external_id, "j@customer.example");
        assert_eq!(message.sender.name.as_deref(), Some("Jürgen"));
        assert_eq!(message.sender.reply_address(), "desk@customer.example");
        assert_eq!(message.reply_to.as_deref(), Some("1@example.com"));
        assert_eq!(message.provider_at.to_string(), "2026-08-01T12:00:00.000Z");
        assert_eq!(email.subject, "Café");
        assert_eq!(email.text, "ПРИ");
        assert_eq!(
            email.quoted.as_deref(),
            Some("On 31 Jul 2026, we wrote:\n> Hello")
        );
        assert_eq!(email.references, ["0@customer.example", "1@example.com"]);
        assert!(!email.auto_reply);
    }
}

#[test]
fn html_alone_becomes_text_and_nothing_in_it_runs() {
    let raw = "From: a@customer.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n\
        <p>Hello <b onclick=\"x()\">you</b></p><script>alert(1)</script><img src=\"https://spy.example/1.gif\">\n";
    for (_, email) in everywhere(raw) {
        assert_eq!(email.text, "Hello you");
        assert_eq!(
            email.html.as_deref().map(str::trim),
            Some("<p>Hello <b>you</b></p>")
        );
    }
}

#[test]
fn every_field_has_its_own_charset() {
    let charsets = r#"{"from":"iso-8859-1","subject":"windows-1251","text":"shift_jis","html":"UTF-8"}"#;
    let body = multipart(&[
        ("name=\"charsets\"", "", charsets.as_bytes()),
        ("name=\"from\"", "", b"Ren\xe9 <rene@customer.example>"),
        ("name=\"subject\"", "", b"\xcf\xf0\xe8\xe2\xe5\xf2"),
        ("name=\"text\"", "", b"\x93\xfa\x96\x7b"),
        ("name=\"html\"", "", "<p>日本</p>".as_bytes()),
    ]);
    let (message, email) = message(Channel::Sendgrid, MULTIPART, &body);
    assert_eq!(message.sender.name.as_deref(), Some("René"));
    assert_eq!((email.subject.as_str(), email.text.as_str()), ("Привет", "日本"));
    assert_eq!(email.html.as_deref(), Some("<p>日本</p>"));
}

#[test]
fn the_provider_says_what_is_new() {
    let body = mailgun_form(&[
        ("from", "ann@customer.example"),
        ("body-plain", "Yes.\r\n\r\n> No?\r\n"),
        ("stripped-text", "Yes."),
    ]);
    let (_, email) = message(Channel::Mailgun, FORM, body.as_bytes());
    assert_eq!(
        (email.text.as_str(), email.quoted.as_deref()),
        ("Yes.", Some("> No?"))
    );
}

/// Mailgun makes a field of each header, whatever its name; its own come last.
#[test]
fn a_header_is_not_taken_for_mailguns_word() {
    let body = mailgun_form(&[
        ("sender", "ann@customer.example"),
        ("event", "delivered"),
        ("Message-Id", "<1@customer.example>"),
        ("from", "ann@customer.example"),
        ("body-plain", "Hello"),
    ]);
    assert_eq!(message(Channel::Mailgun, FORM, body.as_bytes()).1.text, "Hello");
    let signed = signed(Channel::Mailgun, FORM, body.as_bytes());
    let forged = [b"timestamp=1&token=x&signature=y&", signed.body.as_ref()].concat();
    let request = unsigned(FORM, &forged);
    let verdict = find(Channel::Mailgun).verify(&nowhere(Channel::Mailgun), request, received_at());
    assert!(verdict.is_ok(), "{verdict:?}");
    let opened = mailgun_form(&[
        ("event", "opened"),
        ("message-id", "1@x.example"),
        ("body-plain", ""),
        ("event", "a variable"),
    ]);
    let events = normalise(Channel::Mailgun, FORM, opened.as_bytes());
    assert!(matches!(&events[0].event, Event::Status(update) if update.status == MessageStatus::Read));
}

#[test]
fn machines_are_marked() {
    for header in [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "Return-Path: <>",
    ] {
        for (_, email) in everywhere(&format!("From: a@customer.example\n{header}\n\nI am away.\n")) {
            assert!(email.auto_reply, "{header}");
        }
    }
    let bounce = mailgun_form(&[
        ("from", "Mail <bounces@mx.example>"),
        ("sender", ""),
        ("body-plain", "x"),
    ]);
    assert!(message(Channel::Mailgun, FORM, bounce.as_bytes()).1.auto_reply);
    let bounce = multipart(&[
        ("name=\"from\"", "", b"Mail <bounces@mx.example>"),
        (
            "name=\"envelope\"",
            "",
            br#"{"to":["support@example.com"],"from":""}"#,
        ),
    ]);
    assert!(message(Channel::Sendgrid, MULTIPART, &bounce).1.auto_reply);
}

#[test]
fn a_bounce_ends_the_letter_that_came_back() {
    let raw = "From: MAILER-DAEMON@mx.example\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
        --b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
        Final-Recipient: rfc822; nobody@customer.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 No such user\n\n\
        --b\nContent-Type: message/rfc822\n\nFrom: support@example.com\nMessage-ID: <0a129aee@mtasv.net>\nSubject: x\n\nHello\n--b--\n";
    let body = |raw: &str| json!({ "RawEmail": raw.replace('\n', "\r\n") }).to_string();
    let events = normalise(Channel::Postmark, JSON, body(raw).as_bytes());
    let [Event::Message(_), Event::Status(update)] = [&events[0].event, &events[1].event] else {
        panic!("{events:?}");
    };
    assert_eq!(
        (update.provider_message_id.as_str(), update.status),
        ("0a129aee", MessageStatus::Failed)
    );
    let error = update.error.as_ref().unwrap();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("5.1.1", "550 No such user")
    );
    let delayed = raw.replace("Action: failed", "Action: delayed");
    assert_eq!(
        normalise(Channel::Postmark, JSON, body(&delayed).as_bytes()).len(),
        1
    );
}

#[test]
fn what_is_answered_is_named_as_the_provider_knows_it() {
    let answered = |channel, id: &str| {
        let raw = format!("From: a@customer.example\r\nIn-Reply-To: <{id}>\r\n\r\nx");
        let message = match channel {
            Channel::Sendgrid => message(
                channel,
                MULTIPART,
                &multipart(&[("name=email", "", raw.as_bytes())]),
            ),
            Channel::Postmark => message(channel, JSON, json!({ "RawEmail": raw }).to_string().as_bytes()),
            _ => message(channel, FORM, mailgun_form(&[("body-mime", &raw)]).as_bytes()),
        };
        message.0.reply_to.unwrap()
    };
    assert_eq!(answered(Channel::Sendgrid, "abc_-@geopod-ismtpd-6-0"), "abc_-");
    assert_eq!(
        answered(Channel::Sendgrid, "abc@ismtpd0006p1sjc2.sendgrid.net"),
        "abc"
    );
    assert_eq!(answered(Channel::Sendgrid, "abc@example.com"), "abc@example.com");
    assert_eq!(
        answered(Channel::Postmark, "883953f4-6105@mtasv.net"),
        "883953f4-6105"
    );
    assert_eq!(
        answered(Channel::Postmark, "abc@notmtasv.net"),
        "abc@notmtasv.net"
    );
    assert_eq!(
        answered(Channel::Mailgun, "abc@mg.example.com"),
        "abc@mg.example.com"
    );
}

/// In-Reply-To, else the last of References, else what we had put into the address.
#[test]
fn a_thread_is_found_by_whatever_is_left_of_it() {
    let answered = |headers: &str| {
        let found = everywhere(&format!("From: a@customer.example\n{headers}\nx"));
        let ids: Vec<_> = found.into_iter().map(|(message, _)| message.reply_to).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        ids[0].clone()
    };
    assert_eq!(
        answered("References: <1@x> <2@x>\nTo: support+tok@example.com\n").as_deref(),
        Some("2@x")
    );
    assert_eq!(answered("To: support+tok@example.com\n").as_deref(), Some("tok"));
    assert_eq!(
        answered("To: Support <support@example.com>, b+tok@example.com\n").as_deref(),
        Some("tok")
    );
    assert_eq!(answered("To: support@example.com\n"), None);
    let hash = json!({ "From": "a@b.example", "MailboxHash": "tok", "TextBody": "x" });
    let (message, _) = message(Channel::Postmark, JSON, hash.to_string().as_bytes());
    assert_eq!(message.reply_to.as_deref(), Some("tok"));
}

#[test]
fn letters_without_ids_dates_or_names_are_letters() {
    for (message, email) in everywhere("From: a@customer.example\n\nHello") {
        assert_eq!(email.text, "Hello");
        assert_eq!(message.sender.name, None);
        assert!(message.provider_at <= received_at());
        assert!(!message.provider_message_id.is_empty());
    }
    let later = "From: a@customer.example\nDate: Fri, 01 Jan 2100 00:00:00 +0000\n\nHello";
    for (message, _) in everywhere(later) {
        assert_eq!(message.provider_at, received_at(), "their clock is ahead");
    }
    let earlier = "From: a@customer.example\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n\nHello";
    for (message, _) in everywhere(earlier) {
        assert_eq!(message.provider_at, Timestamp::from_secs(1_767_225_600));
    }
}

#[test]
fn nobodys_letter_is_kept_raw() {
    let events = normalise(Channel::Postmark, JSON, br#"{"TextBody":"x"}"#);
    assert!(matches!(&events[0].event, Event::Unsupported { kind, .. } if kind == "inbound"));
    let events = normalise(Channel::Mailgun, FORM, b"body-plain=x");
    assert!(matches!(&events[0].event, Event::Unsupported { kind, .. } if kind == "inbound"));
    let events = normalise(Channel::Sendgrid, MULTIPART, b"--xYzZY--");
    assert!(matches!(&events[0].event, Event::Unsupported { kind, .. } if kind == "inbound"));
}

/// Bodies as real programs write them, each with the beginning of what is folded.
#[test]
fn real_bodies_are_folded_where_the_answer_ends() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/email/fixtures/bodies");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../src/email/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    names.sort();
    assert_eq!(names.len(), 8);
    settings.bind(|| {
        for path in names {
            let body = json!({ "From": "a@b.example", "TextBody": std::fs::read_to_string(&path).unwrap() });
            let (_, email) = message(Channel::Postmark, JSON, body.to_string().as_bytes());
            let shown = json!({ "text": email.text, "quoted": email.quoted });
            insta::assert_json_snapshot!(path.file_stem().unwrap().to_str().unwrap().to_owned(), shown);
        }
    });
}
