//! A customer of whom there is something everywhere, each time with words that are nowhere else.

use std::time::Duration;

use mongodb::bson::{DateTime, Document, doc};
use reqwest::Method;
use serde_json::{Value, json};
use switchboard_tests::{
    Answer, Api, Isolated,
    api::{answer, items, text},
    desk::{fresh_wamid, id, now},
    eventually, eventually_some,
    wa::{SignedWebhook, Text},
};

use crate::outbound::Talk;

pub const SOON: Duration = Duration::from_mins(1);

/// Somebody whose words all have their mark.
pub struct Planted {
    pub mark: &'static str,
    pub phone: String,
    pub customer: String,
    pub conversation: String,
    /// The webhook that brought their first words.
    pub webhook: SignedWebhook,
    /// The provider's id of a reply that was sent to them.
    pub reply: String,
    /// A file with bytes of its own, and one whose bytes others have, too.
    pub files: [String; 2],
}

/// The bytes of everybody's second file.
pub const SHARED: &str = "planted-bytes-of-everybody";

impl Planted {
    pub fn words(&self, which: &str) -> String {
        words(self.mark, which)
    }

    /// Everything that mustn't be found anywhere.
    pub fn traces(&self) -> Vec<String> {
        let mut traces: Vec<String> = PLANTED.iter().map(|which| self.words(which)).collect();
        traces.extend([self.phone.clone(), self.reply.clone(), email(self.mark)]);
        traces
    }
}

/// What is planted, and where.
pub const PLANTED: [&str; 10] = [
    "name",
    "text",
    "reply",
    "note",
    "file",
    "bytes",
    "caption",
    "attribute",
    "order",
    "fact",
];

pub fn words(mark: &str, which: &str) -> String {
    format!("{mark}-{which}-8843")
}

fn email(mark: &str) -> String {
    format!("{mark}@planted.test")
}

pub fn written(talk: &Talk, phone: &str, name: &str, body: &str) -> SignedWebhook {
    talk.desk.number.text(&Text {
        id: &fresh_wamid(),
        from: phone,
        name,
        body,
        at: now(),
    })
}

