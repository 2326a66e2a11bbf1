//! The webhooks: bytes, signatures, repeats, statuses, the 24-hour window.

use std::time::Duration;

use serde_json::json;
use switchboard_demo::{CustomerMessage, EntryState, Signing, Statuses};
use switchboard_domain::Timestamp;

use crate::hub::{CUSTOMER, eventually, text_to, world};

const SECRET: &str = "demo-whatsapp-secret";

#[tokio::test]
async fn a_customers_message_is_signed_over_its_exact_escaped_bytes() {
    let world = world(|_| {}).await;
    let mut message = CustomerMessage::text(CUSTOMER, "Zoë", "¿Qué tal? 😀 a/b");
    message.at = Some(Timestamp::from_millis(1_760_000_000_999));
    let posted = world.fake.post_message(&message).await;
    assert!(posted.accepted() && posted.attempts == 1, "{posted:?}");
    let webhook = &world.hub.webhooks()[0];
    assert!(webhook.is_signed_with(SECRET));
    assert!(webhook.raw.is_ascii());
    assert!(String::from_utf8_lossy(&webhook.raw).contains(r"\ud83d\ude00 a\/b"));
    let value = &webhook.body["entry"][0]["changes"][0]["value"];
    assert_eq!(
        value["contacts"],
        json!([{"profile": {"name": "Zoë"}, "wa_id": CUSTOMER}])
    );
    assert_eq!(value["metadata"]["phone_number_id"], "106540352242922");
    let found = webhook.message();
    assert_eq!(found["text"]["body"], "¿Qué tal? 😀 a/b");
    assert_eq!(
        (&found["from"], &found["timestamp"]),
        (&json!(CUSTOMER), &json!("1760000000"))
    );
    assert_eq!(found["id"], posted.wamid.unwrap());
}

#[tokio::test]
async fn bad_signatures_are_as_asked_and_never_repeated() {
    let world = world(|_| {}).await;
    world.hub.answer([401, 401, 401]);
    for signing in [Signing::Missing, Signing::WrongSecret, Signing::Reserialised] {
        let message = CustomerMessage::text(CUSTOMER, "Eve", "pay me");
        let posted = world.fake.post_message_signed(&message, signing).await;
        assert_eq!((posted.http, posted.attempts), (Some(401), 1));
    }
    let webhooks = world.hub.webhooks();
    assert_eq!(webhooks.len(), 3);
    assert!(webhooks.iter().all(|webhook| !webhook.is_signed_with(SECRET)));
    assert_eq!(
        webhooks
            .iter()
            .filter(|webhook| webhook.signature.is_none())
            .count(),
        1
    );
    assert!(
        world
            .fake
            .chat(CUSTOMER)
            .iter()
            .all(|entry| entry.state == EntryState::Refused)
    );
}

#[tokio::test]
async fn what_isnt_taken_is_posted_again_byte_for_byte_and_not_forever() {
    let world = world(|_| {}).await;
    world.hub.answer([503, 500, 200, 503, 503, 503]);
    let posted = world
        .fake
        .post_message(&CustomerMessage::text(CUSTOMER, "Ana", "one"))
        .await;
    assert_eq!((posted.http, posted.attempts), (Some(200), 3));
    let webhooks = world.hub.webhooks();
    assert!(webhooks.iter().all(|webhook| webhook.raw == webhooks[0].raw));
    assert_eq!(world.fake.chat(CUSTOMER)[0].state, EntryState::Delivered);
    let posted = world
        .fake
        .post_message(&CustomerMessage::text(CUSTOMER, "Ana", "two"))
        .await;
    assert_eq!((posted.http, posted.attempts), (Some(503), 3));
    assert_eq!(world.fake.chat(CUSTOMER)[1].state, EntryState::Refused);
}

#[tokio::test]
async fn statuses_follow_by_themselves_in_order_and_echo_our_data() {
    let world = world(|options| {
        let step = Duration::from_millis;
        options.statuses = Statuses::Auto {
            sent: step(5),
            delivered: step(20),
            read: Some(step(40)),
        };
    })
    .await;
    let mut body = text_to(CUSTOMER, "x");
    body["biz_opaque_callback_data"] = "m-7".into();
    world.send(&body).await.unwrap();
    let statuses = eventually("three statuses", || {
        Some(world.hub.statuses()).filter(|statuses| statuses.len() == 3)
    })
    .await;
    let names: Vec<_> = statuses.iter().map(|status| status.1.as_str()).collect();
    assert_eq!(names, ["sent", "delivered", "read"]);
    for webhook in world.hub.webhooks() {
        assert!(webhook.is_signed_with(SECRET));
        let status = &webhook.body["entry"][0]["changes"][0]["value"]["statuses"][0];
        assert_eq!(status["biz_opaque_callback_data"], "m-7");
        assert_eq!(status["recipient_id"], CUSTOMER);
    }
}

#[tokio::test]
async fn statuses_are_posted_on_demand() {
    let world = world(|_| {}).await;
    let (_, answer) = world.send_text("x").await;
    let wamid = answer["messages"][0]["id"].as_str().unwrap();
    assert!(
        world
            .fake
            .post_status(wamid, "read", None)
            .await
            .unwrap()
            .accepted()
    );
    assert!(
        world
            .fake
            .post_status(wamid, "failed", Some(131_049))
            .await
            .unwrap()
            .accepted()
    );
    assert!(
        world
            .fake
            .post_status("wamid.unknown", "read", None)
            .await
            .is_none()
    );
    let statuses = world.hub.statuses();
    assert_eq!(statuses[0], (wamid.to_owned(), "read".to_owned(), None));
    assert_eq!(
        statuses[1],
        (wamid.to_owned(), "failed".to_owned(), Some(131_049))
    );
}

#[tokio::test]
async fn outside_the_window_a_text_fails_later_and_a_template_goes_through() {
    let world = world(|_| {}).await;
    let mut old = CustomerMessage::text(CUSTOMER, "Ana", "long ago");
    old.at = Some(Timestamp::from_secs(1_500_000_000));
    world.fake.post_message(&old).await;
    assert_eq!(
        world.send_text("still there?").await.0,
        200,
        "the refusal comes only later"
    );
    let failed = eventually("131047", || world.hub.statuses().pop()).await;
    assert_eq!((failed.1.as_str(), failed.2), ("failed", Some(131_047)));
    let template = json!({"messaging_product": "whatsapp", "to": CUSTOMER, "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en"}}});
    assert_eq!(world.send(&template).await.unwrap().0, 200);
    world
        .fake
        .post_message(&CustomerMessage::text(CUSTOMER, "Ana", "yes"))
        .await;
    world.send_text("good").await;
    assert_eq!(
        world.fake.chat(CUSTOMER).len(),
        4,
        "the failed text isn't on the phone"
    );
    world.fake.close_window(CUSTOMER);
    world.send_text("late").await;
    eventually("a second failure", || {
        (world.hub.statuses().len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_read_receipt_turns_the_ticks_blue_up_to_its_message() {
    let world = world(|_| {}).await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        let posted = world
            .fake
            .post_message(&CustomerMessage::text(CUSTOMER, "Ana", text))
            .await;
        ids.push(posted.wamid.unwrap());
    }
    let receipt = json!({"messaging_product": "whatsapp", "status": "read", "message_id": ids[1]});
    world.send(&receipt).await.unwrap();
    let states: Vec<_> = world
        .fake
        .chat(CUSTOMER)
        .iter()
        .map(|entry| entry.state)
        .collect();
    assert_eq!(
        states,
        [EntryState::Read, EntryState::Read, EntryState::Delivered]
    );
}
