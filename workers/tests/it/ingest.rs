//! Every message once, in order, whatever dies.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use mongodb::bson::doc;
use rand::{RngExt, seq::SliceRandom};
use serde_json::{Value, json};
use switchboard_domain::{Audience, Conversation, LiveEvent, LiveEventName, Room, Timestamp, Visible};
use switchboard_queue::{Handler, Outcome};
use switchboard_store::{InboxFilter, MessageFilter};
use switchboard_tests::{eventually, wa::Text};
use switchboard_workers::Ingest;

use crate::world::{World, run};

const DEADLINE: Duration = Duration::from_mins(1);

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_760_000_000 + second)
}

/// `count` messages of `customers` customers, a twentieth of them twice.
async fn burst(world: &World, run: &str, count: usize, customers: usize) {
    let mut webhooks = Vec::new();
    for i in 0..count {
        let (id, from) = (format!("wamid.{run}.{i}"), format!("15550{:06}", i % customers));
        let text = format!("message {i}");
        let at = at(i as i64 / 10);
        webhooks.push(world.number.text(&Text {
            id: &id,
            from: &from,
            name: "Ann",
            body: &text,
            at,
        }));
        if i % 20 == 0 {
            webhooks.push(webhooks[i].clone());
        }
    }
    let mut again: Vec<_> = webhooks.iter().step_by(20).cloned().collect();
    again.shuffle(&mut rand::rng());
    for webhook in webhooks.iter().chain(&again) {
        world.post(webhook).await;
    }
}

