//! Presence, offers and capacity.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_tests::{
    Console, Desk,
    api::{items, text},
    desk::{id, sit_down, time},
    eventually,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(20);

/// From now on what is routed here has to be accepted.
async fn ask_first(desk: &Desk) {
    let queue = json!({ "name": desk.name, "team_ids": [desk.name], "auto_accept": false, "any_agent": true, "offer_ttl_secs": 60 });
    desk.admin
        .put(&format!("/routing/queues/{}", desk.name), &queue)
        .await
        .ok();
}

async fn offered(console: &Console) -> Value {
    console
        .event("an offer", |event| event.name == "assignment.offered")
        .await
        .data()
        .clone()
}

#[tokio::test]
async fn presence_is_what_one_declares_and_everyone_entitled_hears_it() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (lead, agent) = (desk.hire("team_lead").await, desk.hire("agent").await);
    let console = Console::connect(&lead.url, lead.token.as_deref().unwrap()).await;
    let own = Console::connect(&agent.url, agent.token.as_deref().unwrap()).await;
    for status in ["available", "busy", "away", "offline"] {
        let declared = agent.put("/me/presence", &json!({ "status": status })).await.ok();
        assert_eq!(declared["status"], status);
        assert_eq!(agent.get("/me").await.ok()["presence"]["status"], status);
        for console in [&console, &own] {
            console
                .event(status, |event| {
                    event.is("presence.changed", "user_id", &agent.user_id)
                        && event.data()["status"] == status
                })
                .await;
        }
    }
    agent
        .put("/me/presence", &json!({ "status": "asleep" }))
        .await
        .error(400);
    drop(own);
    eventually("offline without a console", SOON, async || {
        agent.get("/me").await.ok()["presence"]["online"] == false
    })
    .await;
}

#[tokio::test]
async fn an_offer_can_be_accepted_or_declined_by_its_agent_alone() {
    let world = World::shared().await;
    let desk = world.desk().await;
    ask_first(&desk).await;
    let agent = desk.hire("agent").await;
    let user = format!("/users/{}", agent.user_id);
    desk.admin
        .patch(&user, &json!({ "auto_accept": false }))
        .await
        .ok();
    let colleague = desk.hire("agent").await;
    let console = sit_down(&agent).await;
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    let offer = offered(&console).await;
    assert_eq!(offer["agent_id"], agent.user_id.as_str());
    assert_eq!(offer["status"], "offered");
    text(&offer, "expires_at");
    let at = |action: &str| {
        format!(
            "/conversations/{}/{action}",
            offer["conversation_id"].as_str().unwrap()
        )
    };
    let listed = agent.get("/conversations?view=offered").await.ok();
    assert_eq!(items(&listed)[0]["id"], offer["conversation_id"]);
    colleague.post(&at("accept"), &json!({})).await.error(404);

    let taken = agent.post(&at("accept"), &json!({})).await.ok();
    assert_eq!(taken["assignee_id"], agent.user_id.as_str());
    assert_eq!(
        agent.post(&at("accept"), &json!({})).await.status,
        409,
        "accepted twice"
    );

    // Declined: it waits, and isn't offered to them again although nobody else is there.
    let customer = desk.customer();
    desk.write(&customer, "hello too").await;
    let first = text(&offer, "id");
    let second = console
        .event("a second offer", |event| {
            event.name == "assignment.offered" && event.data()["id"] != first.as_str()
        })
        .await;
    let conversation = text(second.data(), "conversation_id");
    agent
        .post(&format!("/conversations/{conversation}/decline"), &json!({}))
        .await
        .ok();
    let waiting = |one: &Value| one["routing_state"] == "waiting";
    desk.conversation_that(&desk.admin, &customer, waiting).await;
    let colleagues = sit_down_and_ask(&desk, &colleague).await;
    assert_eq!(
        offered(&colleagues).await["conversation_id"],
        conversation.as_str()
    );
    let offers = console
        .events()
        .iter()
        .filter(|event| event.is("assignment.offered", "conversation_id", &conversation))
        .count();
    assert_eq!(offers, 1, "offered again to whoever declined");
}

