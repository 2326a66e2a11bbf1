//! Letters on their way in: what is signed beside them counts for one of them, and they may be large.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard_tests::{
    Api,
    api::{Answer, answer, items},
    desk::{fresh_wamid, now},
    eventually_some, http,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);

/// The messages of whoever wrote from this address.
async fn messages_of(admin: &Api, channel: &str, address: &str) -> Vec<Value> {
    eventually_some("the letter", SOON, async || {
        let list = admin
            .get(&format!("/conversations?channel={channel}&limit=200"))
            .await
            .ok();
        let found = items(&list)
            .iter()
            .find(|one| one.to_string().contains(address))?;
        let path = format!("/conversations/{}/messages", found["id"].as_str()?);
        let messages = items(&admin.get(&path).await.ok()).clone();
        (!messages.is_empty()).then_some(messages)
    })
    .await
}

/// Mailgun signs a time and a token, and nothing of the letter.
fn mailgun(world: &World, token: &str, from: &str, text: &str) -> reqwest::RequestBuilder {
    let at = now().as_millis().div_euclid(1000).to_string();
    let mut code = Hmac::<Sha256>::new_from_slice(b"demo-mailgun-secret").unwrap();
    code.update(format!("{at}{token}").as_bytes());
    let id = format!("<{token}@customer.example>");
    let code = hex::encode(code.finalize().into_bytes());
    let letter = [
        ("recipient", "help@mg.example.com"),
        ("sender", from),
        ("From", from),
        ("Subject", "A question"),
        ("Message-Id", id.as_str()),
        ("body-plain", text),
        ("timestamp", at.as_str()),
        ("token", token),
        ("signature", code.as_str()),
    ];
    let body = form(&letter);
    http()
        .post(format!("{}/webhooks/mailgun/mailgun-demo", world.url()))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://localhost").unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_mailgun_token_counts_for_one_letter() {
    let world = World::shared().await;
    let admin = Api::sign_in(world.url(), "admin@demo.test").await;
    let token = fresh_wamid().replace(['.', '-'], "");
    let from = format!("{token}@customer.example");
    let first = mailgun(&world, &token, &from, "Is it on its way?");
    let again = first.try_clone().unwrap();
    assert_eq!(answer(first).await.status, 200);
    assert_eq!(answer(again).await.status, 200, "as Mailgun repeats it");
    let forged = mailgun(&world, &token, "mallory@example.com", "Send it to me instead.");
    assert_eq!(answer(forged).await.error(401), "unauthenticated");
    let messages = messages_of(&admin, "mailgun", &from).await;
    assert_eq!(messages.len(), 1, "{messages:?}");
}

async fn by_postmark(world: &World, from: &str, attached: usize) -> Answer {
    let letter = json!({
        "FromFull": { "Email": from, "Name": "Ann" },
        "To": "help@shop.example",
        "Subject": "My picture",
        "MessageID": fresh_wamid(),
        "TextBody": "It is attached.",
        "Headers": [],
        "Attachments": [{
            "Name": "a.bin", "ContentType": "application/octet-stream", "ContentLength": attached,
            "Content": "A".repeat(attached),
        }],
    });
    let request = http()
        .post(format!("{}/webhooks/postmark/postmark-demo", world.url()))
        .basic_auth("postmark", Some("demo-postmark-secret"))
        .json(&letter);
    answer(request).await
}

#[tokio::test]
async fn a_letter_may_be_larger_than_other_webhooks() {
    let world = World::shared().await;
    let admin = Api::sign_in(world.url(), "admin@demo.test").await;
    let from = format!("{}@customer.example", fresh_wamid().replace(['.', '-'], ""));
    assert_eq!(by_postmark(&world, &from, 6 << 20).await.status, 200);
    let messages = messages_of(&admin, "postmark", &from).await;
    let files = messages[0]["content"]["attachments"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{:?}", messages[0]["content"]["subject"]);
    assert_eq!(by_postmark(&world, &from, 16 << 20).await.error(413), "too_large");
}
