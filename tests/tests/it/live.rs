//! Consoles (P6): the official JavaScript client against two nodes that serve, and a node that is killed.

use std::{collections::HashSet, time::Duration};

use redis::aio::MultiplexedConnection;
use serde_json::json;
use switchboard_tests::{
    Api, Console, Desk, Hub, HubOptions, Isolated, Role, Valkey,
    api::{items, text},
    desk::{fresh_wamid, id, sit_down},
    eventually, scripts,
};

use tokio::task::JoinSet;

use crate::world::World;

#[tokio::test]
async fn the_official_client_misses_nothing() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let urls = [0, 1].map(|nth| hub.node(Role::Serve, nth).url.clone()).join(",");
    scripts::run("js", &urls).await;
}

/// As after an outage that was longer than a node may be silent: the others have forgotten it, and whoever is there.
#[tokio::test]
async fn a_node_that_was_taken_for_dead_says_again_who_is_there() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let (agent, first) = desk.agent().await;
    let second = Console::connect(hub.url(), agent.token.as_deref().unwrap()).await;
    let online = async |expected: bool| {
        eventually("their presence", Duration::from_secs(20), async || {
            agent.get("/me").await.ok()["presence"]["online"] == expected
        })
        .await;
    };
    online(true).await;
    let database = corner.database().await;
    let nodes = database.collection::<mongodb::bson::Document>("nodes");
    let presence = database.collection::<mongodb::bson::Document>("presence");
    nodes.delete_many(mongodb::bson::doc! {}).await.unwrap();
    let nowhere = mongodb::bson::doc! { "$set": { "nodes": [] } };
    presence
        .update_many(mongodb::bson::doc! {}, nowhere)
        .await
        .unwrap();
    online(true).await;
    drop(first);
    online(true).await;
    drop(second);
    online(false).await;
}

#[tokio::test]
async fn a_console_whose_node_is_killed_goes_on_at_another() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let [first, second] = [0, 1].map(|nth| hub.node(Role::Serve, nth).url.clone());
    let desk = Desk::open(&first, "http://127.0.0.1:9").await;
    let (agent, console) = desk.agent().await;
    let (customer, conversation) = desk.given_to(&agent).await;
    let given = id(&conversation);
    console
        .event("the assignment", |event| {
            event.is("assignment.updated", "conversation_id", &given)
        })
        .await;
    let cursor = console.cursor();
    hub.node(Role::Serve, 0).kill();
    let door = desk.door().replace(&first, &second);
    let mut sent = Vec::new();
    for nth in 0..20 {
        let id = fresh_wamid();
        let webhook = desk.text(&customer, &id, &format!("nth {nth}"));
        assert_eq!(desk.post_to(&door, &webhook).await.status, 200);
        sent.push(id);
    }
    let auth = json!({ "token": agent.token, "cursor": cursor });
    let console = Console::try_connect(&second, &auth).await.unwrap();
    let last = sent.last().unwrap();
    console
        .event("the last message", |event| {
            event.is("message.created", "provider_message_id", last)
        })
        .await;
    let events = console.events();
    assert_eq!(messages_on(&console), sent);
    assert!(events.iter().all(|event| event.payload["refetch"].is_null()));
    // The agent counts as there through the new node, and the killed one comes back.
    eventually("still there", Duration::from_secs(30), async || {
        agent.at(&second).get("/me").await.ok()["presence"]["online"] == true
    })
    .await;
    hub.node(Role::Serve, 0).restart().await;
}

