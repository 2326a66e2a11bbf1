//! What the providers' own SDKs accept and send, as `sdk/record.mjs` recorded it.

use std::collections::BTreeMap;

use http::HeaderName;
use serde::Deserialize;
use serde_json::Value;
use switchboard_connectors::{Outgoing, Rejected, Thread, find};
use switchboard_domain::{Channel, Content, Secret};

use crate::{
    account::{JSON, account, nowhere, received_at, unsigned},
    provider::{Provider, Request},
    wire::{fields, outgoing, send},
};

#[derive(Deserialize)]
struct Recorded {
    proofs: Vec<Proof>,
    requests: Vec<Sent>,
}

#[derive(Deserialize)]
struct Proof {
    name: String,
    secret: String,
    headers: BTreeMap<String, String>,
    body: String,
    valid: bool,
}

#[derive(Deserialize)]
struct Sent {
    channel: Channel,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Value,
}

fn recorded() -> Recorded {
    serde_json::from_str(include_str!("sdk/recorded.json")).unwrap()
}

#[test]
fn sendgrids_sdk_and_we_accept_the_same() {
    let proofs = recorded().proofs;
    assert!(proofs.iter().any(|proof| proof.valid) && proofs.iter().any(|proof| !proof.valid));
    for proof in proofs {
        let mut request = unsigned(JSON, proof.body.as_bytes());
        for (name, value) in &proof.headers {
            request
                .headers
                .insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let mut account = nowhere(Channel::Sendgrid);
        account.secrets.0 = [("signing_secret".to_owned(), Secret::new(proof.secret))].into();
        match find(Channel::Sendgrid).verify(&account, request, received_at()) {
            Ok(_) => assert!(proof.valid, "{}", proof.name),
            Err(Rejected::Unauthenticated(_)) => assert!(!proof.valid, "{}", proof.name),
            Err(other) => panic!("{}: {other}", proof.name),
        }
    }
}

fn letter() -> Outgoing {
    Outgoing {
        thread: Some(Thread {
            subject: Some("Café".to_owned()),
            message_id: Some("2@customer.example".to_owned()),
            references: vec!["1@customer.example".to_owned()],
        }),
        ..outgoing(Content::text("An answer 😀"))
    }
}

/// A form's fields as one object; an object as it is.
fn body(channel: Channel, request: &Request) -> Value {
    if channel == Channel::Mailgun {
        let fields = fields(request).into_iter();
        Value::Object(fields.map(|(name, value)| (name, value.into())).collect())
    } else {
        request.json()
    }
}

#[tokio::test]
async fn the_sdks_and_we_send_the_same() {
    let requests = recorded().requests;
    assert_eq!(requests.len(), 3);
    for expected in requests {
        let channel = expected.channel;
        let (status, answer) = find(channel).counterpart().accepts();
        let mut provider = Provider::answering(status, "", answer).await;
        send(&account(channel, &provider.url()), &letter()).await.unwrap();
        let request = provider.requests.recv().await.unwrap();
        let line = format!("{} {} HTTP/1.1\r\n", expected.method, expected.path);
        assert!(request.head.starts_with(&line), "{}", request.head);
        for (name, value) in &expected.headers {
            let header = format!("\r\n{name}: {value}\r\n");
            assert!(request.head.contains(&header), "{header}: {}", request.head);
        }
        assert_eq!(body(channel, &request), expected.body, "{channel}");
    }
}
