//! What the provider's own SDK, or the most used one, accepts and sends, as `sdk/record.mjs` recorded it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_connectors::{RawRequest, Rejected};
use switchboard_domain::{Content, Media, Secret};

use crate::{
    account::{NAME, account, connector, received_at},
    outcomes::{outgoing, sent},
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
    name: String,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    /// Headers whose value is the sender's to choose.
    #[serde(default)]
    present: Vec<String>,
    body: Value,
}

fn recorded() -> Recorded {
    let path = format!("{}/tests/{NAME}/sdk/recorded.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_sdk_and_we_accept_the_same() {
    let proofs = recorded().proofs;
    assert!(proofs.iter().any(|proof| proof.valid) && proofs.iter().any(|proof| !proof.valid));
    for proof in proofs {
        let mut headers = HeaderMap::new();
        for (name, value) in &proof.headers {
            headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let request = RawRequest {
            method: Method::POST,
            url: String::new(),
            query: String::new(),
            headers,
            body: Bytes::from(proof.body),
        };
        let mut account = account(None);
        account.secrets.0 = [("signing_secret".to_owned(), Secret::new(proof.secret))].into();
        let verdict = connector().verify(&account, request, received_at());
        match verdict {
            Ok(_) => assert!(proof.valid, "{}", proof.name),
            Err(error) => {
                assert!(
                    matches!(error, Rejected::Unauthenticated(_)),
                    "{}: {error}",
                    proof.name
                );
                assert!(!proof.valid, "{}", proof.name);
            }
        }
    }
}

fn content(name: &str) -> Content {
    let text = |text: &str| Some(text.to_owned());
    let link = Media {
        url: text("https://example.com/file"),
        ..Media::default()
    };
    let place = |name: Option<&str>, address: Option<&str>| Content::Location {
        latitude: 50.5,
        longitude: 6.25,
        name: name.map(str::to_owned),
        address: address.map(str::to_owned),
    };
    match name {
        "text" => Content::text("café 😀"),
        // LINE's pictures have no words.
        "image" if NAME == "line" => Content::Image(link),
        "image" => Content::Image(Media {
            text: text("look"),
            ..link
        }),
        "video" => Content::Video(link),
        "audio" => Content::Audio(link),
        "voice" => Content::Audio(Media {
            voice: Some(true),
            ..link
        }),
        "document" => Content::Document(link),
        "sticker" => {
            let id = match NAME {
                "line" => "446/1988",
                "viber" => "46105",
                _ => "S",
            };
            Content::Sticker(Media {
                id: text(id),
                ..Media::default()
            })
        }
        "location" => place(None, None),
        "venue" => place(Some("Shop"), Some("1 High St")),
        "contact" => Content::Contacts {
            text: "Ann".to_owned(),
            contacts: vec![match NAME {
                "viber" => json!({ "name": "Ann", "phone_number": "123" }),
                _ => json!({ "first_name": "Ann", "phone_number": "123" }),
            }],
        },
        "buttons" => Content::Interactive {
            text: "Choose".to_owned(),
            body: json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] }),
        },
        other => panic!("no content is named {other}"),
    }
}

/// What the SDK says is said by us as well; a null says nothing.
fn says(ours: &Value, sdks: &Value) -> bool {
    match sdks {
        Value::Null => true,
        Value::Object(members) => members.iter().all(|(name, value)| says(&ours[name], value)),
        Value::Array(items) => {
            let ours = ours.as_array();
            ours.is_some_and(|ours| {
                ours.len() == items.len() && ours.iter().zip(items).all(|(a, b)| says(a, b))
            })
        }
        other => ours == other,
    }
}

#[tokio::test]
async fn the_sdk_and_we_send_the_same() {
    let requests = recorded().requests;
    assert!(requests.len() >= 4);
    for request in requests {
        let ours = sent(&outgoing(content(&request.name))).await;
        assert_eq!(
            ours.line(),
            format!("{} {} HTTP/1.1", request.method, request.path),
            "{}",
            request.name
        );
        for (name, value) in &request.headers {
            assert_eq!(ours.header(name), Some(value.as_str()), "{}", request.name);
        }
        for name in &request.present {
            assert!(ours.header(name).is_some(), "{}: {name}", request.name);
        }
        assert!(
            says(&ours.body, &request.body),
            "{}: {} and {}",
            request.name,
            ours.body,
            request.body
        );
    }
}
