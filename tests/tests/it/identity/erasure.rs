//! What is stored of a customer: handed out, and forgotten for good.

use std::{fs, path::Path, time::Duration};

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document, doc};
use redis::Value as Reply;
use reqwest::Method;
use serde_json::{Value, json};
use switchboard_tests::{
    Desk, Hub, HubOptions, Isolated,
    api::{answer, items, text},
    desk::{fresh_wamid, id, now},
    eventually,
    wa::{SignedWebhook, Text},
};

use crate::outbound::Talk;

const SOON: Duration = Duration::from_mins(2);
const NAME: &str = "Planted Name-5521";
const WORDS: &str = "planted-words-8843";
const BYTES: &str = "planted-bytes-7710";

/// Everything in the database, as text.
async fn database(corner: &Isolated) -> String {
    let (database, mut all) = (corner.database().await, String::new());
    for name in database.list_collection_names().await.unwrap() {
        let rows = database
            .collection::<Document>(&name)
            .find(doc! {})
            .await
            .unwrap();
        for row in rows.try_collect::<Vec<_>>().await.unwrap() {
            all += &format!("\n{name}: ");
            row.into_iter().for_each(|(_, value)| spell(&value, &mut all));
        }
    }
    all
}

fn spell(value: &Bson, all: &mut String) {
    match value {
        Bson::Document(fields) => fields.iter().for_each(|(_, value)| spell(value, all)),
        Bson::Array(values) => values.iter().for_each(|value| spell(value, all)),
        Bson::Binary(binary) => *all += &String::from_utf8_lossy(&binary.bytes),
        other => *all += &format!(" {other}"),
    }
}

/// Everything in Redis, and the bytes of every file.
async fn elsewhere(corner: &Isolated) -> String {
    let (mut redis, mut all) = (corner.redis().await, String::new());
    for key in corner.keys().await {
        let kind: String = redis::cmd("TYPE")
            .arg(&key)
            .query_async(&mut redis)
            .await
            .unwrap();
        let mut command = match kind.as_str() {
            "stream" => redis::cmd("XRANGE"),
            "zset" => redis::cmd("ZRANGE"),
            "hash" => redis::cmd("HGETALL"),
            "set" => redis::cmd("SMEMBERS"),
            _ => redis::cmd("GET"),
        };
        command.arg(&key);
        match kind.as_str() {
            "stream" => command.arg("-").arg("+"),
            "zset" => command.arg(0).arg(-1),
            _ => &mut command,
        };
        let reply: Reply = command.query_async(&mut redis).await.unwrap_or(Reply::Nil);
        utter(&reply, &mut all);
    }
    files(corner.files.path(), &mut all);
    all
}

fn utter(reply: &Reply, all: &mut String) {
    match reply {
        Reply::BulkString(bytes) => *all += &String::from_utf8_lossy(bytes),
        Reply::Array(replies) => replies.iter().for_each(|reply| utter(reply, all)),
        Reply::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            utter(key, all);
            utter(value, all);
        }),
        _ => {}
    }
}

fn files(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            files(&entry.path(), all);
        } else {
            *all += &String::from_utf8_lossy(&fs::read(entry.path()).unwrap());
        }
    }
}

/// The customer writes under the planted name.
fn written(desk: &Desk, phone: &str, wamid: &str) -> SignedWebhook {
    desk.number.text(&Text {
        id: wamid,
        from: phone,
        name: NAME,
        body: WORDS,
        at: now(),
    })
}

async fn erased(desk: &Desk, customer: &str) {
    eventually("the erasure's end", SOON, async || {
        let shown = desk.admin.get(&format!("/customers/{customer}")).await.ok();
        shown["erasure"]["state"] == "erased"
    })
    .await;
}

