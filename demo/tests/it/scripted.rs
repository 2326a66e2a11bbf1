//! Answers on demand: errors, throttling, silence, cut connections.

use std::time::Duration;

use serde_json::json;
use switchboard_demo::Scripted;

use crate::hub::{CUSTOMER, eventually, text_to, world};

#[tokio::test]
async fn answers_come_in_the_order_of_the_script_and_then_as_usual() {
    let world = world(|_| {}).await;
    world.fake.script([
        Scripted::Error {
            code: 131_056,
            http: None,
        },
        Scripted::Error {
            code: 2,
            http: Some(503),
        },
        Scripted::RateLimited,
        Scripted::NonJson { http: None },
    ]);
    // A read receipt doesn't use the script up.
    let receipt = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"});
    assert_eq!(world.send(&receipt).await.unwrap().0, 200);
    let mut answers = Vec::new();
    for _ in 0..5 {
        let (status, answer) = world.send_text("x").await;
        answers.push((status, answer["error"]["code"].as_u64()));
    }
    let wanted = [
        (400, Some(131_056)),
        (503, Some(2)),
        (429, Some(130_429)),
        (502, None),
        (200, None),
    ];
    assert_eq!(answers, wanted);
    assert_eq!(world.fake.messages().len(), 1);
}

#[tokio::test]
async fn a_cut_connection_gives_no_byte_of_an_answer() {
    let world = world(|_| {}).await;
    world
        .fake
        .script([Scripted::CutConnection, Scripted::AcceptButCut]);
    let body = text_to(CUSTOMER, "first");
    assert!(world.send(&body).await.is_err());
    assert!(world.fake.messages().is_empty());
    assert_eq!(world.fake.sent()[0].http, None);
    assert!(world.send(&text_to(CUSTOMER, "second")).await.is_err());
    assert_eq!(
        world.fake.messages()[0].text(),
        Some("second"),
        "accepted, though nobody was told"
    );
    assert_eq!(world.send_text("third").await.0, 200);
}

#[tokio::test]
async fn silence_lasts_until_the_caller_hangs_up() {
    let world = world(|_| {}).await;
    world.fake.script([Scripted::Timeout, Scripted::AcceptButTimeout]);
    for accepted in [0, 1] {
        let request = world
            .client
            .post(world.messages_url())
            .bearer_auth("demo-whatsapp-token")
            .timeout(Duration::from_millis(150))
            .json(&text_to(CUSTOMER, "x"));
        assert!(request.send().await.unwrap_err().is_timeout());
        assert_eq!(world.fake.messages().len(), accepted);
    }
}

#[tokio::test]
async fn a_status_can_come_before_the_answer() {
    let world = world(|_| {}).await;
    world.fake.script([Scripted::StatusFirst]);
    let (_, answer) = world.send_text("x").await;
    let wamid = answer["messages"][0]["id"].as_str().unwrap().to_owned();
    // No waiting: it had to be there before the answer.
    assert_eq!(world.hub.statuses(), [(wamid, "sent".to_owned(), None)]);
}

#[tokio::test]
async fn accepted_can_still_fail() {
    let world = world(|_| {}).await;
    world.fake.script([Scripted::AcceptThenFail { code: 131_026 }]);
    assert_eq!(world.send_text("x").await.0, 200);
    let failed = eventually("the failure", || world.hub.statuses().pop()).await;
    assert_eq!((failed.1.as_str(), failed.2), ("failed", Some(131_026)));
    assert!(world.fake.chat(CUSTOMER).is_empty(), "the customer never got it");
}
