//! Overflow, hours, explanations and promised times, as outsiders see them.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_tests::{
    Console, Desk,
    api::{items, text},
    desk::id,
    eventually,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_closed_queue_flows_over_and_says_so() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (name, night) = (&desk.name, format!("{}n", desk.name));
    let never = json!({ "name": "Never", "time_zone": "Europe/Vienna", "weekly": [] });
    desk.admin
        .put(&format!("/business-hours/{name}"), &never)
        .await
        .ok();
    let queue = json!({ "name": "Night", "team_ids": [name], "auto_accept": true, "any_agent": true });
    desk.admin
        .put(&format!("/routing/queues/{night}"), &queue)
        .await
        .ok();
    let queue = json!({
        "name": "Day", "team_ids": [name], "auto_accept": true, "any_agent": true, "business_hours_id": name,
        "overflow": [{ "when": "closed", "to": night }],
    });
    desk.admin
        .put(&format!("/routing/queues/{name}"), &queue)
        .await
        .ok();

    let (agent, _console) = desk.agent().await;
    let (_, conversation) = desk.given_to(&agent).await;
    assert_eq!(conversation["queue_id"], night.as_str());
    let decisions = agent
        .get(&format!("/conversations/{}/routing", id(&conversation)))
        .await
        .ok();
    assert_eq!(items(&decisions)[0]["overflowed_from"], json!([name]));

    let answer = desk
        .admin
        .put(
            &format!("/business-hours/{name}"),
            &json!({ "name": "X", "time_zone": "Mars/Base", "weekly": [] }),
        )
        .await;
    assert_eq!(answer.error(422), "invalid");
    assert_eq!(answer.body["error"]["details"][0]["pointer"], "/time_zone");
    let wrong = json!({ "name": "X", "time_zone": "UTC", "weekly": [{ "days": ["monday"], "from": "9", "until": "17:00" }] });
    desk.admin
        .put(&format!("/business-hours/{name}"), &wrong)
        .await
        .error(422);
}

#[tokio::test]
async fn a_limit_on_a_channel_holds_and_an_agent_is_told_why() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (agent, _console) = desk.agent().await;
    let limits = json!({ "channel_limits": { "whatsapp": 1 } });
    desk.admin
        .patch(&format!("/users/{}", agent.user_id), &limits)
        .await
        .ok();
    desk.given_to(&agent).await;
    let second = desk.customer();
    desk.write(&second, "me too").await;
    let waiting = desk.conversation(&desk.admin, &second).await;
    eventually("the agent is told why", SOON, async || {
        let told = agent.get("/routing/agents/me/explanation").await.ok();
        told["conversations"].as_array().unwrap().iter().any(|one| {
            one["conversation_id"] == waiting["id"]
                && one["rejected"] == json!({ "reason": "at_capacity", "used": 1, "total": 1, "needed": 1 })
        })
    })
    .await;
    agent.put("/me/presence", &json!({ "status": "away" })).await.ok();
    let told = agent.get("/routing/agents/me/explanation").await.ok();
    assert_eq!(told["obstacles"], json!(["The status is away, not available."]));
    let lead = desk.hire("team_lead").await;
    let path = format!("/routing/agents/{}/explanation", agent.user_id);
    assert_eq!(lead.get(&path).await.ok()["agent_id"], agent.user_id.as_str());
    let stranger = world.desk().await.hire("team_lead").await;
    stranger.get(&path).await.error(404);
    agent
        .get(&format!("/routing/agents/{}/explanation", lead.user_id))
        .await
        .error(403);
}

/// A promise to everyone who writes to this desk.
async fn promise(desk: &Desk, policy: &Value) {
    let mut policy = policy.clone();
    policy["name"] = json!("Promise");
    policy["queue_ids"] = json!([desk.name]);
    desk.admin
        .put(&format!("/sla-policies/{}", desk.name), &policy)
        .await
        .ok();
}

#[tokio::test]
async fn a_broken_promise_is_told_once_and_stays_told() {
    let world = World::shared().await;
    let desk = world.desk().await;
    promise(
        &desk,
        &json!({ "first_response_secs": 2, "resolution_secs": 3600 }),
    )
    .await;
    let (agent, _own) = desk.agent().await;
    let lead = desk.hire("team_lead").await;
    let console = Console::connect(&lead.url, lead.token.as_deref().unwrap()).await;
    let (_, conversation) = desk.given_to(&agent).await;
    let of_it = id(&conversation);
    let breached = console
        .event("a broken promise", |event| {
            event.is("sla.breached", "conversation_id", &of_it)
        })
        .await;
    assert_eq!(breached.data()["metric"], "first_response");
    let path = format!("/conversations/{of_it}/sla");
    let standing = agent.get(&path).await.ok();
    let timers = standing["timers"].as_array().unwrap();
    assert_eq!(
        (&timers[0]["metric"], &timers[0]["breached"]),
        (&json!("first_response"), &json!(true))
    );
    assert_eq!(
        (&timers[1]["metric"], &timers[1]["state"]),
        (&json!("resolution"), &json!("running"))
    );
    agent.reply(&of_it, "late, sorry", "k1").await.ok();
    agent
        .post(&format!("/conversations/{of_it}/resolve"), &json!({}))
        .await
        .ok();
    let standing = agent.get(&path).await.ok();
    let states: Vec<String> = standing["timers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(one, "state"))
        .collect();
    assert_eq!(states, ["met", "met"]);
    assert_eq!(standing["timers"][0]["breached"], true);
    let stranger = world.desk().await.hire("team_lead").await;
    stranger.get(&path).await.error(404);
}
