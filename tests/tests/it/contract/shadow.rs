//! Rules in the shadow: what they would change is counted on real conversations, and nobody notices.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_tests::{
    Api, Desk, Hub, HubOptions, Isolated,
    api::{items, text},
    eventually_some,
};

const SOON: Duration = Duration::from_secs(30);

fn of_account(account: &str, queue: &str) -> Value {
    let condition = json!({ "match": { "field": "account", "operator": "is", "value": account } });
    json!({ "id": format!("to-{queue}"), "name": "R", "condition": condition, "priority": "high", "steps": [{ "queue_id": queue }] })
}

/// The run as `reader` sees it, once it fits.
async fn shadow(reader: &Api, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    eventually_some(what, SOON, async || {
        let run = reader.get("/routing/rules/shadow").await.ok();
        fits(&run).then_some(run)
    })
    .await
}

fn count(run: &Value, kind: &str) -> u64 {
    let kinds = run["differences"].as_array().unwrap().iter();
    let mut kinds = kinds.filter(|one| one["kind"] == kind);
    kinds.next().map_or(0, |one| one["count"].as_u64().unwrap())
}

async fn second_queue(desk: &Desk) -> String {
    let name = format!("{}v", desk.name);
    let queue = json!({ "name": "V", "team_ids": [desk.name], "auto_accept": true, "any_agent": true });
    desk.admin
        .put(&format!("/routing/queues/{name}"), &queue)
        .await
        .ok();
    name
}

#[tokio::test]
async fn differences_are_counted_once_and_nobody_is_routed_by_them() {
    // There is one run at a time: a hub of its own, with two workers.
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner).split(1, 2)).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let vip = second_queue(&desk).await;
    let (agent, _console) = desk.agent().await;
    let lead = desk.hire("team_lead").await;
    lead.get("/routing/rules/shadow").await.error(404);
    lead.put("/routing/rules/shadow", &json!({})).await.error(404);

    let rules = json!({ "rules": [of_account(&desk.name, &vip)], "hours": 2 });
    let run = lead.put("/routing/rules/shadow", &rules).await.ok();
    assert_eq!((&run["state"], &run["compared"]), (&json!("running"), &json!(0)));
    assert_eq!(run["changes"][0]["change"], "added");
    assert_eq!(run["started_by"], lead.user_id.as_str());

    // Five fit, and are decided; two wait, and are counted once however often they are looked at.
    let customers: Vec<_> = (0..7).map(|_| desk.customer()).collect();
    for customer in &customers {
        desk.write(customer, "hello").await;
    }
    let run = shadow(&lead, "seven conversations", |run| run["conversations"] == 7).await;
    assert_eq!(count(&run, "queue"), run["compared"].as_u64().unwrap());
    assert_eq!(
        (&run["differing"], &run["compared"]),
        (&run["compared"], &run["differing"])
    );
    assert_eq!(run["queues"][0]["live_queue_id"], desk.name.as_str());
    assert_eq!(run["queues"][0]["shadow_queue_id"], vip.as_str());
    let example = &run["examples"][0];
    assert_eq!(example["live"]["priority"], "normal");
    assert_eq!(example["shadow"]["priority"], "high");
    assert_eq!(example["shadow"]["rule_id"], format!("to-{vip}").as_str());
    assert!(example["differs_in"].as_array().unwrap().contains(&json!("rule")));
    for customer in &customers {
        let one = desk.conversation(&desk.admin, customer).await;
        assert_eq!(one["queue_id"], desk.name.as_str(), "routed by the shadow");
    }

    // Whoever waits is looked at again and again; what is counted is each decision, once.
    let placed = placements(&corner).await;
    for _ in 0..3 {
        lead.put("/me/presence", &json!({ "status": "busy" })).await.ok();
        agent.put("/me/presence", &json!({ "status": "away" })).await.ok();
        agent
            .put("/me/presence", &json!({ "status": "available" }))
            .await
            .ok();
    }
    let run = shadow(&lead, "everything", |run| {
        run["compared"].as_u64() >= Some(placed)
    })
    .await;
    let waits = run["compared"].as_u64().unwrap() - placed;
    assert!((2..=7).contains(&waits), "{run}");

    ends(&lead, &desk, &vip).await;
    broken(&corner, &desk, &vip).await;
    audited(&desk.admin, &["rules_shadow.started", "rules_shadow.stopped"]).await;
}