#[tokio::test]
async fn nothing_is_left_of_who_is_erased() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner);
    let hub = Hub::start(options.clone()).await;
    let talk = Talk::at(hub.url()).await;
    let (desk, phone) = (&talk.desk, talk.phone.clone());
    let wamid = fresh_wamid();
    let webhook = written(desk, &phone, &wamid);
    assert_eq!(desk.post(&webhook).await.status, 200);
    let upload = talk
        .agent
        .request(
            Method::POST,
            &format!("/attachments?conversation_id={}", talk.conversation),
        )
        .header("Content-Type", "text/plain")
        .header("X-File-Name", "note.txt")
        .body(BYTES);
    let file = id(&answer(upload).await.ok());
    let content = json!({ "type": "document", "attachment_id": file, "text": WORDS });
    let at = format!("/conversations/{}", talk.conversation);
    talk.agent
        .post(&format!("{at}/messages"), &json!({ "content": content }))
        .await
        .ok();
    let reply = talk
        .agent
        .reply(&talk.conversation, &format!("to {NAME}"), "k")
        .await
        .ok();
    let mut sent = Value::Null;
    eventually("the reply is sent", SOON, async || {
        let thread = desk.admin.get(&format!("{at}/messages")).await.ok();
        let mine = items(&thread)
            .iter()
            .find(|one| one["id"] == reply["id"])
            .cloned();
        sent = mine.unwrap_or_default();
        sent["provider_message_id"].is_string() && thread.to_string().contains(WORDS)
    })
    .await;
    let provider_id = text(&sent, "provider_message_id");
    let told = |status: &str| desk.number.status(&provider_id, &phone, status, now());
    assert_eq!(desk.post(&told("delivered")).await.status, 200);
    eventually("the delivery", SOON, async || {
        let thread = desk.admin.get(&format!("{at}/messages")).await.ok();
        thread.to_string().contains("delivered")
    })
    .await;
    let customer = text(&desk.admin.get(&at).await.ok(), "customer_id");
    let path = format!("/customers/{customer}");

    // All of it is handed out first.
    let found = desk.admin.get(&format!("/customers?q={phone}")).await.ok();
    assert_eq!(items(&found).len(), 1);
    let exported = desk.admin.post(&format!("{path}/export"), &json!({})).await.ok();
    let all = exported.to_string();
    for there in [phone.as_str(), WORDS, NAME, &file, "/files/", &provider_id] {
        assert!(all.contains(there), "{there} isn't in {all}");
    }
    assert!(database(&corner).await.contains(&phone) && elsewhere(&corner).await.contains(BYTES));

    assert_eq!(
        talk.agent
            .post(&format!("{path}/erase"), &json!({}))
            .await
            .error(403),
        "forbidden"
    );
    for _ in 0..2 {
        let begun = desk.admin.post(&format!("{path}/erase"), &json!({})).await;
        assert_eq!(begun.status, 202, "{}", begun.text);
    }
    erased(desk, &customer).await;
    // What is told again of it, late or twice, brings nothing back.
    for webhook in [&webhook, &told("delivered"), &told("read")] {
        assert_eq!(desk.post(webhook).await.status, 200);
    }
    let other = desk.customer();
    desk.write(&other, "after those").await;
    desk.conversation(&desk.admin, &other).await;
    eventually("nothing of them in the database", SOON, async || {
        let all = database(&corner).await;
        ![phone.as_str(), WORDS, NAME]
            .iter()
            .any(|trace| all.contains(trace))
    })
    .await;
    let rest = elsewhere(&corner).await;
    for trace in [phone.as_str(), WORDS, NAME, BYTES] {
        assert!(!rest.contains(trace), "{trace} is still there");
    }
    let shown = desk.admin.get(&format!("{at}/messages")).await.ok();
    assert_eq!(items(&shown).len(), 4, "that there were messages stays: {shown}");
    assert!(
        items(&shown)
            .iter()
            .all(|one| one["content"]["type"] == "deleted")
    );
    let verified = options.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{verified:?}");

    // Who writes again is somebody new.
    desk.post(&written(desk, &phone, &fresh_wamid())).await;
    let who = switchboard_tests::desk::Customer { phone };
    let conversation = desk.conversation(&desk.admin, &who).await;
    assert_ne!(text(&conversation, "customer_id"), customer);
    assert_ne!(id(&conversation), talk.conversation);
}
