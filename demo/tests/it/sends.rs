//! The send side: what is accepted, what is refused, and in which words.

use serde_json::{Value, json};
use switchboard_demo::Kind;

use crate::hub::{CUSTOMER, text_to, world};

#[tokio::test]
async fn a_good_message_is_recorded_and_answered_like_the_real_one() {
    let world = world(|_| {}).await;
    let mut body = text_to("+1 650-555-1234", "hello");
    body["biz_opaque_callback_data"] = "m-1".into();
    let (status, answer) = world.send(&body).await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["messaging_product"], "whatsapp");
    assert_eq!(
        answer["contacts"],
        json!([{"input": "+1 650-555-1234", "wa_id": CUSTOMER}])
    );
    let wamid = answer["messages"][0]["id"].as_str().unwrap();
    assert!(wamid.starts_with("wamid.HBgLMTY1MDU1NTEyMzQVAgARGB"), "{wamid}");
    let sent = world.fake.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].wamid.as_deref(), Some(wamid));
    assert_eq!(sent[0].body, body);
    assert_eq!(sent[0].text(), Some("hello"));
    assert_eq!(
        sent[0].authorization.as_deref(),
        Some("Bearer demo-whatsapp-token")
    );
    world.fake.clear();
    assert!(world.fake.sent().is_empty());
}

async fn refusal(world: &crate::hub::World, body: &Value) -> (u16, u64, String) {
    let (status, answer) = world.send(body).await.unwrap();
    let error = &answer["error"];
    assert!(
        error["fbtrace_id"].as_str().is_some_and(|id| id.starts_with('A')),
        "{answer}"
    );
    assert!(
        error["type"].is_string() && error["message"].is_string(),
        "{answer}"
    );
    (status, error["code"].as_u64().unwrap(), answer.to_string())
}

#[tokio::test]
async fn bad_messages_are_refused_with_the_real_codes() {
    let world = world(|options| options.templates = Some(vec!["hello_world".to_owned()])).await;
    let with = |kind: &str, object: Value| json!({"messaging_product": "whatsapp", "to": CUSTOMER, "type": kind, kind: object});
    let buttons = |titles: &[&str]| {
        let buttons: Vec<_> = titles
            .iter()
            .enumerate()
            .map(|(n, title)| json!({"type": "reply", "reply": {"id": n.to_string(), "title": title}}))
            .collect();
        with(
            "interactive",
            json!({"type": "button", "body": {"text": "?"}, "action": {"buttons": buttons}}),
        )
    };
    let cases = [
        (
            "no product",
            json!({"to": CUSTOMER, "type": "text", "text": {"body": "x"}}),
            100,
        ),
        (
            "no recipient",
            json!({"messaging_product": "whatsapp", "text": {"body": "x"}}),
            100,
        ),
        ("not a number", text_to("nobody", "x"), 131_009),
        ("ourselves", text_to("15550783881", "x"), 131_021),
        ("empty text", with("text", json!({"body": ""})), 131_008),
        ("text of 4097", text_to(CUSTOMER, &"é".repeat(4097)), 100),
        ("unknown type", with("hologram", json!({})), 100),
        (
            "no object",
            json!({"messaging_product": "whatsapp", "to": CUSTOMER, "type": "image"}),
            131_008,
        ),
        ("no file", with("image", json!({"caption": "x"})), 131_008),
        ("unknown file", with("image", json!({"id": "12345"})), 131_009),
        (
            "bad link",
            with("image", json!({"link": "file:///etc/passwd"})),
            131_009,
        ),
        (
            "long caption",
            with(
                "image",
                json!({"link": "https://x.test/a.png", "caption": "x".repeat(1025)}),
            ),
            100,
        ),
        ("four buttons", buttons(&["a", "b", "c", "d"]), 131_009),
        ("long button", buttons(&["a title longer than twenty"]), 100),
        (
            "unknown template",
            with("template", json!({"name": "nope", "language": {"code": "en"}})),
            132_001,
        ),
        (
            "no emoji",
            with("reaction", json!({"message_id": "wamid.x"})),
            131_008,
        ),
    ];
    for (what, body, code) in cases {
        let (status, found, answer) = refusal(&world, &body).await;
        assert_eq!(found, code, "{what}: {answer}");
        assert!((400..500).contains(&status), "{what}: {status}");
    }
    for body in [
        text_to(CUSTOMER, &"é".repeat(4096)),
        buttons(&["a", "b", "c"]),
        with(
            "template",
            json!({"name": "hello_world", "language": {"code": "en"}}),
        ),
        with("location", json!({"latitude": 1.5, "longitude": 2.5})),
    ] {
        assert_eq!(world.send(&body).await.unwrap().0, 200, "{body}");
    }
    assert_eq!(world.fake.messages().len(), 4);
    assert_eq!(world.fake.sent().len(), 20, "refused calls are recorded too");
}

#[tokio::test]
async fn the_token_and_the_number_come_first() {
    let world = world(|_| {}).await;
    let body = text_to(CUSTOMER, "x");
    let none = world
        .client
        .post(world.messages_url())
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(none.status().as_u16(), 401);
    let wrong = world
        .client
        .post(world.messages_url())
        .bearer_auth("stolen")
        .json(&body);
    let wrong = wrong.send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 401);
    assert_eq!(wrong.json::<Value>().await.unwrap()["error"]["code"], 190);
    let other = world.url("/v23.0/999/messages");
    let other = world
        .client
        .post(other)
        .bearer_auth("demo-whatsapp-token")
        .json(&body);
    let other = other.send().await.unwrap();
    assert_eq!(other.status().as_u16(), 400);
    let error = &other.json::<Value>().await.unwrap()["error"];
    assert_eq!(
        (&error["code"], &error["error_subcode"]),
        (&json!(100), &json!(33))
    );
    assert!(world.fake.messages().is_empty());
}

#[tokio::test]
async fn read_receipts_succeed_and_are_told_apart() {
    let world = world(|_| {}).await;
    let receipt = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"});
    assert_eq!(
        world.send(&receipt).await.unwrap(),
        (200, json!({"success": true}))
    );
    assert_eq!(world.fake.sent()[0].kind, Kind::ReadReceipt);
    let broken = json!({"messaging_product": "whatsapp", "status": "read"});
    assert_eq!(refusal(&world, &broken).await.1, 131_008);
}

#[tokio::test]
async fn the_numbers_throughput_is_limited() {
    let world = world(|options| options.messages_per_second = 3).await;
    let mut refused = 0;
    for _ in 0..6 {
        let (status, answer) = world.send_text("x").await;
        if status == 429 {
            assert_eq!(answer["error"]["code"], 130_429);
            refused += 1;
        }
    }
    assert!(refused >= 2, "{refused}");
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let options = switchboard_demo::FakeGraphOptions::quiet("http://127.0.0.1:1");
    assert!(
        switchboard_demo::FakeGraph::start(([0, 0, 0, 0], 0).into(), options)
            .await
            .is_err()
    );
}
