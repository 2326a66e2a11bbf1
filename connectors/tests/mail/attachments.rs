//! Files inside webhooks: listed with the letter, and taken out of the stored request.

use serde_json::json;
use switchboard_connectors::{
    Event, SendDecision, email, find, http_client,
    signature::{Encoding, hmac_sha256},
};
use switchboard_domain::{Channel, Content, Media};

use crate::{
    account::{
        CHANNELS, FORM, JSON, MULTIPART, account, mailgun_form, message, multipart, nowhere, received_at,
        unsigned, verify,
    },
    fixtures::inbound,
    provider::Provider,
};

fn listed(channel: Channel, content_type: &str, body: &[u8]) -> Vec<Media> {
    message(channel, content_type, body).1.attachments
}

#[test]
fn of_sendgrids_form() {
    let body = multipart(&[
        ("name=\"from\"", "", b"Ann <ann@customer.example>"),
        (
            "name=\"attachment1\"; filename=\"a.bin\"",
            "Content-Type: application/x-a\r\n",
            b"\x00\xff\r\n--x",
        ),
        ("name=\"text\"", "", b"see both"),
        (
            "name=\"attachment2\"; filename=\"b c.txt\"",
            "Content-Type: text/plain\r\n",
            b"b",
        ),
    ]);
    let files = listed(Channel::Sendgrid, MULTIPART, &body);
    let names: Vec<_> = files
        .iter()
        .map(|file| file.file_name.as_deref().unwrap())
        .collect();
    assert_eq!(names, ["a.bin", "b c.txt"]);
    let stored = verify(Channel::Sendgrid, MULTIPART, &body).unwrap().to_stored();
    let first = email::attachment(&stored, email::number(&files[0]).unwrap()).unwrap();
    assert_eq!(first.bytes.as_ref(), b"\x00\xff\r\n--x");
    assert_eq!(first.mime_type.as_deref(), Some("application/x-a"));
    let second = email::attachment(&stored, email::number(&files[1]).unwrap()).unwrap();
    assert_eq!(second.bytes.as_ref(), b"b");
    assert_eq!(email::attachment(&stored, 2), None);
}

/// Mailgun's forms are multipart where a letter has files; pictures in its HTML are files as well.
#[test]
fn of_mailguns_form() {
    let channel = Channel::Mailgun;
    let account = nowhere(channel);
    let code = hmac_sha256(
        account.secrets.signing_secret().unwrap(),
        b"1790000000t",
        Encoding::LowerHex,
    );
    let body = multipart(&[
        ("name=\"recipient\"", "", b"support@mg.example.com"),
        ("name=\"from\"", "", b"Ann <ann@customer.example>"),
        ("name=\"body-plain\"", "", b"see both"),
        ("name=\"attachment-count\"", "", b"2"),
        ("name=\"content-id-map\"", "", br#"{"<pic>": "attachment-1"}"#),
        (
            "name=\"attachment-1\"; filename=\"pic.png\"",
            "Content-Type: image/png\r\n",
            b"\x89PNG\r\n",
        ),
        (
            "name=\"attachment-2\"; filename=\"café.pdf\"",
            "Content-Type: application/pdf\r\n",
            b"%PDF",
        ),
        ("name=\"timestamp\"", "", b"1790000000"),
        ("name=\"token\"", "", b"t"),
        ("name=\"signature\"", "", code.as_bytes()),
    ]);
    let verified = find(channel)
        .verify(&account, unsigned(MULTIPART, &body), received_at())
        .unwrap();
    let stored = verified.to_stored();
    let Event::Message(message) = find(channel).normalise(&verified, received_at()).remove(0).event else {
        panic!("not a message");
    };
    let Content::Email(letter) = message.content else {
        panic!("not a letter");
    };
    assert_eq!(letter.text, "see both");
    let files: Vec<_> = (letter.attachments.iter())
        .map(|file| email::attachment(&stored, email::number(file).unwrap()).unwrap())
        .collect();
    let names: Vec<_> = files
        .iter()
        .map(|file| file.file_name.as_deref().unwrap())
        .collect();
    assert_eq!(names, ["pic.png", "café.pdf"]);
    assert_eq!(files[0].bytes.as_ref(), b"\x89PNG\r\n");
    assert_eq!(files[1].mime_type.as_deref(), Some("application/pdf"));
}

#[test]
fn of_a_whole_letter() {
    let payload = inbound(Channel::Sendgrid)
        .into_iter()
        .find(|payload| payload.name == "inbound-raw-data-with-attachments")
        .unwrap();
    let files = listed(Channel::Sendgrid, payload.content_type, &payload.body);
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].mime_type.as_deref(), Some("image/jpeg"));
    let stored = verify(Channel::Sendgrid, payload.content_type, &payload.body)
        .unwrap()
        .to_stored();
    let file = email::attachment(&stored, 0).unwrap();
    assert!(file.bytes.starts_with(b"\xff\xd8\xff"), "a JPEG");
    assert_eq!(file.file_name.as_deref(), Some("SendGrid.jpg"));
}

