//! Capacity is an invariant, and nobody waits while somebody is free.

use std::{collections::HashMap, time::Duration};

use mongodb::bson::{Document, doc};
use switchboard_domain::{Conversation, Intent, Room, Timestamp, User, Visible};
use switchboard_routing::replay;
use switchboard_store::{InboxFilter, InboxView};
use switchboard_tests::{eventually, wa::Text};

use crate::world::{NODE, World, run};

const DEADLINE: Duration = Duration::from_secs(30);

async fn customers_write(world: &World, count: usize) {
    for i in 0..count {
        let (id, from) = (format!("wamid.r.{i}"), format!("15551{i:06}"));
        let at = Timestamp::from_secs(1_760_000_000 + i as i64);
        world
            .post(&world.number.text(&Text {
                id: &id,
                from: &from,
                name: "Ann",
                body: "hello",
                at,
            }))
            .await;
    }
}

async fn of(world: &World, agent: &User) -> Vec<Conversation> {
    let filter = InboxFilter {
        view: InboxView::AssignedTo(agent.id.clone()),
        ..InboxFilter::default()
    };
    let page = world
        .hub
        .store
        .conversations
        .list(&Visible::Everything, &filter, None, 200)
        .await
        .unwrap();
    page.items
        .into_iter()
        .filter(|conversation| conversation.assignment_id.is_some())
        .collect()
}

