//! The web chat from both ends: visitors over their WebSocket, agents over the API and their consoles.

mod files;
mod identity;
mod limits;
mod mailbox;
mod talk;

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard_tests::{
    Api, Desk, Visitor,
    api::{items, text},
    desk::{id, now},
    eventually_some, http,
};

pub const SOON: Duration = Duration::from_secs(20);
const SECRET: &str = "planted-webchat-secret-3e1d";

/// A web chat of the desk's team; its account has the desk's name.
pub async fn open_chat(desk: &Desk, settings: Value) {
    let account = json!({
        "channel": "webchat",
        "account_id": desk.name,
        "name": desk.name,
        "settings": settings,
        "secrets": { "signing_secret": SECRET },
        "team_id": desk.name,
        "branch_id": desk.name,
        "queue_id": desk.name,
    });
    desk.admin.post("/channels", &account).await.ok();
}

pub async fn enter(desk: &Desk, hello: Value) -> Visitor {
    Visitor::enter(desk.url(), &desk.name, hello).await
}

/// The visitor's conversation as `reader` sees it, waiting for it.
pub async fn conversation(reader: &Api, visitor: &str) -> Value {
    let path = format!("/conversations?q={visitor}");
    eventually_some(&format!("the conversation with {visitor}"), SOON, async || {
        let list = reader.get(&path).await.ok();
        items(&list).first().cloned()
    })
    .await
}

/// Its messages, oldest first.
pub async fn thread(reader: &Api, conversation: &Value) -> Vec<Value> {
    let path = format!("/conversations/{}/messages?limit=200", id(conversation));
    items(&reader.get(&path).await.ok()).clone()
}

pub fn said(thread: &[Value]) -> Vec<String> {
    thread
        .iter()
        .map(|message| text(&message["content"], "text"))
        .collect()
}

/// A request that the company's own server writes for a visitor.
pub async fn post_signed(desk: &Desk, request: &Value) {
    let body = request.to_string();
    let seconds = now().as_millis() / 1000;
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let posted = http()
        .post(format!("{}/webhooks/webchat/{}", desk.url(), desk.name))
        .header("X-Switchboard-Timestamp", seconds)
        .header("X-Switchboard-Signature", signature)
        .header("Content-Type", "application/json")
        .body(body);
    assert_eq!(posted.send().await.unwrap().status(), 200);
}
