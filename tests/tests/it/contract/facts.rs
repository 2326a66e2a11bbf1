//! What rules may ask of customers: their language, their attributes, their orders in shops.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard_tests::{
    Api, Desk,
    api::{answer, items},
    desk::{Customer, id},
    eventually, eventually_some,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);
const SECRET: &str = "a-secret-of-some-length";

/// A queue of the desk's team, and a rule that sends there what is on the account and fits.
async fn rule(desk: &Desk, suffix: &str, account: &str, fits: Value) -> String {
    let name = format!("{}{suffix}", desk.name);
    let queue = json!({ "name": name, "team_ids": [desk.name], "auto_accept": true, "any_agent": true });
    desk.admin
        .put(&format!("/routing/queues/{name}"), &queue)
        .await
        .ok();
    let account = json!({ "match": { "field": "account", "operator": "is", "value": account } });
    let rule =
        json!({ "name": "R", "condition": { "all": [account, fits] }, "steps": [{ "queue_id": name }] });
    desk.admin
        .put(&format!("/routing/rules/{name}"), &rule)
        .await
        .ok();
    name
}

async fn account(desk: &Desk, channel: &str, settings: Value) -> String {
    let name = format!("{}-{channel}", desk.name);
    let account = json!({
        "channel": channel, "account_id": name, "name": name, "settings": settings, "team_id": desk.name,
        "secrets": { "signing_secret": SECRET, "access_token": "123456:token-of-a-bot-that-is-none" },
    });
    desk.admin.post("/channels", &account).await.ok();
    name
}

fn door(desk: &Desk, channel: &str, account: &str) -> RequestBuilder {
    let url = format!("{}/webhooks/{channel}/{account}", desk.url());
    reqwest::Client::new()
        .post(url)
        .header("Content-Type", "application/json")
}

async fn of_account(admin: &Api, account: &str, queue: &str) -> Value {
    let path = format!("/conversations?account={account}");
    eventually_some("its conversation, in its queue", SOON, async || {
        let list = admin.get(&path).await.ok();
        items(&list).iter().find(|one| one["queue_id"] == queue).cloned()
    })
    .await
}

/// Telegram tells `language_code` of whoever writes (core.telegram.org/bots/api#user).
#[tokio::test]
async fn the_language_that_a_channel_tells_routes_and_a_person_s_word_wins() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let bot = account(&desk, "telegram", json!({ "api_base_url": "http://127.0.0.1:9" })).await;
    let german = json!({ "match": { "field": "language", "operator": "starts_with", "value": "de" } });
    let french = json!({ "match": { "field": "language", "operator": "is", "value": "fr-CA" } });
    let queues = [
        rule(&desk, "de", &bot, german).await,
        rule(&desk, "fr", &bot, french).await,
    ];
    let person = json!({ "id": 77_001, "is_bot": false, "first_name": "Ann", "language_code": "de" });
    let update = json!({ "update_id": 1, "message": {
        "message_id": 5, "date": 1_760_000_000, "from": person, "text": "Servus",
        "chat": { "id": 77_001, "type": "private", "first_name": "Ann" },
    } });
    let request = door(&desk, "telegram", &bot).header("X-Telegram-Bot-Api-Secret-Token", SECRET);
    assert_eq!(answer(request.json(&update)).await.status, 200);
    let conversation = of_account(&desk.admin, &bot, &queues[0]).await;
    let path = format!("/conversations/{}/customer-facts", id(&conversation));
    assert_eq!(desk.admin.get(&path).await.ok()["language"], "de");

    // It waits; what is known changes, and so does where it waits.
    let set = desk
        .admin
        .patch(&path, &json!({ "language": "fr_CA" }))
        .await
        .ok();
    assert_eq!(set["language"], "fr-CA");
    of_account(&desk.admin, &bot, &queues[1]).await;
    let wrong = desk.admin.patch(&path, &json!({ "language": "Klingon!" })).await;
    assert_eq!(wrong.error(422), "invalid");
    desk.admin.patch(&path, &json!({ "language": null })).await.ok();
    of_account(&desk.admin, &bot, &queues[0]).await;
}