/// No agent above capacity, no conversation with two agents; from the database itself.
async fn check_invariants(world: &World, capacity: u64) {
    let mut by_agent: HashMap<String, u64> = HashMap::new();
    let mut by_conversation: HashMap<String, u64> = HashMap::new();
    for held in world.hub.store.assignments.live().await.unwrap() {
        *by_agent.entry(held.assignment.agent_id.to_string()).or_default() +=
            u64::from(held.assignment.weight);
        *by_conversation
            .entry(held.assignment.conversation_id.to_string())
            .or_default() += 1;
    }
    assert!(by_agent.values().all(|load| *load <= capacity), "{by_agent:?}");
    assert!(
        by_conversation.values().all(|holders| *holders == 1),
        "{by_conversation:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_and_two_hundred_arrivals_never_exceed_capacity() {
    let world = World::new().await;
    let agents = [
        world.agent("a", 5).await,
        world.agent("b", 5).await,
        world.agent("c", 5).await,
    ];
    let (one, two) = (run(&world.sibling().await), run(&world.sibling().await));
    customers_write(&world, 200).await;
    eventually("everybody is busy", DEADLINE, async || {
        check_invariants(&world, 5).await;
        world.hub.store.assignments.live().await.unwrap().len() == 15
    })
    .await;
    eventually("all are served", DEADLINE * 2, async || {
        check_invariants(&world, 5).await;
        for agent in &agents {
            for conversation in of(&world, agent).await {
                world
                    .hub
                    .resolve(&Visible::Everything, &conversation.id)
                    .await
                    .unwrap();
            }
        }
        world.count("conversations", doc! { "status": "resolved" }).await == 200
    })
    .await;
    check_invariants(&world, 5).await;
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_work_who_is_away_and_coming_back_is_enough() {
    let world = World::new().await;
    let agent = world.agent("a", 2).await;
    world.hub.declare_presence(&agent.id, Intent::Away).await.unwrap();
    let running = world.run();
    customers_write(&world, 3).await;
    eventually("three wait, and it is written down why", DEADLINE, async || {
        world
            .count("conversations", doc! { "routing_state": "waiting" })
            .await
            == 3
            && world.count("routing_decisions", doc! {}).await == 3
    })
    .await;
    assert!(world.hub.store.assignments.live().await.unwrap().is_empty());
    world
        .hub
        .declare_presence(&agent.id, Intent::Available)
        .await
        .unwrap();
    eventually("two are assigned", DEADLINE, async || {
        of(&world, &agent).await.len() == 2
    })
    .await;
    check_invariants(&world, 2).await;
    let mut oldest: Vec<_> = of(&world, &agent)
        .await
        .into_iter()
        .map(|one| one.contact.external_id)
        .collect();
    oldest.sort();
    assert_eq!(oldest, ["15551000000", "15551000001"], "those who wrote first");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_are_accepted_declined_and_expire() {
    let world = World::new().await;
    world.queue("default", false, 3600).await;
    let (a, b) = (world.agent("a", 1).await, world.agent("b", 1).await);
    let running = world.run();
    customers_write(&world, 1).await;
    let offered = async || {
        let rows = world
            .hub
            .store
            .conversations
            .list(&Visible::Everything, &InboxFilter::default(), None, 10)
            .await;
        rows.unwrap()
            .items
            .pop()
            .filter(|conversation| conversation.offer.is_some())
    };
    eventually("it is offered", DEADLINE, async || offered().await.is_some()).await;
    let first = offered().await.unwrap();
    let (asked, other) = if first.offer.as_ref().unwrap().agent_id == a.id {
        (&a, &b)
    } else {
        (&b, &a)
    };
    assert!(
        world.hub.accept(&first, other).await.is_err(),
        "only the one who is asked may accept"
    );
    let since = first.waiting_since;
    world.hub.decline(&first, asked).await.unwrap();
    eventually("the other is asked", DEADLINE, async || {
        offered()
            .await
            .is_some_and(|now| now.offer.unwrap().agent_id == other.id)
    })
    .await;
    let second = offered().await.unwrap();
    assert_eq!(second.waiting_since, since, "it keeps its age");
    let accepted = world.hub.accept(&second, other).await.unwrap();
    assert_eq!(accepted.assignee_id.as_ref(), Some(&other.id));
    assert!(
        world.hub.accept(&second, other).await.is_err(),
        "an offer is accepted once"
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_nobody_answers_moves_on_and_its_agent_is_away() {
    let world = World::new().await;
    world.queue("default", false, 1).await;
    let agent = world.agent("a", 1).await;
    let running = world.run();
    customers_write(&world, 1).await;
    eventually("the agent missed it", DEADLINE, async || {
        world
            .hub
            .store
            .presence
            .of(&agent.id, world.hub.clock.now())
            .await
            .unwrap()
            .intent
            == Intent::Away
    })
    .await;
    eventually("it waits again", DEADLINE, async || {
        world
            .count("conversations", doc! { "routing_state": "waiting" })
            .await
            == 1
    })
    .await;
    assert!(world.hub.store.assignments.live().await.unwrap().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_decision_replays_to_the_same_answer() {
    let world = World::new().await;
    world.agent("a", 1).await;
    let running = world.run();
    customers_write(&world, 2).await;
    eventually("both are decided", DEADLINE, async || {
        world.count("routing_decisions", doc! {}).await >= 2
    })
    .await;
    let rows = world
        .hub
        .store
        .conversations
        .list(&Visible::Everything, &InboxFilter::default(), None, 10)
        .await
        .unwrap();
    for conversation in &rows.items {
        for decision in world.hub.store.decisions.of(conversation, 10).await.unwrap() {
            let again = replay(&decision).unwrap();
            assert_eq!(again.outcome, decision.outcome);
            assert_eq!(again.considered, decision.considered);
        }
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_half_done_is_repaired() {
    let world = World::new().await;
    let agent = world.agent("a", 1).await;
    let running = world.run();
    customers_write(&world, 1).await;
    eventually("it is assigned", DEADLINE, async || {
        of(&world, &agent).await.len() == 1
    })
    .await;
    running.stop().await;
    // A worker died between reserving and placing: the conversation waits, its reservation stands.
    let conversations = world.db.collection::<Document>("conversations");
    let waiting = doc! { "$set": { "routing_state": "waiting", "assignee_id": null, "assignment_id": null } };
    conversations.update_many(doc! {}, waiting).await.unwrap();
    let running = world.run();
    eventually("it is with its agent", DEADLINE, async || {
        of(&world, &agent).await.len() == 1
    })
    .await;
    check_invariants(&world, 1).await;
    running.stop().await;
}

/// A router gave a conversation to its agent, claimed to tell of what waited in it, and died.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_placed_and_never_told_is_told_by_whoever_takes_over() {
    let world = World::new().await;
    let agent = world.agent("agent", 5).await;
    let running = world.run();
    customers_write(&world, 1).await;
    eventually("it is theirs", DEADLINE, async || {
        of(&world, &agent).await.len() == 1 && world.is_idle().await
    })
    .await;
    let conversation = of(&world, &agent).await.remove(0);
    world.hub.live.forget(&[conversation.id.as_str()]).await.unwrap();
    assert!(world.shown("assignment.updated").await.is_empty());

    let theirs = Room::Agent(agent.id).to_string();
    let told = async |name: &str| {
        let shown = world.shown(name).await;
        shown.iter().filter(|entry| entry.rooms.contains(&theirs)).count()
    };
    eventually("they are told", DEADLINE, async || {
        world.wake_again().await;
        told("assignment.updated").await > 0
    })
    .await;
    world.wake_again().await;
    eventually("nothing is left", DEADLINE, async || world.is_idle().await).await;
    for name in ["assignment.updated", "message.created"] {
        assert_eq!(told(name).await, 1, "{name}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_hears_of_every_message_once_also_of_those_that_came_before_they_had_it() {
    let world = World::new().await;
    let agent = world.agent("a", 200).await;
    let running = world.run();
    for round in 0..3 {
        for i in 0..100 {
            let (id, from) = (format!("wamid.h.{round}.{i}"), format!("15552{i:06}"));
            let at = Timestamp::from_secs(1_760_000_000 + round);
            let text = Text {
                id: &id,
                from: &from,
                name: "Ann",
                body: "hello",
                at,
            };
            world.post(&world.number.text(&text)).await;
        }
    }
    eventually(
        "all are assigned and nothing is left to do",
        DEADLINE,
        async || of(&world, &agent).await.len() == 100 && world.is_idle().await,
    )
    .await;
    let room = format!("agent:{}", agent.id);
    let mut heard: HashMap<String, usize> = HashMap::new();
    for entry in world.shown("message.created").await {
        if entry.rooms.contains(&room) {
            let message: serde_json::Value = serde_json::from_slice(&entry.data).unwrap();
            *heard.entry(message["id"].to_string()).or_default() += 1;
        }
    }
    assert_eq!(heard.len(), 300, "every message");
    assert!(heard.values().all(|times| *times == 1), "once");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_frees_capacity_and_a_word_brings_the_conversation_back_to_its_agent() {
    let mut world = World::new().await;
    world.hub.rules.routing.inactive_after = Some(Duration::from_secs(1));
    let agent = world.agent("a", 1).await;
    let running = world.run();
    customers_write(&world, 2).await;
    let silent = async || {
        world
            .count(
                "conversations",
                doc! { "routing_state": "inactive", "assignee_id": "a" },
            )
            .await
    };
    eventually(
        "the first falls silent, and the second too",
        DEADLINE,
        async || {
            check_invariants(&world, 1).await;
            silent().await == 2 && world.hub.store.assignments.live().await.unwrap().is_empty()
        },
    )
    .await;
    running.stop().await;

    world.hub.rules.routing.inactive_after = None;
    let colleague = world.agent("b", 1).await;
    let running = world.run();
    for i in 0..2 {
        let (id, from) = (format!("wamid.again.{i}"), format!("15551{i:06}"));
        let at = Timestamp::from_secs(1_760_001_000 + i);
        let text = Text {
            id: &id,
            from: &from,
            name: "Ann",
            body: "still there?",
            at,
        };
        world.post(&world.number.text(&text)).await;
    }
    eventually(
        "one is with its agent again, the other waits for them",
        DEADLINE,
        async || {
            check_invariants(&world, 1).await;
            of(&world, &agent).await.len() == 1
                && world
                    .count("conversations", doc! { "routing_state": "waiting" })
                    .await
                    == 1
        },
    )
    .await;
    assert!(
        of(&world, &colleague).await.is_empty(),
        "the agent is there to be waited for"
    );
    let first = of(&world, &agent).await.remove(0);
    world.hub.resolve(&Visible::Everything, &first.id).await.unwrap();
    eventually("then the other", DEADLINE, async || {
        of(&world, &agent).await.iter().any(|one| one.id != first.id)
    })
    .await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_grace_unanswered_work_of_a_lost_agent_goes_to_others_at_its_age() {
    let mut world = World::new().await;
    world.hub.rules.routing.disconnect_grace = Duration::from_secs(1);
    let agent = world.agent("a", 1).await;
    let running = world.run();
    customers_write(&world, 1).await;
    eventually("it is assigned", DEADLINE, async || {
        of(&world, &agent).await.len() == 1
    })
    .await;
    let before = of(&world, &agent).await.remove(0);
    let colleague = world.agent("b", 1).await;
    world.hub.disconnected(&agent.id, NODE).await.unwrap();
    eventually("the colleague has it", DEADLINE, async || {
        of(&world, &colleague).await.len() == 1
    })
    .await;
    let after = of(&world, &colleague).await.remove(0);
    assert_eq!((after.id, after.waiting_since), (before.id, before.waiting_since));
    check_invariants(&world, 1).await;
    let causes = world.hub.store.presence_sessions.of(&agent.id, 1).await.unwrap();
    assert_eq!(causes[0].cause, switchboard_domain::PresenceCause::Disconnected);
    running.stop().await;
}

/// Everything that people and machines do at once, again and again, with two workers: P5 holds at every look.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_interleavings_never_break_capacity() {
    let world = World::new().await;
    world.queue("default", false, 3600).await;
    let mut agents = Vec::new();
    for name in ["a", "b", "c", "d"] {
        agents.push(world.agent(name, 3).await);
    }
    let (one, two) = (run(&world.sibling().await), run(&world.sibling().await));
    customers_write(&world, 60).await;
    let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut roll = |most: u64| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        chance % most
    };
    for _ in 0..250 {
        let rows = world
            .hub
            .store
            .conversations
            .list(&Visible::Everything, &InboxFilter::default(), None, 60)
            .await
            .unwrap()
            .items;
        // Four at once, each on something of its own choice: a thousand in all.
        let four: Vec<(u64, Conversation, User)> = (0..4)
            .map(|_| {
                let row = roll(rows.len() as u64) as usize;
                (roll(7), rows[row].clone(), agents[roll(4) as usize].clone())
            })
            .collect();
        let acts = four.into_iter().map(|(act, conversation, agent)| {
            let hub = world.hub.clone();
            async move {
                let offered = conversation
                    .offer
                    .as_ref()
                    .is_some_and(|offer| offer.agent_id == agent.id);
                // Many of them come too late: that is the point.
                match act {
                    0 | 1 if offered => drop(hub.accept(&conversation, &agent).await),
                    2 if offered => drop(hub.decline(&conversation, &agent).await),
                    3 => drop(hub.resolve(&Visible::Everything, &conversation.id).await),
                    4 => drop(hub.reopen(&Visible::Everything, &conversation.id).await),
                    5 => drop(hub.declare_presence(&agent.id, Intent::Away).await),
                    _ => drop(hub.declare_presence(&agent.id, Intent::Available).await),
                }
            }
        });
        for one in acts.map(tokio::spawn).collect::<Vec<_>>() {
            one.await.unwrap();
        }
        check_invariants(&world, 3).await;
    }
    one.stop().await;
    two.stop().await;
}