/// Whatever is wrong with the shadow, conversations are routed.
async fn broken(corner: &Isolated, desk: &Desk, vip: &str) {
    let runs = corner.database().await;
    let runs = runs.collection::<mongodb::bson::Document>("routing_shadow_runs");
    let nonsense = mongodb::bson::doc! { "$set": { "json": "nonsense" } };
    assert_eq!(
        runs.update_many(mongodb::bson::doc! {}, nonsense)
            .await
            .unwrap()
            .modified_count,
        1
    );
    let late = desk.customer();
    desk.write(&late, "all the same").await;
    desk.conversation_that(&desk.admin, &late, |one| one["queue_id"] == vip)
        .await;
}

/// Decisions that gave a conversation to somebody.
async fn placements(corner: &Isolated) -> u64 {
    let assignments = corner
        .database()
        .await
        .collection::<mongodb::bson::Document>("assignments");
    assignments.count_documents(mongodb::bson::doc! {}).await.unwrap()
}

/// A run ends when it is stopped, and when rules are published; what it counted stays.
async fn ends(lead: &Api, desk: &Desk, vip: &str) {
    let stranger = Desk::open(desk.url(), "http://127.0.0.1:9")
        .await
        .hire("team_lead")
        .await;
    stranger.delete("/routing/rules/shadow").await.error(403);
    let rules = json!({ "rules": [] });
    stranger.put("/routing/rules/shadow", &rules).await.error(409);
    let others = stranger.get("/routing/rules/shadow").await.ok();
    assert_eq!(
        (&others["compared"], &others["examples"]),
        (&json!(0), &json!([])),
        "another team's"
    );
    lead.delete("/routing/rules/shadow").await.ok();
    lead.delete("/routing/rules/shadow").await.error(404);
    let run = lead.get("/routing/rules/shadow").await.ok();
    assert_eq!(run["state"], "stopped");
    let before = run["compared"].clone();
    desk.write(&desk.customer(), "after it").await;

    // From a draft; publishing it ends it.
    let draft = json!({ "rules": [of_account(&desk.name, vip)] });
    lead.put("/routing/rules/draft", &draft).await.ok();
    let run = lead.put("/routing/rules/shadow", &json!({})).await.ok();
    assert_eq!((&run["state"], &run["compared"]), (&json!("running"), &json!(0)));
    assert_ne!(before, json!(0));
    lead.post("/routing/rules/draft/publish", &json!({})).await.ok();
    let run = lead.get("/routing/rules/shadow").await.ok();
    assert_eq!(run["state"], "published");
    let late = desk.customer();
    desk.write(&late, "under the new rules").await;
    desk.conversation_that(&desk.admin, &late, |one| one["queue_id"] == vip)
        .await;
}

async fn audited(admin: &Api, actions: &[&str]) {
    let log = admin.get("/audit-logs?limit=200").await.ok();
    let told: Vec<String> = items(&log).iter().map(|one| text(one, "action")).collect();
    for action in actions {
        assert!(told.iter().any(|one| one == action), "{action} in {told:?}");
    }
}

#[tokio::test]
async fn a_lead_puts_only_what_is_their_teams_into_the_shadow() {
    let world = crate::world::World::shared().await;
    let (desk, other) = (world.desk().await, world.desk().await);
    let lead = desk.hire("team_lead").await;
    let agent = desk.hire("agent").await;
    for (account, queue) in [(&other.name, &desk.name), (&desk.name, &other.name)] {
        let mut live = items(&lead.get("/routing/rules").await.ok()).clone();
        live.push(of_account(account, queue));
        let answer = lead.put("/routing/rules/shadow", &json!({ "rules": live })).await;
        answer.error(403);
    }
    let wrong = json!({ "rules": [of_account(&desk.name, "gone")] });
    let answer = desk.admin.put("/routing/rules/shadow", &wrong).await;
    assert_eq!(answer.error(422), "invalid");
    assert_eq!(
        answer.body["error"]["details"][0]["pointer"],
        "/rules/0/steps/0/queue_id"
    );
    let long = json!({ "rules": [], "hours": 721 });
    desk.admin.put("/routing/rules/shadow", &long).await.error(422);
    for answer in [
        agent.get("/routing/rules/shadow").await,
        agent.delete("/routing/rules/shadow").await,
    ] {
        answer.error(403);
    }
}