/// A console may have had from another node what this one hasn't read yet. It misses nothing, and needn't fetch anew.
#[tokio::test]
async fn a_cursor_ahead_of_the_nodes_own_reading_is_good() {
    let valkey = Valkey::start().await;
    let shared = Isolated::new().await;
    let corner = Isolated::on(&shared.mongo_uri, &valkey.url());
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let mut redis = corner.redis().await;
    // It waits twice as long each time before it reads again.
    for _ in 0..6 {
        eventually("the node reads the stream", Duration::from_secs(20), async || {
            cut_readers(&mut redis).await
        })
        .await;
    }
    let customer = desk.customer();
    let mut sent = Vec::new();
    for nth in 0..5 {
        sent.push(desk.write(&customer, &format!("nth {nth}")).await);
    }
    let mut cursors = Vec::new();
    eventually("all in the stream", Duration::from_secs(20), async || {
        cursors = cursors_of(&corner, &sent).await;
        cursors.len() == sent.len()
    })
    .await;
    let auth = json!({ "token": desk.admin.token, "cursor": cursors[0] });
    let console = Console::try_connect(hub.url(), &auth).await.unwrap();
    console
        .event("the last message", |event| event.payload["cursor"] == cursors[4])
        .await;
    let ready = console.event("ready", |event| event.name == "ready").await;
    assert!(ready.payload["refetch"].is_null(), "{ready:?}");
    let came: Vec<String> = messages_on(&console);
    assert_eq!(came, sent[1..]);
}

/// The client says that it resumes when it hears that it is connected, and that may take longer than the hub keeps events
/// back for it: what came meanwhile it has had.
#[tokio::test]
async fn a_late_resume_brings_what_came_before_the_connection_and_nothing_twice() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let token = desk.admin.token.as_deref().unwrap();
    let customer = desk.customer();
    let shown = async |console: &Console, body: &str| {
        let id = desk.write(&customer, body).await;
        console
            .event("the message", |event| {
                event.is("message.created", "provider_message_id", &id)
            })
            .await;
        id
    };
    let before = Console::connect(hub.url(), token).await;
    shown(&before, "had").await;
    let cursor = before.cursor();
    let mut missed = Vec::new();
    for body in ["missed", "missed, too"] {
        missed.push(shown(&before, body).await);
    }
    drop(before);
    let console = Console::connect(hub.url(), token).await;
    let meanwhile = shown(&console, "meanwhile").await;
    let answer = console.emit("resume", json!({ "cursor": cursor })).await.unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    let after = shown(&console, "after").await;
    let expected = [vec![meanwhile], missed, vec![after]].concat();
    assert_eq!(messages_on(&console), expected);
}

/// A page holds 256 events: several are read. Beyond the limit a console fetches anew.
#[tokio::test]
async fn what_was_missed_comes_in_pages_up_to_a_limit() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner).with("SWITCHBOARD_LIVE__REPLAY_LIMIT", "700");
    let hub = Hub::start(options).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let console = Console::connect(hub.url(), desk.admin.token.as_deref().unwrap()).await;
    let auth = json!({ "token": desk.admin.token, "cursor": console.cursor() });
    let customer = desk.customer();
    let mut sent = Vec::new();
    let mut wait_for_more = async |count: usize| {
        for nth in 0..count {
            sent.push(desk.write(&customer, &format!("nth {nth}")).await);
        }
        let last = sent.last().unwrap();
        console
            .event("the last message", |event| {
                event.is("message.created", "provider_message_id", last)
            })
            .await;
        sent.clone()
    };
    let sent = wait_for_more(600).await;
    let second = Console::try_connect(hub.url(), &auth).await.unwrap();
    let ready = second.event("ready", |event| event.name == "ready").await;
    assert!(ready.payload["refetch"].is_null(), "{ready:?}");
    let (came, expected): (HashSet<String>, HashSet<String>) = (
        messages_on(&second).into_iter().collect(),
        sent.into_iter().collect(),
    );
    assert_eq!(came, expected);
    assert_eq!(
        messages_on(&second),
        messages_on(&console),
        "in the same order, each once"
    );

    wait_for_more(200).await;
    let third = Console::try_connect(hub.url(), &auth).await.unwrap();
    let ready = third.event("ready", |event| event.name == "ready").await;
    assert_eq!(ready.payload["refetch"], true);
}