#[tokio::test]
async fn attributes_are_told_by_others_and_compared_as_numbers() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let spent =
        json!({ "match": { "field": { "customer": "spent" }, "operator": "at_least", "value": 500 } });
    let vip = rule(&desk, "vip", &desk.name, spent).await;
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    let one = desk.conversation(&desk.admin, &customer).await;
    let path = format!("/conversations/{}/customer-facts", id(&one));
    let agent = desk.hire("agent").await;
    agent.get(&path).await.error(404);
    let lead = desk.hire("team_lead").await;
    lead.patch(
        &path,
        &json!({ "attributes": { "spent": 499.5, "tags": ["a", 1] } }),
    )
    .await
    .ok();
    let facts = lead
        .patch(&path, &json!({ "attributes": { "spent": 500.5 } }))
        .await
        .ok();
    assert_eq!(facts["attributes"], json!({ "spent": 500.5, "tags": ["a", 1] }));
    assert_eq!(facts["orders"], json!({ "count": 0 }));
    desk.conversation_that(&desk.admin, &customer, |one| one["queue_id"] == vip.as_str())
        .await;
    let facts = lead
        .patch(&path, &json!({ "attributes": { "spent": null } }))
        .await
        .ok();
    assert_eq!(facts["attributes"], json!({ "tags": ["a", 1] }));
    desk.conversation_that(&desk.admin, &customer, |one| {
        one["queue_id"] == desk.name.as_str()
    })
    .await;
    for wrong in [
        json!({ "a.b": 1 }),
        json!({ "x": {} }),
        json!({ "email": "x" }),
        json!({ "$where": 1 }),
    ] {
        let answer = lead.patch(&path, &json!({ "attributes": wrong })).await;
        assert_eq!(answer.error(422), "invalid", "{wrong}");
    }
}

/// As Shopify posts it: the HMAC of the body in base64 (shopify.dev, "Deliver webhooks through HTTPS").
async fn shopify(desk: &Desk, shop: &str, topic: &str, order: &Value) {
    let body = order.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let request = door(desk, "shopify", shop)
        .header("X-Shopify-Topic", topic)
        .header("X-Shopify-Shop-Domain", format!("{shop}.myshopify.com"))
        .header("X-Shopify-Hmac-Sha256", signature)
        .body(body);
    assert_eq!(answer(request).await.status, 200);
}

fn order(id: u64, customer: &Customer, total: &str, status: &str, updated_at: &str) -> Value {
    json!({
        "id": id, "name": format!("#{id}"), "phone": format!("+{}", customer.phone), "total_price": total,
        "currency": "EUR", "financial_status": status, "updated_at": updated_at, "line_items": [],
    })
}

#[tokio::test]
async fn orders_of_a_shop_are_facts_whatever_order_they_come_in() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let settings = json!({ "provider_account_id": format!("{}-shopify.myshopify.com", desk.name) });
    let shop = account(&desk, "shopify", settings).await;
    let many = json!({ "all": [
        { "match": { "field": { "order": "total" }, "operator": "greater_than", "value": "100.00" } },
        { "match": { "field": { "order": "last_status" }, "operator": "is", "value": "pending" } },
    ] });
    let queue = rule(&desk, "late", &desk.name, many).await;
    let customer = desk.customer();
    // The later state first, and everything twice.
    for _ in 0..2 {
        let paid = order(1, &customer, "60.10", "paid", "2026-01-02T00:00:00Z");
        shopify(&desk, &shop, "orders/paid", &paid).await;
        let new = order(1, &customer, "70.00", "pending", "2026-01-01T00:00:00Z");
        shopify(&desk, &shop, "orders/create", &new).await;
        let second = order(2, &customer, "40.20", "pending", "2026-01-03T00:00:00Z");
        shopify(&desk, &shop, "orders/create", &second).await;
        let gone = order(3, &customer, "999", "paid", "2026-01-04T00:00:00Z");
        shopify(&desk, &shop, "orders/create", &gone).await;
        shopify(&desk, &shop, "orders/delete", &json!({ "id": 3 })).await;
    }
    desk.write(&customer, "where is my parcel?").await;
    let one = desk.conversation(&desk.admin, &customer).await;
    let path = format!("/conversations/{}/customer-facts", id(&one));
    eventually("the shop's orders", SOON, async || {
        let orders = desk.admin.get(&path).await.ok()["orders"].clone();
        (&orders["count"], &orders["total"], &orders["last_status"])
            == (&json!(2), &json!("100.30"), &json!("pending"))
            && orders["last_at"] == "2026-01-03T00:00:00.000Z"
    })
    .await;
    desk.conversation_that(&desk.admin, &customer, |one| one["queue_id"] == queue.as_str())
        .await;
    // Somebody else has none.
    let other = desk.customer();
    desk.write(&other, "hello").await;
    desk.conversation_that(&desk.admin, &other, |one| one["queue_id"] == desk.name.as_str())
        .await;
}
