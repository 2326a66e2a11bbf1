//! Replies longer than their channel takes: all or none, in order, once.

use std::{net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use mongodb::bson::doc;
use switchboard_demo::{FakeGraph, FakeGraphOptions};
use switchboard_domain::{Content, Conversation, MessageId, User, Visible};
use switchboard_store::{InboxFilter, MessageFilter};
use switchboard_tests::{eventually, wa::Text};
use switchboard_workers::desk::{DeskError, Draft, Written};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);
const LIMIT: usize = 4096;
const FAMILY: &str = "👨\u{200d}👩\u{200d}👧\u{200d}👦";

/// More than 10,000 characters, with what must not be cut everywhere.
fn long_text() -> String {
    let lines: Vec<String> = (0..600).map(|nth| format!("{FAMILY}{FAMILY} {nth}\n")).collect();
    let text = lines.concat();
    assert!(text.chars().count() > 10_000);
    text
}

/// A provider, a customer who has just written, and an agent.
async fn talk() -> (World, FakeGraph, Conversation, User) {
    let world = World::new().await;
    let options = FakeGraphOptions {
        access_token: "demo-token".into(),
        phone_number_id: "100000000000001".into(),
        ..FakeGraphOptions::quiet("http://127.0.0.1:9")
    };
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let graph = FakeGraph::start(anywhere, options).await.unwrap();
    world.account(Some(graph.url())).await;
    let agent = world.agent("ann", 5).await;
    let running = world.run();
    let text = Text {
        id: "wamid.1",
        from: "15550000001",
        name: "Customer",
        body: "hello",
        at: world.hub.clock.now(),
    };
    world.post(&world.number.text(&text)).await;
    eventually("it is there", SOON, async || {
        world.count("conversations", doc! { "assignee_id": "ann" }).await == 1 && world.is_idle().await
    })
    .await;
    running.stop().await;
    let conversation = row(&world).await;
    (world, graph, conversation, agent)
}

async fn row(world: &World) -> Conversation {
    let conversations = &world.hub.store.conversations;
    let inbox = conversations
        .list(&Visible::Everything, &InboxFilter::default(), None, 10)
        .await
        .unwrap();
    inbox.items.into_iter().next().unwrap()
}

async fn reply(
    world: &World,
    conversation: &Conversation,
    agent: &User,
    text: &str,
    key: &str,
) -> Result<Written, DeskError> {
    let draft = Draft {
        content: Content::text(text),
        reply_to: Some("wamid.1".into()),
        idempotency_key: key.into(),
    };
    world.hub.reply(conversation, agent, draft).await
}

/// Our texts in the conversation, in its order, and which of them quote something.
async fn kept(world: &World, conversation: &Conversation) -> Vec<(MessageId, String, bool)> {
    let messages = &world.hub.store.messages;
    let page = messages
        .of(conversation, &MessageFilter::Latest, 200)
        .await
        .unwrap();
    page.items
        .into_iter()
        .filter_map(|message| match message.content {
            Content::Text { text } if text != "hello" => Some((message.id, text, message.reply_to.is_some())),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_goes_out_in_parts_in_order_and_once() {
    let (world, graph, conversation, agent) = talk().await;
    let text = long_text();
    let first = reply(&world, &conversation, &agent, &text, "a-key")
        .await
        .unwrap();
    assert!(first.new);
    let again = reply(&world, &conversation, &agent, &text, "a-key")
        .await
        .unwrap();
    assert!(!again.new);
    assert_eq!(again.message.id, first.message.id);

    let parts = kept(&world, &conversation).await;
    assert_eq!(parts.len(), 3);
    assert_eq!(
        parts.iter().map(|(_, part, _)| part.as_str()).collect::<String>(),
        text
    );
    assert_eq!(parts[0].0, first.message.id);
    assert_eq!(
        parts.iter().map(|(_, _, quotes)| *quotes).collect::<Vec<_>>(),
        [true, false, false]
    );
    for (_, part, _) in &parts {
        assert!(part.chars().count() <= LIMIT);
        assert!(
            part.starts_with(FAMILY) && part.ends_with('\n'),
            "cut where a reader would"
        );
    }
    assert_eq!(
        row(&world).await.last_message.unwrap().id,
        parts[2].0,
        "the row shows the last"
    );
    let shown: Vec<String> = world
        .shown("message.created")
        .await
        .iter()
        .map(|entry| serde_json::from_slice::<serde_json::Value>(&entry.data).unwrap())
        .filter(|message| message["direction"] == "outbound")
        .map(|message| message["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        shown,
        parts.iter().map(|(id, _, _)| id.to_string()).collect::<Vec<_>>()
    );

    let running = world.run();
    eventually("all are sent", SOON, async || {
        world.count("messages", doc! { "status": "sent" }).await == 3
    })
    .await;
    let taken = graph.messages();
    let sent: Vec<&str> = taken.iter().filter_map(|sent| sent.text()).collect();
    let expected: Vec<&str> = parts.iter().map(|(_, part, _)| part.as_str()).collect();
    assert_eq!(sent, expected, "each once, in order");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_reply_many_times_at_once_is_kept_once() {
    let (world, _graph, conversation, agent) = talk().await;
    let text = long_text();
    let attempts = (0..8).map(|_| reply(&world, &conversation, &agent, &text, "a-key"));
    let written: Vec<Written> = join_all(attempts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(written.iter().filter(|written| written.new).count(), 1);
    assert!(written.iter().all(|one| one.message.id == written[0].message.id));
    assert_eq!(kept(&world, &conversation).await.len(), 3);
    // A key that looks like a part's is a key of its own.
    let other = reply(&world, &conversation, &agent, "short", "a-key#2")
        .await
        .unwrap();
    assert!(other.new);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_cannot_be_kept_keeps_none() {
    let (world, _graph, conversation, agent) = talk().await;
    // The third part's place is taken, as it never is.
    let taken = switchboard_domain::Message::outbound_part_id(&conversation.id, "a-key", 2);
    let messages = world.db.collection::<mongodb::bson::Document>("messages");
    let mut row = messages.find_one(doc! {}).await.unwrap().unwrap();
    row.insert("_id", taken.as_str());
    row.insert("position", "0");
    messages.insert_one(row).await.unwrap();
    let text = long_text();
    assert!(
        reply(&world, &conversation, &agent, &text, "a-key")
            .await
            .is_err()
    );
    assert_eq!(world.count("messages", doc! { "direction": "outbound" }).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_for_more_than_twenty_messages_is_refused_with_a_sentence() {
    let (world, _graph, conversation, agent) = talk().await;
    let text = "x".repeat(20 * LIMIT + 1);
    let refused = reply(&world, &conversation, &agent, &text, "a-key")
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, DeskError::Invalid(sentence) if sentence.contains("20 messages")),
        "{refused}"
    );
    assert_eq!(world.count("messages", doc! { "direction": "outbound" }).await, 0);
}
