//! The phone's page and its calls.

use std::collections::HashSet;

use serde_json::{Value, json};
use switchboard_demo::EntryState;

use crate::hub::{CUSTOMER, World, eventually, world};

async fn send(world: &World, extra: &Value) -> (u16, Value) {
    let mut body =
        json!({"from": CUSTOMER, "name": "Ana", "message": {"type": "text", "text": {"body": "hi"}}});
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    let request = world.client.post(world.url("/_phone/send")).json(&body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn the_page_is_self_contained_and_forbids_the_rest() {
    let world = world(|_| {}).await;
    let page = world.client.get(world.fake.url()).send().await.unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    let html = page.text().await.unwrap();
    for file in ["/phone.css", "/phone.js"] {
        assert!(html.contains(file), "{file}");
        let asset = world.client.get(world.url(file)).send().await.unwrap();
        assert!(asset.status().is_success() && asset.content_length() > Some(500));
    }
}

#[tokio::test]
async fn a_burst_arrives_in_the_order_it_was_typed() {
    let world = world(|_| {}).await;
    let (status, answer) = send(&world, &json!({"burst": 20})).await;
    assert_eq!((status, answer["ids"].as_array().unwrap().len()), (202, 20));
    let webhooks = eventually("20 webhooks", || {
        Some(world.hub.webhooks()).filter(|webhooks| webhooks.len() == 20)
    })
    .await;
    let texts: Vec<_> = webhooks
        .iter()
        .map(|webhook| webhook.message()["text"]["body"].clone())
        .collect();
    let wanted: Vec<_> = (1..=20).map(|nth| json!(format!("hi ({nth} of 20)"))).collect();
    assert_eq!(texts, wanted);
}

#[tokio::test]
async fn a_duplicate_is_the_same_webhook_and_one_bubble() {
    let world = world(|_| {}).await;
    send(&world, &json!({"copies": 2})).await;
    let webhooks = eventually("two webhooks", || {
        Some(world.hub.webhooks()).filter(|webhooks| webhooks.len() == 2)
    })
    .await;
    assert_eq!(webhooks[0].raw, webhooks[1].raw);
    assert_eq!(world.fake.chat(CUSTOMER).len(), 1);
}

#[tokio::test]
async fn a_refusal_is_shown_with_the_hubs_answer() {
    let world = world(|_| {}).await;
    world.hub.answer([401]);
    send(&world, &json!({"signing": "missing"})).await;
    let entry = eventually("the refusal", || {
        world
            .fake
            .chat(CUSTOMER)
            .pop()
            .filter(|entry| entry.state == EntryState::Refused)
    })
    .await;
    assert_eq!(entry.hub_status, Some(401));
    assert_eq!(send(&world, &json!({"from": "not a number"})).await.0, 422);
}

#[tokio::test]
async fn looking_at_the_chat_reads_what_the_hub_sent() {
    let world = world(|_| {}).await;
    for text in ["one", "two"] {
        world.send_text(text).await;
    }
    let seen = world.url(&format!("/_phone/{CUSTOMER}/seen"));
    for _ in 0..2 {
        world.client.post(&seen).send().await.unwrap();
    }
    let statuses = eventually("two read statuses", || {
        Some(world.hub.statuses()).filter(|statuses| statuses.len() == 2)
    })
    .await;
    assert!(statuses.iter().all(|status| status.1 == "read"));
    let distinct: HashSet<_> = statuses.iter().map(|status| &status.0).collect();
    assert_eq!(distinct.len(), 2, "each was read once");
}

#[tokio::test]
async fn a_picture_can_be_fetched_by_page_and_hub() {
    let world = world(|_| {}).await;
    let made = world
        .client
        .post(world.url("/_phone/picture"))
        .send()
        .await
        .unwrap();
    let picture: Value = made.json().await.unwrap();
    let url = world.url(&format!("/_phone/media/{}", picture["id"].as_str().unwrap()));
    let bytes = world.client.get(url).send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
}