#[test]
fn a_letter_within_is_a_file() {
    let raw = "From: a@customer.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\n\r\nSee below.\r\n--b\r\nContent-Type: Message/RFC822; name=old.eml\r\n\r\nSubject: Old\r\n\r\nHi\r\n--b--\r\n";
    let body = multipart(&[("name=\"email\"", "", raw.as_bytes())]);
    let (_, letter) = message(Channel::Sendgrid, MULTIPART, &body);
    assert_eq!(letter.text, "See below.");
    assert_eq!(letter.attachments.len(), 1);
    let stored = verify(Channel::Sendgrid, MULTIPART, &body).unwrap().to_stored();
    let file = email::attachment(&stored, 0).unwrap();
    assert_eq!(file.bytes.as_ref(), b"Subject: Old\r\n\r\nHi");
    assert_eq!(file.mime_type.as_deref(), Some("message/rfc822"));
    assert_eq!(file.file_name.as_deref(), Some("old.eml"));
}

#[test]
fn of_postmarks_object() {
    let body = include_bytes!("../../src/postmark/fixtures/inbound/webhookdb-inbound-1.json");
    let files = listed(Channel::Postmark, JSON, body);
    assert_eq!(files[0].file_name.as_deref(), Some("test.txt"));
    let stored = verify(Channel::Postmark, JSON, body).unwrap().to_stored();
    let file = email::attachment(&stored, 0).unwrap();
    assert_eq!(
        file.bytes.as_ref(),
        b"This is attachment contents, base-64 encoded."
    );
    assert_eq!(email::attachment(&stored, 1), None);
}

#[tokio::test]
async fn what_came_along_is_not_asked_for() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = http_client().unwrap();
    let media = |id: Option<&str>, url: Option<&str>| Media {
        id: id.map(str::to_owned),
        url: url.map(str::to_owned),
        ..Media::default()
    };
    for channel in CHANNELS {
        for (media, code) in [
            (media(Some("attachment-0"), None), "media_in_webhook"),
            (
                media(None, Some("https://mailgun.net.attacker.example/x")),
                "media_elsewhere",
            ),
            (
                media(None, Some("http://storage.api.mailgun.net/x")),
                "media_elsewhere",
            ),
            (
                media(None, Some("https://api.mailgun.net@attacker.example/x")),
                "media_elsewhere",
            ),
            (media(None, None), "media_elsewhere"),
        ] {
            let error = find(channel)
                .fetch_media(&http, &nowhere(channel), &media)
                .await
                .unwrap_err();
            assert_eq!(
                (error.decision, error.code.as_str()),
                (SendDecision::GiveUp, code),
                "{channel}"
            );
        }
    }
}

/// A route that stores letters tells where; Mailgun gives them to holders of the key.
#[tokio::test]
async fn what_mailgun_keeps_is_fetched_with_the_key() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut provider = Provider::answering(200, "", "the file").await;
    let list = json!([{ "url": format!("{}/v3/domains/x/messages/k/attachments/0", provider.url()), "content-type": "text/plain", "name": "a.txt", "size": 8 }]);
    let body = mailgun_form(&[
        ("from", "ann@customer.example"),
        ("attachments", &list.to_string()),
    ]);
    let files = listed(Channel::Mailgun, FORM, body.as_bytes());
    let account = account(Channel::Mailgun, &provider.url());
    let file = find(Channel::Mailgun)
        .fetch_media(&http_client().unwrap(), &account, &files[0])
        .await
        .unwrap();
    assert_eq!(file.bytes.as_ref(), b"the file");
    assert_eq!(file.file_name.as_deref(), Some("a.txt"));
    let request = provider.requests.recv().await.unwrap();
    assert!(
        request.head.to_lowercase().contains("authorization: basic "),
        "{}",
        request.head
    );
}
