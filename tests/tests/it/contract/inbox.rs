//! What an agent does with a conversation, from the first message to the last.

use serde_json::{Value, json};
use switchboard_domain::Timestamp;
use switchboard_tests::{
    Desk,
    api::{items, text},
    desk::{fresh_wamid, id, now, time},
    wa::Text,
};

use crate::world::World;

#[tokio::test]
async fn a_message_reaches_its_agent_with_everything_the_contract_promises() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, console) = desk.agent().await;
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    // Nobody's yet when it comes in: what the agent hears of first is that it is theirs.
    let mine = |one: &Value| one["assignee_id"] == agent.user_id.as_str();
    desk.conversation_that(&agent, &customer, mine).await;
    let wamid = desk.write(&customer, "Where is my parcel?").await;
    let event = console
        .event("the message", |event| {
            event.is("message.created", "provider_message_id", &wamid)
        })
        .await;
    for field in ["cursor", "at"] {
        text(&event.payload, field);
    }
    let message = event.data();
    assert_eq!(message["direction"], "inbound");
    assert_eq!(message["channel"], "whatsapp");
    assert_eq!(message["account_id"], desk.name.as_str());
    assert_eq!(
        message["content"],
        json!({ "type": "text", "text": "Where is my parcel?" })
    );
    assert_eq!(message["status"], "received");
    assert_eq!(message["author"]["type"], "customer");
    for field in ["id", "conversation_id", "provider_at", "received_at"] {
        text(message, field);
    }
    let preview = "Where is my parcel?";
    let conversation = desk
        .conversation_that(&agent, &customer, |one| one["last_message"]["preview"] == preview)
        .await;
    assert_eq!(message["conversation_id"], conversation["id"]);
    assert_eq!(conversation["unread"], 2);
    let assigned = console
        .event("the assignment", |event| {
            event.is(
                "assignment.updated",
                "conversation_id",
                conversation["id"].as_str().unwrap(),
            )
        })
        .await;
    assert_eq!(assigned.data()["status"], "active");
    assert_eq!(assigned.data()["agent_id"], agent.user_id.as_str());

    // Why it went to them.
    let decisions = agent
        .get(&format!("/conversations/{}/routing", id(&conversation)))
        .await
        .ok();
    let decision = &items(&decisions)[0];
    assert_eq!(
        decision["outcome"],
        json!({ "type": "assigned", "agent_id": agent.user_id })
    );
    let considered = decision["considered"].as_array().unwrap();
    let chosen = considered
        .iter()
        .find(|one| one["agent_id"] == agent.user_id.as_str());
    assert_eq!(chosen.unwrap()["rank"], 1);
    let others = considered
        .iter()
        .filter(|one| one["agent_id"] != agent.user_id.as_str());
    for other in others {
        assert!(other["rejected"]["reason"].is_string(), "no reason in {other}");
    }
}

#[tokio::test]
async fn read_label_snooze_resolve_reopen() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, _console) = desk.agent().await;
    let (customer, conversation) = desk.given_to(&agent).await;
    let at = |action: &str| format!("/conversations/{}/{action}", conversation["id"].as_str().unwrap());

    assert_eq!(agent.post(&at("read"), &json!({})).await.ok()["unread"], 0);
    let labelled = agent
        .post(&at("labels"), &json!({ "labels": ["vip", " vip ", "refund"] }))
        .await
        .ok();
    assert_eq!(labelled["labels"], json!(["vip", "refund"]));
    let found = agent.get("/conversations?label=refund").await.ok();
    assert_eq!(id(&items(&found)[0]), id(&conversation));
    agent
        .post(&at("labels"), &json!({ "labels": ["x".repeat(61)] }))
        .await
        .error(422);

    agent
        .post(&at("snooze"), &json!({ "until": "2001-01-01T00:00:00Z" }))
        .await
        .error(422);
    agent
        .post(&at("snooze"), &json!({ "until": "tomorrow" }))
        .await
        .error(400);
    let until = now().plus(std::time::Duration::from_hours(1));
    let snoozed = agent.post(&at("snooze"), &json!({ "until": until })).await.ok();
    assert_eq!(snoozed["status"], "snoozed");
    assert_eq!(
        snoozed["assignment_id"],
        Value::Null,
        "a snoozed conversation holds capacity"
    );

    // The customer writes: it is back, and is the same one.
    desk.write(&customer, "me again").await;
    let mine = |one: &Value| one["assignee_id"] == agent.user_id.as_str() && one["status"] == "open";
    let back = desk.conversation_that(&agent, &customer, mine).await;
    assert_eq!(back["id"], conversation["id"]);

    let resolved = agent.post(&at("resolve"), &json!({})).await.ok();
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(resolved["assignment_id"], Value::Null);
    let reopened = desk.admin.post(&at("reopen"), &json!({})).await.ok();
    assert_eq!(reopened["status"], "open");
    desk.conversation_that(&agent, &customer, mine).await;

    // Nobody has to wait until a snoozed one comes back by itself.
    agent.post(&at("snooze"), &json!({ "until": until })).await.ok();
    let reopened = desk.admin.post(&at("reopen"), &json!({})).await.ok();
    assert_eq!(reopened["status"], "open");
    assert_eq!(reopened["snoozed_until"], Value::Null);
    desk.conversation_that(&agent, &customer, mine).await;
}

