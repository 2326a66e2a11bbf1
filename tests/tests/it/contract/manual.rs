//! Work handed on by people: taken, transferred, released, wrapped up; and queues as they watch them.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_tests::{
    Api, Console, Desk,
    api::items,
    desk::{id, sit_down},
    eventually,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);

async fn capacity(desk: &Desk, agent: &Api, units: u32) {
    let change = json!({ "capacity": units });
    desk.admin
        .patch(&format!("/users/{}", agent.user_id), &change)
        .await
        .ok();
}

async fn waiting(desk: &Desk) -> Value {
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    desk.conversation_that(&desk.admin, &customer, |one| one["routing_state"] == "waiting")
        .await
}

#[tokio::test]
async fn an_agent_takes_what_waits_in_a_queue_of_theirs_as_far_as_there_is_room() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let agent = desk.hire("agent").await;
    capacity(&desk, &agent, 1).await;
    let (first, second) = (waiting(&desk).await, waiting(&desk).await);
    let take = |conversation: &Value| format!("/conversations/{}/assign", id(conversation));
    let stranger = world.desk().await.hire("agent").await;
    stranger
        .post(&take(&first), &json!({ "agent_id": "me" }))
        .await
        .error(404);
    let taken = agent.post(&take(&first), &json!({ "agent_id": "me" })).await.ok();
    assert_eq!(taken["assignee_id"], agent.user_id.as_str());
    agent
        .post(&take(&second), &json!({ "agent_id": "me" }))
        .await
        .error(409);
    let colleague = desk.hire("agent").await;
    colleague
        .post(&take(&first), &json!({ "agent_id": "me" }))
        .await
        .error(404);
    // A lead may exceed the capacity, and it is told.
    let lead = desk.hire("team_lead").await;
    let console = Console::connect(&lead.url, lead.token.as_deref().unwrap()).await;
    lead.post(&take(&second), &json!({ "agent_id": agent.user_id }))
        .await
        .ok();
    let over = console
        .event("over capacity", |event| {
            event.is("assignment.updated", "conversation_id", &id(&second))
        })
        .await;
    assert_eq!(over.data()["over_capacity"], true);
}

#[tokio::test]
async fn transfers_go_to_colleagues_with_room_or_to_queues_with_a_note() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, _console) = desk.agent().await;
    let (_, conversation) = desk.given_to(&agent).await;
    let path = format!("/conversations/{}/transfer", id(&conversation));
    let colleague = desk.hire("agent").await;
    capacity(&desk, &colleague, 0).await;
    let to_colleague = json!({ "agent_id": colleague.user_id, "note": "yours" });
    agent.post(&path, &to_colleague).await.error(409);
    let still = agent
        .get(&format!("/conversations/{}", id(&conversation)))
        .await
        .ok();
    assert_eq!(
        still["assignee_id"],
        agent.user_id.as_str(),
        "nothing was taken away"
    );
    let stranger = world.desk().await.hire("agent").await;
    agent
        .post(&path, &json!({ "agent_id": stranger.user_id }))
        .await
        .error(403);
    agent.post(&path, &json!({})).await.error(422);
    agent.post(&path, &json!({ "queue_id": "gone" })).await.error(422);

    capacity(&desk, &colleague, 1).await;
    let given = agent.post(&path, &to_colleague).await.ok();
    assert_eq!(given["assignee_id"], colleague.user_id.as_str());
    let messages = colleague
        .get(&format!("/conversations/{}/messages", id(&conversation)))
        .await
        .ok();
    assert!(
        items(&messages)
            .iter()
            .any(|one| one["content"]["text"] == "yours" && one["direction"] == "internal")
    );

    let side = format!("{}s", desk.name);
    let queue = json!({ "name": "Side", "team_ids": [desk.name], "auto_accept": true, "any_agent": true });
    desk.admin
        .put(&format!("/routing/queues/{side}"), &queue)
        .await
        .ok();
    colleague.post(&path, &json!({ "queue_id": side })).await.ok();
    eventually("the first agent has it again", SOON, async || {
        let now = desk
            .admin
            .get(&format!("/conversations/{}", id(&conversation)))
            .await
            .ok();
        now["assignee_id"] == agent.user_id.as_str() && now["queue_id"] == side.as_str()
    })
    .await;
}

#[tokio::test]
async fn whoever_leaves_leaves_their_work_to_others() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, _console) = desk.agent().await;
    let (_, one) = desk.given_to(&agent).await;
    let (_, two) = desk.given_to(&agent).await;
    let (colleague, _theirs) = desk.agent().await;
    agent.put("/me/presence", &json!({ "status": "away" })).await.ok();
    let lead = desk.hire("team_lead").await;
    let path = format!("/routing/agents/{}/release", agent.user_id);
    colleague.post(&path, &json!({})).await.error(403);
    assert_eq!(lead.post(&path, &json!({})).await.ok(), json!({ "released": 2 }));
    for conversation in [one, two] {
        eventually("the colleague has it", SOON, async || {
            let now = desk
                .admin
                .get(&format!("/conversations/{}", id(&conversation)))
                .await
                .ok();
            now["assignee_id"] == colleague.user_id.as_str()
        })
        .await;
    }
    let changes = lead
        .get(&format!("/routing/agents/{}/presence", agent.user_id))
        .await
        .ok();
    let latest = &items(&changes)[0];
    assert_eq!(
        (&latest["status"], &latest["cause"]),
        (&json!("away"), &json!("declared"))
    );
    assert!(
        items(&changes)
            .iter()
            .any(|one| one["cause"] == "connected" && one["online"] == true)
    );
}