/// Ends the connections that wait for news of a stream; whether there was one.
async fn cut_readers(redis: &mut MultiplexedConnection) -> bool {
    let clients: String = redis::cmd("CLIENT").arg("LIST").query_async(redis).await.unwrap();
    let field = |line: &str, name: &str| {
        let mut fields = line.split(' ').filter_map(|pair| pair.split_once('='));
        fields.find_map(|(key, value)| (key == name).then(|| value.to_owned()))
    };
    let mut found = false;
    for line in clients
        .lines()
        .filter(|line| field(line, "cmd").as_deref() == Some("xread"))
    {
        let id = field(line, "id").unwrap();
        let kill = redis::cmd("CLIENT")
            .arg("KILL")
            .arg("ID")
            .arg(id)
            .query_async(redis)
            .await;
        found |= matches!(kill, Ok(1));
    }
    found
}

/// Where `message.created` of each of these is in the live stream, of those that are there.
async fn cursors_of(corner: &Isolated, sent: &[String]) -> Vec<String> {
    let entries = corner.live_stream().await;
    let created = |fields: &[String], id: &str| {
        fields.iter().any(|field| field == "message.created") && fields.iter().any(|field| field.contains(id))
    };
    let place = |id: &String| entries.iter().find(|(_, fields)| created(fields, id));
    sent.iter()
        .filter_map(place)
        .map(|(cursor, _)| cursor.clone())
        .collect()
}

fn messages_on(console: &Console) -> Vec<String> {
    let events = console.events();
    let created = events.iter().filter(|event| event.name == "message.created");
    created
        .map(|event| text(event.data(), "provider_message_id"))
        .collect()
}

/// What a console shows: the thread, fetched as soon as it hears that a conversation is its agent's, and what it is told
/// of from then on. A customer's first words come while the conversation is being given away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customers_first_words_are_all_on_the_agents_screen() {
    const CUSTOMERS: usize = 60;
    let world = World::shared().await;
    let desk = world.desk().await;
    let agent = desk.hire("agent").await;
    let roomy = json!({ "capacity": CUSTOMERS });
    let user = format!("/users/{}", agent.user_id);
    desk.admin.patch(&user, &roomy).await.ok();
    let console = sit_down(&agent).await;
    let mut writing = JoinSet::new();
    for _ in 0..CUSTOMERS {
        let (desk, customer) = (desk.clone(), desk.customer());
        writing.spawn(async move {
            let mut sent = Vec::new();
            for body in ["Hi", "are you there?", "my parcel", "where is it?"] {
                sent.push(desk.write(&customer, body).await);
            }
            sent
        });
    }
    let (mut read, mut given) = (0, HashSet::new());
    let mut fetching = JoinSet::new();
    eventually(
        "every conversation is theirs",
        Duration::from_mins(1),
        async || {
            let events = console.events_after(read);
            read += events.len();
            for event in events.iter().filter(|event| event.name == "assignment.updated") {
                let conversation = text(event.data(), "conversation_id");
                if given.insert(conversation.clone()) {
                    fetching.spawn(fetch(agent.clone(), conversation));
                }
            }
            given.len() == CUSTOMERS
        },
    )
    .await;
    let sent: Vec<String> = writing.join_all().await.concat();
    let fetched: HashSet<String> = fetching.join_all().await.into_iter().flatten().collect();
    eventually(
        "every message on the screen",
        Duration::from_secs(20),
        async || {
            let told: HashSet<String> = messages_on(&console).into_iter().collect();
            sent.iter().all(|id| told.contains(id) || fetched.contains(id))
        },
    )
    .await;
}

async fn fetch(agent: Api, conversation: String) -> Vec<String> {
    let path = format!("/conversations/{conversation}/messages");
    let thread = agent.get(&path).await.ok();
    let ids = items(&thread).iter().map(|one| text(one, "provider_message_id"));
    ids.collect()
}