#[tokio::test]
async fn the_same_idempotency_key_is_the_same_reply() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, console) = desk.agent().await;
    let (_, conversation) = desk.given_to(&agent).await;
    let (_, other) = desk.given_to(&agent).await;
    let first = agent.reply(&id(&conversation), "On its way.", "key-1").await;
    assert_eq!(first.status, 201);
    assert_eq!(first.body["status"], "queued");
    assert_eq!(first.body["author"]["id"], agent.user_id.as_str());
    let again = agent.reply(&id(&conversation), "On its way.", "key-1").await;
    assert_eq!((again.status, id(&again.body)), (200, id(&first.body)));
    // All at once, too.
    let replies = (0..6).map(|_| {
        let (agent, conversation) = (agent.clone(), id(&conversation));
        tokio::spawn(async move { agent.reply(&conversation, "Once.", "key-2").await })
    });
    let mut ids = Vec::new();
    let mut created = 0;
    for reply in replies {
        let reply = reply.await.unwrap();
        created += u32::from(reply.status == 201);
        ids.push(id(&reply.ok()));
    }
    ids.dedup();
    assert_eq!((created, ids.len()), (1, 1), "one key made several replies");
    assert_eq!(
        agent.reply(&id(&other), "On its way.", "key-1").await.status,
        201,
        "keys are per conversation"
    );

    let thread = agent
        .get(&format!("/conversations/{}/messages", id(&conversation)))
        .await
        .ok();
    let outbound = items(&thread)
        .iter()
        .filter(|message| message["direction"] == "outbound")
        .count();
    assert_eq!(outbound, 2);
    console
        .event("the reply", |event| event.is("message.created", "id", &ids[0]))
        .await;
    let shown = console
        .events()
        .iter()
        .filter(|event| event.is("message.created", "id", &ids[0]))
        .count();
    assert_eq!(shown, 1, "the reply is shown more than once");
}

#[tokio::test]
async fn replies_that_cant_be_sent_are_refused_at_once() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, _console) = desk.agent().await;
    let (_, conversation) = desk.given_to(&agent).await;
    let path = format!("/conversations/{}/messages", id(&conversation));
    let post = async |content: Value| agent.post(&path, &json!({ "content": content })).await;
    post(json!({ "type": "text", "text": "  " })).await.error(422);
    // Longer than twenty messages of this channel.
    post(json!({ "type": "text", "text": "x".repeat(20 * 4096 + 1) }))
        .await
        .error(422);
    post(json!({ "type": "deleted" })).await.error(422);
    post(json!({ "type": "image" })).await.error(422);
    post(json!({ "type": "telepathy" })).await.error(400);
    agent
        .reply(&id(&conversation), "hi", &"k".repeat(201))
        .await
        .error(400);
    let thread = agent.get(&path).await.ok();
    assert_eq!(items(&thread).len(), 1, "something was kept: {thread}");
}