#[tokio::test]
async fn wrapping_up_takes_capacity_until_it_is_finished() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let queue = json!({ "name": "Q", "team_ids": [desk.name], "auto_accept": true, "any_agent": true, "wrap_up_secs": 3600 });
    desk.admin
        .put(&format!("/routing/queues/{}", desk.name), &queue)
        .await
        .ok();
    let (agent, _console) = desk.agent().await;
    capacity(&desk, &agent, 1).await;
    let (_, conversation) = desk.given_to(&agent).await;
    agent
        .post(
            &format!("/conversations/{}/resolve", id(&conversation)),
            &json!({}),
        )
        .await
        .ok();
    let next = waiting(&desk).await;
    let told = agent.get("/routing/agents/me/explanation").await.ok();
    assert_eq!((&told["used"], &told["total"]), (&json!(1), &json!(1)));
    assert_eq!(
        agent.post("/me/wrap-up/finish", &json!({})).await.ok(),
        json!({ "released": 1 })
    );
    eventually("the next one comes", SOON, async || {
        let now = desk
            .admin
            .get(&format!("/conversations/{}", id(&next)))
            .await
            .ok();
        now["assignee_id"] == agent.user_id.as_str()
    })
    .await;
}

#[tokio::test]
async fn queues_are_watched_live_and_places_are_known() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let lead = desk.hire("team_lead").await;
    let console = Console::connect(&lead.url, lead.token.as_deref().unwrap()).await;
    let (first, second) = (waiting(&desk).await, waiting(&desk).await);
    let told = console
        .event("two wait", |event| {
            event.is("queue.updated", "queue_id", &desk.name) && event.data()["waiting"] == 2
        })
        .await;
    assert_eq!(
        (&told.data()["staffed"], &told.data()["available"]),
        (&json!(0), &json!(0))
    );
    for (conversation, place) in [(&first, 1), (&second, 2)] {
        let found = lead
            .get(&format!("/conversations/{}/position", id(conversation)))
            .await
            .ok();
        assert_eq!(
            (&found["position"], &found["queue_id"]),
            (&json!(place), &json!(desk.name))
        );
    }
    let agent = desk.hire("agent").await;
    let _own = sit_down(&agent).await;
    console
        .event("nobody waits", |event| {
            event.is("queue.updated", "queue_id", &desk.name)
                && event.data()["waiting"] == 0
                && event.data()["available"] == 1
        })
        .await;
    lead.get(&format!("/conversations/{}/position", id(&first)))
        .await
        .error(409);
    let live = lead.get("/routing/queues/live").await.ok();
    let own = items(&live)
        .iter()
        .find(|one| one["queue_id"] == desk.name.as_str())
        .unwrap();
    assert_eq!(
        (&own["open"], &own["waiting"], &own["staffed"]),
        (&json!(true), &json!(0), &json!(1))
    );
    assert!(own["predicted_wait_secs"].is_number(), "{own}");
}

#[tokio::test]
async fn simulations_stream_and_say_what_would_differ() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, _console) = desk.agent().await;
    desk.given_to(&agent).await;
    let lead = desk.hire("team_lead").await;
    let lines = async |api: &Api, body: Value| -> Vec<Value> {
        // One at a time, and other tests simulate too.
        let answer = switchboard_tests::eventually_some("a turn", SOON, async || {
            let answer = api.post("/routing/simulate", &body).await;
            (answer.status != 409).then_some(answer)
        })
        .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        answer
            .text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let past = lines(&lead, json!({ "days": 1 })).await;
    let report = &past.last().unwrap()["report"];
    let own: Vec<&Value> = report["queues"].as_array().unwrap().iter().collect();
    assert!(
        own.iter()
            .all(|row| row["queue_id"].as_str().unwrap().starts_with(&desk.name)),
        "others' queues: {report}"
    );
    assert_eq!(own[0]["assigned_then"], 1);
    assert_eq!(own[0]["assigned"], 1);
    assert!(report["differences"]["compared"].as_u64().unwrap() >= 1);

    let conversations: Vec<Value> = (0..2_500)
        .map(|nth| json!({ "id": format!("s{nth:05}"), "at": format!("2026-01-01T00:{:02}:{:02}Z", nth / 60, nth % 60), "channel": "line", "account_id": "x", "queue_id": desk.name, "handle_secs": 10 }))
        .collect();
    let scenario = json!({ "scenario": { "agents": [{ "id": "a", "team_ids": [desk.name], "capacity": 10 }], "conversations": conversations } });
    let played = lines(&desk.admin, scenario).await;
    assert!(
        played.iter().any(|line| line["progress"]["of"] == 2_500),
        "{played:?}"
    );
    let report = &played.last().unwrap()["report"];
    assert_eq!(
        (
            &report["assigned"],
            &report["waits"]["max"],
            &report["agents"][0]["most_used"]
        ),
        (&json!(2_500), &json!(0), &json!(10))
    );

    agent.post("/routing/simulate", &json!({})).await.error(403);
    lead.post("/routing/simulate", &json!({ "days": 0 }))
        .await
        .error(422);
    lead.post(
        "/routing/simulate",
        &json!({ "days": 1, "rules": [{ "id": "x", "name": "x", "condition": { "all": [] }, "steps": [] }] }),
    )
    .await
    .error(422);
}
