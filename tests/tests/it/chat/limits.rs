//! What isn't the protocol, and what is too much of it.

use serde_json::json;
use switchboard_tests::tungstenite::Message;
use switchboard_tests::{Hub, HubOptions, Isolated, Visitor, eventually, visitor::message};

use super::{SOON, conversation, enter, open_chat, thread};
use crate::world::World;

#[tokio::test]
async fn nonsense_is_told_and_the_chat_goes_on() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let mut visitor = enter(&desk, json!({})).await;
    let nonsense = [
        Message::text("garbage"),
        Message::text(""),
        Message::text("[]"),
        Message::text(r#"{"type":"dance"}"#),
        Message::text(r#"{"type":"message"}"#),
        Message::text(r#"{"type":"read","up_to":{"$gt":""}}"#),
        Message::text(json!({ "type": "hello" }).to_string()),
        Message::binary(vec![0, 159, 146, 150]),
    ];
    let count = nonsense.len();
    for frame in nonsense {
        visitor.send(frame).await;
    }
    let unfit = [
        ("bad_id", message("", "x")),
        ("bad_id", message("a:b", "x")),
        ("bad_id", message(&"a".repeat(65), "x")),
        ("empty", message("m", " \n")),
        ("too_long", message("m", &"x".repeat(10_001))),
    ];
    for (_, frame) in &unfit {
        visitor.say(frame).await;
    }
    visitor.write("still here").await;
    let frames = visitor.frames();
    let codes = frames.iter().filter_map(|frame| frame["code"].as_str());
    let expected = std::iter::repeat_n("bad_frame", count).chain(unfit.iter().map(|(code, _)| *code));
    assert_eq!(codes.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let conversation = conversation(&desk.admin, &visitor.id()).await;
    // A conversation is there a moment before its first message.
    eventually("what was written", SOON, async || {
        !thread(&desk.admin, &conversation).await.is_empty()
    })
    .await;
    assert_eq!(thread(&desk.admin, &conversation).await.len(), 1);
}

#[tokio::test]
async fn too_large_a_frame_or_no_hello_ends_the_connection() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({})).await;
    let mut visitor = enter(&desk, json!({})).await;
    visitor.say(&message("m", &"x".repeat(70_000))).await;
    assert_eq!(visitor.ended().await, 1009);
    let mut rude = Visitor::connect(desk.url(), &desk.name, None).await.unwrap();
    rude.say(&message("m", "no hello")).await;
    assert_eq!(rude.error().await["code"], "hello_expected");
    assert_eq!(rude.ended().await, 1008);
}

#[tokio::test]
async fn who_writes_too_fast_is_told_when_to_go_on_and_loses_nothing() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner)
        .with("SWITCHBOARD_CHAT__MESSAGES_PER_MINUTE", "120")
        .with("SWITCHBOARD_CHAT__MESSAGE_BURST", "3");
    let hub = Hub::start(options).await;
    let desk = switchboard_tests::Desk::open(hub.url(), "http://127.0.0.1:9").await;
    open_chat(&desk, json!({})).await;
    let mut visitor = enter(&desk, json!({})).await;
    let ids: Vec<String> = (0..8).map(|nth| format!("m-{nth}")).collect();
    for id in &ids {
        visitor.say(&message(id, id)).await;
    }
    let error = visitor.error().await;
    assert_eq!(error["code"], "rate_limited");
    let wait = error["retry_after_ms"].as_u64().unwrap();
    assert!((1..=500).contains(&wait), "{wait}");
    assert!(ids.contains(&error["id"].as_str().unwrap().to_owned()));
    // As the widget does: again, under the same id, until it is taken.
    for id in &ids {
        eventually(&format!("{id} is taken"), SOON, async || {
            visitor.say(&message(id, id)).await;
            visitor
                .frames()
                .iter()
                .any(|frame| frame["type"] == "ack" && frame["id"] == id.as_str())
        })
        .await;
    }
    let conversation = conversation(&desk.admin, &visitor.id()).await;
    eventually("all of them, once", SOON, async || {
        thread(&desk.admin, &conversation).await.len() == ids.len()
    })
    .await;
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner).with("SWITCHBOARD_CHAT__IP_CONNECTIONS", "2");
    let hub = Hub::start(options).await;
    let desk = switchboard_tests::Desk::open(hub.url(), "http://127.0.0.1:9").await;
    open_chat(&desk, json!({})).await;
    let one = enter(&desk, json!({})).await;
    let _two = enter(&desk, json!({})).await;
    let three = Visitor::knock(desk.url(), &desk.name, json!({})).await;
    assert_eq!(three.error().await["code"], "too_many_connections");
    assert_eq!(three.ended().await, 4429);
    drop(one);
    eventually("a place is free", SOON, async || {
        let again = Visitor::connect(desk.url(), &desk.name, None).await.unwrap();
        let mut again = again;
        again.say(&json!({ "type": "hello" })).await;
        let told = again.frame("an answer", |_| true).await;
        told["type"] == "welcome"
    })
    .await;
}