#[tokio::test]
async fn a_closed_window_takes_templates_only() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let customer = desk.customer();
    let two_days_ago = Timestamp::from_millis(now().as_millis() - 2 * 86_400_000);
    let old = desk.number.text(&Text {
        id: &fresh_wamid(),
        from: &customer.phone,
        name: "Customer",
        body: "long ago",
        at: two_days_ago,
    });
    assert_eq!(desk.post(&old).await.status, 200);
    // A conversation is there a moment before its first message.
    let said = |one: &Value| !one["last_inbound_at"].is_null();
    let conversation = desk.conversation_that(&desk.admin, &customer, said).await;
    let refused = desk.admin.reply(&id(&conversation), "late", "key").await;
    assert_eq!(refused.error(409), "reply_window_closed");
    let template = json!({ "content": { "type": "template", "name": "hello", "language": "en" } });
    let path = format!("/conversations/{}/messages", id(&conversation));
    assert_eq!(desk.admin.post(&path, &template).await.status, 201);
}

#[tokio::test]
async fn notes_stay_among_us() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, console) = desk.agent().await;
    let (_, conversation) = desk.given_to(&agent).await;
    let path = format!("/conversations/{}/notes", id(&conversation));
    let note = agent.post(&path, &json!({ "text": "calls back tomorrow" })).await;
    assert_eq!(note.status, 201);
    assert_eq!(note.body["direction"], "internal");
    console
        .event("the note", |event| {
            event.is("message.created", "id", &id(&note.body))
        })
        .await;
    agent.post(&path, &json!({ "text": " " })).await.error(422);
    let row = agent
        .get(&format!("/conversations/{}", id(&conversation)))
        .await
        .ok();
    assert_eq!(
        row["last_message"]["preview"], "hello",
        "a note became the last message"
    );
}

#[tokio::test]
async fn a_long_thread_comes_in_pages_in_order() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let customer = desk.customer();
    // Posted out of order: the provider's time decides.
    let mut sent = Vec::new();
    for nth in [4_u64, 0, 6, 2, 5, 1, 3] {
        let at = Timestamp::from_secs(1_760_000_000).plus(std::time::Duration::from_secs(nth));
        let body = format!("nth {nth}");
        let text = Text {
            id: &fresh_wamid(),
            from: &customer.phone,
            name: "Customer",
            body: &body,
            at,
        };
        assert_eq!(desk.post(&desk.number.text(&text)).await.status, 200);
        sent.push(body);
    }
    sent.sort();
    let conversation = desk.conversation(&desk.admin, &customer).await;
    let path = format!("/conversations/{}/messages", id(&conversation));
    switchboard_tests::eventually("seven messages", std::time::Duration::from_secs(20), async || {
        items(&desk.admin.get(&path).await.ok()).len() == 7
    })
    .await;
    assert_eq!(bodies(&desk, &format!("{path}?limit=200")).await.0, sent);

    let mut paged: Vec<String> = Vec::new();
    let mut before = String::new();
    loop {
        let (mut page, next) = bodies(&desk, &format!("{path}?limit=3{before}")).await;
        assert!(page.len() <= 3);
        page.append(&mut paged);
        paged = page;
        match next {
            Some(position) => before = format!("&before={position}"),
            None => break,
        }
    }
    assert_eq!(paged, sent);
}

async fn bodies(desk: &Desk, path: &str) -> (Vec<String>, Option<String>) {
    let list = desk.admin.get(path).await.ok();
    let bodies = items(&list)
        .iter()
        .map(|message| text(&message["content"], "text"));
    (bodies.collect(), list["next_cursor"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn the_list_pages_through_everything_once() {
    let world = World::shared().await;
    let desk = world.desk().await;
    for _ in 0..5 {
        desk.write(&desk.customer(), "hello").await;
    }
    let path = format!("/conversations?account={}&limit=2", desk.name);
    switchboard_tests::eventually(
        "five conversations",
        std::time::Duration::from_secs(20),
        async || {
            let all = format!("/conversations?account={}", desk.name);
            items(&desk.admin.get(&all).await.ok()).len() == 5
        },
    )
    .await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk.admin.get(&format!("{path}{cursor}")).await.ok();
        assert!(items(&page).len() <= 2);
        seen.extend(
            items(&page)
                .iter()
                .map(|one| (time(one, "last_activity_at"), id(one))),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(
        seen.is_sorted_by(|a, b| a > b),
        "not newest first, or one twice: {seen:?}"
    );
    assert_eq!(seen.len(), 5);
}