async fn check(world: &World, count: usize, customers: usize) {
    eventually("every message is stored", DEADLINE, async || {
        world.count("messages", doc! {}).await >= count as u64 && world.is_idle().await
    })
    .await;
    assert_eq!(world.count("messages", doc! {}).await, count as u64);
    assert_eq!(world.count("conversations", doc! {}).await, customers as u64);
    assert_eq!(world.count("customers", doc! {}).await, customers as u64);
    let shown = world.shown("message.created").await;
    let mut times: HashMap<String, usize> = HashMap::new();
    for entry in &shown {
        let message: Value = serde_json::from_slice(&entry.data).unwrap();
        *times
            .entry(message["id"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    assert_eq!(times.len(), count, "every message was shown");
    assert_eq!(shown.len(), count, "no message was shown twice");
    let everything = Visible::Everything;
    let inbox = world
        .hub
        .store
        .conversations
        .list(&everything, &InboxFilter::default(), None, 200)
        .await
        .unwrap();
    for conversation in &inbox.items {
        let page = world
            .hub
            .store
            .messages
            .of(conversation, &MessageFilter::Latest, 1000)
            .await
            .unwrap();
        let mut sorted = page.items.clone();
        sorted.sort_by_key(|message| (message.provider_at, message.position.clone()));
        assert_eq!(page.items, sorted, "in the provider's order");
        assert_eq!(
            conversation.unread as usize,
            page.items.len(),
            "each message is unread once"
        );
        let last = conversation.last_message.as_ref().unwrap();
        assert_eq!(
            last.id,
            page.items.last().unwrap().id,
            "the row shows the last message"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_with_repetitions_is_stored_and_shown_once() {
    let world = World::new().await;
    let running = world.run();
    burst(&world, "burst", 2000, 100).await;
    check(&world, 2000, 100).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_die_at_any_moment_lose_and_double_nothing() {
    let world = World::new().await;
    let siblings = [world.sibling().await, world.sibling().await];
    let crashes = async {
        for i in 0..12 {
            let running = run(&siblings[i % 2]);
            let life = rand::rng().random_range(5..250);
            tokio::time::sleep(Duration::from_millis(life)).await;
            running.crash();
        }
    };
    tokio::join!(burst(&world, "crash", 3000, 60), crashes);
    let (one, two) = (run(&siblings[0]), run(&siblings[1]));
    check(&world, 3000, 60).await;
    one.stop().await;
    two.stop().await;
}

/// A worker stored it and failed before it was shown. Its job comes again as a retry, behind the provider's own repetition.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_and_never_shown_is_shown_by_the_retry() {
    let world = World::new().await;
    let running = world.run();
    let text = |id: &'static str| Text {
        id,
        from: "15550000001",
        name: "Ann",
        body: "Is anybody there?",
        at: at(1),
    };
    let webhook = world.number.text(&text("wamid.unseen"));
    world.post(&webhook).await;
    check(&world, 1, 1).await;
    running.stop().await;
    world.hub.live.forget(&["wamid.unseen"]).await.unwrap();

    world.post(&webhook).await;
    world.post_again(&webhook).await;
    let running = world.run();
    check(&world, 1, 1).await;
    let opened = world.shown("conversation.created").await;
    assert_eq!(opened.len(), 1, "that it was opened was never shown either");
    running.stop().await;
}

/// A worker opened the conversation and died before it stored what was said: whoever takes over tells of both.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_was_opened_for_a_worker_that_died_is_shown_and_routed() {
    let world = World::new().await;
    let webhook = world.number.text(&Text {
        id: "wamid.opened",
        from: "15550000003",
        name: "Ann",
        body: "Is anybody there?",
        at: at(1),
    });
    world.post(&webhook).await;
    let running = world.run();
    check(&world, 1, 1).await;
    running.stop().await;
    let opened = only_conversation(&world).await;
    world.hub.live.forget(&[opened.id.as_str()]).await.unwrap();
    let messages = world.db.collection::<mongodb::bson::Document>("messages");
    messages.delete_many(doc! {}).await.unwrap();
    world.agent("agent", 5).await;

    world.post_again(&webhook).await;
    let running = world.run();
    eventually("it is routed", DEADLINE, async || {
        world.shown("assignment.updated").await.len() == 1 && world.is_idle().await
    })
    .await;
    let everybody = Room::Everything.to_string();
    let mut cursors = Vec::new();
    for name in ["conversation.created", "message.created", "assignment.updated"] {
        let mut shown = world.shown(name).await;
        shown.retain(|entry| entry.rooms.contains(&everybody));
        assert_eq!(shown.len(), 1, "{name}");
        cursors.push(shown[0].cursor.clone());
    }
    assert!(cursors.is_sorted(), "{cursors:?}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_stays_read_when_its_job_comes_again() {
    let world = World::new().await;
    let text = |id: &'static str, second| {
        world.number.text(&Text {
            id,
            from: "15550000004",
            name: "Ann",
            body: "hello",
            at: at(second),
        })
    };
    let running = world.run();
    world.post(&text("wamid.read", 1)).await;
    check(&world, 1, 1).await;
    let opened = only_conversation(&world).await;
    let (conversations, now) = (&world.hub.store.conversations, world.hub.clock.now());
    conversations
        .read(&Visible::Everything, &opened.id, now)
        .await
        .unwrap();
    world.post(&text("wamid.unread", 2)).await;
    eventually("both are stored", DEADLINE, async || {
        world.count("messages", doc! {}).await == 2 && world.is_idle().await
    })
    .await;
    running.stop().await;
    for (id, second) in [("wamid.read", 1), ("wamid.unread", 2)] {
        world.post_again(&text(id, second)).await;
    }
    let running = world.run();
    eventually("they came again", DEADLINE, async || world.is_idle().await).await;
    assert_eq!(only_conversation(&world).await.unread, 1);
    running.stop().await;
}

async fn only_conversation(world: &World) -> Conversation {
    let conversations = &world.hub.store.conversations;
    let mut inbox = conversations
        .list(&Visible::Everything, &InboxFilter::default(), None, 2)
        .await
        .unwrap();
    assert_eq!(inbox.items.len(), 1);
    inbox.items.remove(0)
}

/// The router had told its agent alone of it when the worker that stored it died: the others hear of it from the retry.
#[tokio::test(flavor = "multi_thread")]
async fn what_its_agent_alone_was_told_of_is_shown_to_the_others_by_the_retry() {
    let world = World::new().await;
    let agent = world.agent("agent", 5).await;
    let running = world.run();
    let webhook = world.number.text(&Text {
        id: "wamid.half",
        from: "15550000002",
        name: "Ann",
        body: "Is anybody there?",
        at: at(1),
    });
    world.post(&webhook).await;
    eventually("it is theirs", DEADLINE, async || {
        world.count("assignments", doc! { "live": true }).await == 1 && world.is_idle().await
    })
    .await;
    running.stop().await;
    let shown = world.shown("message.created").await.remove(0);
    world.hub.live.forget(&["wamid.half"]).await.unwrap();
    let message: Value = serde_json::from_slice(&shown.data).unwrap();
    let alone = Audience(vec![Room::Agent(agent.id.clone())]);
    let event = LiveEvent::new(LiveEventName::MessageCreated, shown.at, alone, &message).unwrap();
    world.hub.live.append(&[event]).await.unwrap();

    world.post_again(&webhook).await;
    let running = world.run();
    eventually("the others are told", DEADLINE, async || {
        world.shown("message.created").await.len() == 2 && world.is_idle().await
    })
    .await;
    let theirs = Room::Agent(agent.id).to_string();
    let rooms = world.shown("message.created").await.remove(1).rooms;
    assert!(rooms.contains(&Room::Everything.to_string()), "{rooms:?}");
    assert!(!rooms.contains(&theirs), "told twice: {rooms:?}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_and_statuses_may_overtake_what_they_are_about() {
    let world = World::new().await;
    let running = world.run();
    let from = "15550000001";
    let edit = world.number.delivery(&json!({
        "contacts": [{ "profile": { "name": "Ann" }, "wa_id": from }],
        "messages": [{
            "from": from, "id": "wamid.edit", "timestamp": "1760000100", "type": "edit",
            "edit": { "original_message_id": "wamid.original", "message": { "type": "text", "text": { "body": "after" } } },
        }],
    }));
    world.post(&edit).await;
    world
        .post(&world.number.text(&Text {
            id: "wamid.original",
            from,
            name: "Ann",
            body: "before",
            at: at(0),
        }))
        .await;
    eventually("the edit is applied", DEADLINE, async || {
        world.count("messages", doc! { "content.text": "after" }).await == 1
    })
    .await;
    running.stop().await;
}

/// An edit of what we never had, or what a deleted account was sent, fails nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn what_cant_be_done_is_said_of_its_own_job_alone() {
    let world = World::new().await;
    let text = |id: &'static str| {
        world.number.text(&Text {
            id,
            from: "15550000001",
            name: "Ann",
            body: "hello",
            at: at(1),
        })
    };
    let edit = world.number.delivery(&json!({
        "messages": [{
            "from": "15550000001", "id": "wamid.edit", "timestamp": "1760000100", "type": "edit",
            "edit": { "original_message_id": "wamid.never", "message": { "type": "text", "text": { "body": "after" } } },
        }],
    }));
    let mut batch = world.batch(&[text("wamid.1"), edit, text("wamid.elsewhere"), text("wamid.2")]);
    batch[2].payload.0.account.account_id = "wa-deleted".into();
    let ingest = Ingest::new(world.hub.clone());
    let outcomes = ingest.handle(batch.clone()).await;
    let expected = [
        Outcome::Done,
        Outcome::retry("the message it is about isn't here (yet)"),
        Outcome::dead("its channel account doesn't exist any more"),
        Outcome::Done,
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(world.count("messages", doc! {}).await, 2);
    assert_eq!(world.shown("message.created").await.len(), 2);

    for job in &mut batch {
        job.attempt = 4;
    }
    assert_eq!(
        ingest.handle(batch).await[1],
        Outcome::Done,
        "nobody waits for ever"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisonous_message_is_found_by_halving_its_batch() {
    let world = World::new().await;
    let poison = doc! { "collMod": "messages", "validator": { "content.text": { "$ne": "poison" } } };
    world.db.run_command(poison).await.unwrap();
    let texts: Vec<_> = (0..7)
        .map(|i| {
            world.number.text(&Text {
                id: &format!("wamid.{i}"),
                from: &format!("1555000000{i}"),
                name: "Ann",
                body: if i == 3 { "poison" } else { "hello" },
                at: at(i),
            })
        })
        .collect();
    let outcomes = Ingest::new(world.hub.clone()).handle(world.batch(&texts)).await;
    for (place, outcome) in outcomes.iter().enumerate() {
        let retried = matches!(outcome, Outcome::Retry { .. });
        assert_eq!(retried, place == 3, "{outcomes:?}");
    }
    assert_eq!(world.count("messages", doc! {}).await, 6);
    let shown = world.shown("message.created").await;
    assert_eq!(shown.len(), 6, "each once, though some were worked twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_job_does_not_stop_its_neighbours() {
    let world = World::new().await;
    world
        .hub
        .producer
        .push_bytes(switchboard_queue::Lane::Ingest, vec![0; 3].into())
        .await
        .unwrap();
    burst(&world, "bad", 50, 5).await;
    let running = world.run();
    eventually("the others are stored", DEADLINE, async || {
        world.count("messages", doc! {}).await == 50
    })
    .await;
    eventually("the bad one is a dead letter", DEADLINE, async || {
        world
            .hub
            .redis
            .lanes()
            .stats(switchboard_queue::Lane::Ingest)
            .await
            .unwrap()
            .dead
            == 1
    })
    .await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolved_conversation_comes_back_and_an_unknown_event_is_kept() {
    let world = World::new().await;
    let running = world.run();
    let from = "15550000009";
    let text = |id: &'static str, second| Text {
        id,
        from,
        name: "Ann",
        body: "hello",
        at: at(second),
    };
    world.post(&world.number.text(&text("wamid.1", 0))).await;
    eventually("it is open", DEADLINE, async || {
        world.count("conversations", doc! { "status": "open" }).await == 1
    })
    .await;
    let everything = Visible::Everything;
    let open = world
        .hub
        .store
        .conversations
        .list(&everything, &InboxFilter::default(), None, 10)
        .await
        .unwrap();
    world.hub.resolve(&everything, &open.items[0].id).await.unwrap();
    world.post(&world.number.text(&text("wamid.2", 5))).await;
    eventually("it is open again", DEADLINE, async || {
        world
            .count(
                "conversations",
                doc! { "status": "open", "routing_state": "waiting" },
            )
            .await
            == 1
            && world.count("messages", doc! {}).await == 2
    })
    .await;
    assert_eq!(world.count("conversations", doc! {}).await, 1);
    world.post(&world.number.sign(br#"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"dreams","value":{}}]}]}"#.to_vec())).await;
    eventually("the ledger has it", DEADLINE, async || {
        world.count("event_log", doc! { "unsupported": 1 }).await == 1 && world.is_idle().await
    })
    .await;
    let ids: HashSet<_> = open
        .items
        .iter()
        .map(|conversation| conversation.id.clone())
        .collect();
    assert_eq!(ids.len(), 1);
    running.stop().await;
}