pub async fn posted(talk: &Talk, webhook: &SignedWebhook) {
    let answer = talk.desk.post(webhook).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

pub async fn plant(corner: &Isolated, talk: &Talk, mark: &'static str) -> Planted {
    let phone = talk.desk.customer().phone;
    let webhook = written(talk, &phone, &words(mark, "name"), &words(mark, "text"));
    posted(talk, &webhook).await;
    let who = switchboard_tests::desk::Customer { phone: phone.clone() };
    let mine = |one: &Value| one["assignee_id"] == talk.agent.user_id.as_str();
    let conversation = talk.desk.conversation_that(&talk.agent, &who, mine).await;
    let (customer, conversation) = (text(&conversation, "customer_id"), id(&conversation));
    let at = format!("/conversations/{conversation}");
    let attributes = json!({ "attributes": { "tier": words(mark, "attribute") } });
    talk.agent
        .patch(&format!("{at}/customer-facts"), &attributes)
        .await
        .ok();
    let note = json!({ "text": words(mark, "note") });
    talk.agent.post(&format!("{at}/notes"), &note).await.ok();
    let files = [
        send_file(talk, &conversation, mark, &words(mark, "bytes")).await,
        send_file(talk, &conversation, mark, SHARED).await,
    ];
    let said = words(mark, "reply");
    let reply = talk.agent.reply(&conversation, &said, mark).await.ok();
    let reply = sent(talk, &at, &id(&reply)).await;
    let delivered = talk.desk.number.status(&reply, &phone, "delivered", now());
    posted(talk, &delivered).await;
    eventually("the delivery", SOON, async || {
        let thread = talk.agent.get(&format!("{at}/messages")).await.ok();
        thread.to_string().contains("delivered")
    })
    .await;
    let planted = Planted {
        mark,
        phone,
        customer,
        conversation,
        webhook,
        reply,
        files,
    };
    plant_beneath(corner, &planted).await;
    planted
}

async fn send_file(talk: &Talk, conversation: &str, mark: &str, bytes: &str) -> String {
    let path = format!("/attachments?conversation_id={conversation}");
    let upload = talk.agent.request(Method::POST, &path);
    let name = format!("{}.txt", words(mark, "file"));
    let upload = upload
        .header("Content-Type", "text/plain")
        .header("X-File-Name", name)
        .body(bytes.to_owned());
    let file = id(&answer(upload).await.ok());
    let content = json!({ "type": "document", "attachment_id": file, "text": words(mark, "caption") });
    let path = format!("/conversations/{conversation}/messages");
    talk.agent.post(&path, &json!({ "content": content })).await.ok();
    file
}

/// Its id at the provider, once it has one.
async fn sent(talk: &Talk, at: &str, message: &str) -> String {
    eventually_some("the reply is sent", SOON, async || {
        let thread = talk.agent.get(&format!("{at}/messages")).await.ok();
        let mine = items(&thread).iter().find(|one| one["id"] == message).cloned()?;
        mine["provider_message_id"].as_str().map(str::to_owned)
    })
    .await
}

/// What would take a shop, rules and other people's failures to come about.
async fn plant_beneath(corner: &Isolated, planted: &Planted) {
    let (database, mark) = (corner.database().await, planted.mark);
    let rows = |name: &str| database.collection::<Document>(name);
    let now = DateTime::now();
    let customers = rows("customers");
    let set = doc! { "$set": { "email": email(mark) } };
    customers
        .update_one(doc! { "_id": &planted.customer }, set)
        .await
        .unwrap();
    let order = doc! {
        "_id": format!("shopify:shop:{mark}"), "number": planted.words("order"), "status": "paid", "total": "1",
        "currency": "EUR", "contact_keys": [format!("email:{}", email(mark)), format!("phone:{}", planted.phone)],
        "ordered_at": now, "at": now, "deleted": false,
    };
    rows("orders").insert_one(order).await.unwrap();
    let facts = json!({ "channel": "whatsapp", "account_id": "a", "text": planted.words("fact") });
    let trace = json!({ "input": { "item": { "facts": facts } } }).to_string();
    let decision = doc! { "_id": format!("d-{mark}"), "conversation_id": &planted.conversation, "at": now, "trace": &trace };
    rows("routing_decisions").insert_one(decision).await.unwrap();
    let comparison = doc! { "_id": format!("c-{mark}"), "conversation_id": &planted.conversation, "at": now, "json": trace };
    rows("routing_shadow_comparisons")
        .insert_one(comparison)
        .await
        .unwrap();
    let early = doc! {
        "_id": format!("{mark}:read"), "provider_key": provider_key(&database, planted).await, "status": "read",
        "error": { "code": "1", "message": planted.words("fact") }, "at": now, "kept_at": now,
    };
    rows("pending_statuses").insert_one(early).await.unwrap();
    let refused = doc! { "at": now, "code": "1", "message": format!("{} can't be reached", planted.phone) };
    let trail = doc! { "_id": format!("whatsapp:{mark}"), "send_failed": refused };
    rows("account_trails").insert_one(trail).await.unwrap();
    let log = format!("%2B{} wrote: {}", planted.phone, planted.words("fact"));
    let webhook = doc! {
        "_id": format!("0000000000001-{mark}"), "channel": "twilio", "account_id": "a", "received_at": now,
        "processed_at": now, "headers": [], "body": mongodb::bson::Binary {
            subtype: mongodb::bson::spec::BinarySubtype::Generic, bytes: log.clone().into_bytes(),
        }, "events": 1, "unsupported": 0,
    };
    rows("event_log").insert_one(webhook).await.unwrap();
    let mut redis = corner.redis().await;
    for lane in ["ingest", "outbound"] {
        let (): () = redis::cmd("XADD")
            .arg(format!("{}{{{lane}}}:dead", corner.prefix))
            .arg(&["*", "p", &log, "a", "1", "f", "1", "e", &log, "t", "1"])
            .exec_async(&mut redis)
            .await
            .unwrap();
    }
}

async fn provider_key(database: &mongodb::Database, planted: &Planted) -> String {
    let sent = database.collection::<Document>("messages");
    let reply = doc! { "provider_message_id": &planted.reply };
    let row = sent.find_one(reply).await.unwrap().unwrap();
    row.get_str("provider_key").unwrap().to_owned()
}

pub async fn begin(admin: &Api, customer: &str) -> Answer {
    admin
        .post(&format!("/customers/{customer}/erasure"), &json!({}))
        .await
}

/// Waits until the erasure has got as far.
pub async fn erasure_is(admin: &Api, customer: &str, state: &str) -> Value {
    eventually_some(
        &format!("the erasure is {state}"),
        Duration::from_mins(3),
        async || {
            let shown = admin.get(&format!("/customers/{customer}/erasure")).await;
            (shown.status == 200 && shown.body["state"] == state).then_some(shown.body)
        },
    )
    .await
}