async fn sit_down_and_ask(desk: &Desk, agent: &switchboard_tests::Api) -> Console {
    let user = format!("/users/{}", agent.user_id);
    desk.admin
        .patch(&user, &json!({ "auto_accept": false }))
        .await
        .ok();
    sit_down(agent).await
}

#[tokio::test]
async fn nobody_gets_more_than_their_capacity_and_freed_room_is_used_at_once() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, _console) = desk.agent().await;
    let customers: Vec<_> = (0..8).map(|_| desk.customer()).collect();
    for customer in &customers {
        desk.write(customer, "hello").await;
    }
    let all = format!("/conversations?account={}", desk.name);
    let held = async || {
        let list = desk.admin.get(&all).await.ok();
        let held = items(&list)
            .iter()
            .filter(|one| one["assignee_id"] == agent.user_id.as_str() && one["status"] == "open");
        (items(&list).len(), held.count())
    };
    eventually("eight conversations, five of them held", SOON, async || {
        held().await == (8, 5)
    })
    .await;
    let waiting = items(&desk.admin.get(&format!("{all}&view=unassigned")).await.ok()).clone();
    let oldest = waiting
        .iter()
        .min_by_key(|one| (time(one, "waiting_since"), id(one)))
        .map(id)
        .unwrap();
    eventually("it is explained why the oldest waits", SOON, async || {
        let why = desk
            .admin
            .get(&format!("/conversations/{oldest}/routing"))
            .await
            .ok();
        items(&why)
            .first()
            .is_some_and(|decision| decision["outcome"]["type"] == "waiting")
    })
    .await;

    let mine = items(&agent.get("/conversations?view=mine").await.ok()).clone();
    agent
        .post(&format!("/conversations/{}/resolve", id(&mine[0])), &json!({}))
        .await
        .ok();
    eventually("the oldest waiting one takes the place", SOON, async || {
        let one = desk.admin.get(&format!("/conversations/{oldest}")).await.ok();
        one["assignee_id"] == agent.user_id.as_str()
    })
    .await;
    assert_eq!(held().await.1, 5);
}

#[tokio::test]
async fn nobody_gets_anything_without_being_there_and_available() {
    let world = World::shared().await;
    let desk = world.desk().await;
    // Available but no console; a console but away.
    let absent = desk.hire("agent").await;
    absent
        .put("/me/presence", &json!({ "status": "available" }))
        .await
        .ok();
    let (away, _console) = desk.agent().await;
    away.put("/me/presence", &json!({ "status": "away" })).await.ok();
    let customer = desk.customer();
    desk.write(&customer, "anybody?").await;
    let conversation = desk.conversation(&desk.admin, &customer).await;
    let path = format!("/conversations/{}/routing", id(&conversation));
    let mut reasons = Vec::new();
    eventually("a decision", SOON, async || {
        let list = desk.admin.get(&path).await.ok();
        reasons = items(&list)
            .iter()
            .flat_map(|decision| decision["considered"].as_array().cloned().unwrap_or_default())
            .map(|one| (one["agent_id"].clone(), one["rejected"]["reason"].clone()))
            .collect();
        !reasons.is_empty()
    })
    .await;
    assert!(
        reasons.contains(&(json!(absent.user_id), json!("no_device"))),
        "{reasons:?}"
    );
    assert!(
        reasons.contains(&(json!(away.user_id), json!("not_routable"))),
        "{reasons:?}"
    );
    away.put("/me/presence", &json!({ "status": "available" }))
        .await
        .ok();
    desk.conversation_that(&away, &customer, |one| {
        one["assignee_id"] == away.user_id.as_str()
    })
    .await;
}
