//! Routing rules: drafted, linted, published, rolled back; and what a team lead may touch of them.

use reqwest::Method;
use serde_json::{Value, json};
use switchboard_tests::{
    Api, Hub, HubOptions, Isolated,
    api::{answer, items, text},
};

use crate::world::World;

async fn delete(api: &Api, path: &str) -> switchboard_tests::Answer {
    answer(api.request(Method::DELETE, path)).await
}

fn pointers(answer: &switchboard_tests::Answer) -> Vec<String> {
    assert_eq!(answer.error(422), "invalid");
    let details = answer.body["error"]["details"].as_array().unwrap();
    details.iter().map(|fault| text(fault, "pointer")).collect()
}

fn on(account: &str) -> Value {
    json!({ "match": { "field": "account", "operator": "is", "value": account } })
}

async fn faults_are_pointed_at(admin: &Api) {
    let wrong = json!({ "rules": [{ "id": "x", "name": "", "steps": [{ "queue_id": "gone" }], "condition": { "match": { "field": "channel", "operator": "is", "value": "fax" } } }] });
    let answer = admin.put("/routing/rules/draft", &wrong).await;
    assert_eq!(
        pointers(&answer),
        [
            "/rules/0/name",
            "/rules/0/condition/match/value",
            "/rules/0/steps/0/queue_id"
        ]
    );
    let wrong = json!({ "rules": [{ "id": "x", "name": "x", "condition": { "all": [] }, "steps": [{ "queue_id": "q1", "timeout_secs": "soon" }] }] });
    assert_eq!(
        pointers(&admin.put("/routing/rules/draft", &wrong).await).len(),
        1
    );
}

async fn versions_tell_what_changed(admin: &Api) {
    let versions = admin.get("/routing/rules/versions").await.ok();
    let told: Vec<(u64, Value)> = items(&versions)
        .iter()
        .map(|one| (one["version"].as_u64().unwrap(), one["changes"].clone()))
        .collect();
    assert_eq!(told[0], (3, json!([{ "rule_id": "all", "change": "removed" }])));
    assert_eq!(
        told[1],
        (
            2,
            json!([{ "rule_id": "late", "change": "changed", "fields": ["name", "order"] }])
        )
    );
    let page = admin.get("/routing/rules/versions?limit=1&cursor=3").await.ok();
    assert_eq!(
        (&items(&page)[0]["version"], &page["next_cursor"]),
        (&json!(2), &json!("2"))
    );
}

#[tokio::test]
async fn drafts_are_linted_published_at_once_and_rolled_back() {
    // Versions count what everybody publishes: a hub of its own.
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner)).await;
    let admin = Api::sign_in(hub.url(), "admin@demo.test").await;
    let queue = json!({ "name": "Q", "team_ids": ["support"], "any_agent": true });
    admin.put("/routing/queues/q1", &queue).await.ok();
    let start = admin.get("/routing/rules/draft").await.ok();
    assert_eq!(start["live_version"], 0);

    let rule = |id: &str, order: i32, condition: Value| json!({ "id": id, "name": id, "order": order, "condition": condition, "steps": [{ "queue_id": "q1" }] });
    let rules = json!({ "rules": [rule("all", 1, json!({ "all": [] })), rule("late", 2, on("wa-demo"))] });
    let draft = admin.put("/routing/rules/draft", &rules).await.ok();
    let kinds: Vec<&str> = draft["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert!(kinds.contains(&"unreachable_rule"), "{draft}");
    let found = draft["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "unreachable_rule")
        .unwrap();
    assert_eq!(found["pointer"], "/rules/1");
    assert_eq!(draft["changes"].as_array().unwrap().len(), 2);
    assert!(
        draft["promises"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["queue_id"] == "q1")
    );
    assert!(
        items(&admin.get("/routing/rules").await.ok()).is_empty(),
        "a draft routes nobody"
    );

    faults_are_pointed_at(&admin).await;

    let published = admin
        .post("/routing/rules/draft/publish", &json!({ "note": "first" }))
        .await
        .ok();
    assert_eq!(
        (&published["version"], &published["note"]),
        (&json!(1), &json!("first"))
    );
    assert_eq!(published["author"], admin.user_id.as_str());
    admin
        .post("/routing/rules/draft/publish", &json!({}))
        .await
        .error(404);

    // One rule by itself, at once; a draft from before is then out of date.
    admin.put("/routing/rules/draft", &rules).await.ok();
    let changed = admin.put("/routing/rules/late", &json!({ "name": "Later", "order": 0, "condition": on("wa-demo"), "steps": [{ "queue_id": "q1" }] })).await.ok();
    assert_eq!(changed["version"], 2);
    admin
        .post("/routing/rules/draft/publish", &json!({}))
        .await
        .error(409);
    delete(&admin, "/routing/rules/all").await.ok();
    delete(&admin, "/routing/rules/all").await.error(404);

    versions_tell_what_changed(&admin).await;

    let back = admin
        .post("/routing/rules/versions/1/restore", &json!({}))
        .await
        .ok();
    assert_eq!((&back["version"], &back["restores"]), (&json!(4), &json!(1)));
    let live = admin.get("/routing/rules").await.ok();
    let names: Vec<String> = items(&live).iter().map(|rule| text(rule, "name")).collect();
    assert_eq!(names, ["all", "late"]);
    admin.get("/routing/rules/versions/9").await.error(404);
    admin.get("/routing/rules/versions/x").await.error(404);
    delete(&admin, "/routing/queues/q1").await.error(409);
}

#[tokio::test]
async fn a_lead_configures_what_is_their_teams_alone() {
    let world = World::shared().await;
    let (desk, other) = (world.desk().await, world.desk().await);
    let lead = desk.hire("team_lead").await;
    let agent = desk.hire("agent").await;
    let rule = |account: &str, queue: &str| json!({ "name": "Ours", "condition": on(account), "steps": [{ "queue_id": queue }] });
    let path = format!("/routing/rules/{}", desk.name);
    lead.put(&path, &rule(&desk.name, &desk.name)).await.ok();
    for (account, queue) in [(&other.name, &desk.name), (&desk.name, &other.name)] {
        lead.put(&path, &rule(account, queue)).await.error(403);
    }
    let everyone = json!({ "name": "All", "condition": { "all": [] }, "steps": [{ "queue_id": desk.name }] });
    lead.put(&path, &everyone).await.error(403);
    agent.get("/routing/rules").await.error(403);
    agent.put(&path, &rule(&desk.name, &desk.name)).await.error(403);

    let theirs = format!("/routing/rules/{}", other.name);
    desk.admin
        .put(&theirs, &rule(&other.name, &other.name))
        .await
        .ok();
    lead.put(&theirs, &rule(&desk.name, &desk.name)).await.error(403);
    delete(&lead, &theirs).await.error(403);
    delete(&lead, &path).await.ok();
    delete(&desk.admin, &theirs).await.ok();

    let queue = |teams: &[&str]| json!({ "name": "Q", "team_ids": teams, "any_agent": true });
    let extra = format!("/routing/queues/{}x", desk.name);
    lead.put(&extra, &queue(&[&desk.name])).await.ok();
    lead.put(&extra, &queue(&[&desk.name, &other.name]))
        .await
        .error(403);
    lead.put(&format!("/routing/queues/{}", other.name), &queue(&[&desk.name]))
        .await
        .error(403);
    let flowing = json!({ "name": "Q", "team_ids": [desk.name], "overflow": [{ "when": { "waited_secs": 9 }, "to": other.name }] });
    lead.put(&extra, &flowing).await.error(403);
    delete(&lead, &extra).await.ok();

    let policy = |queues: &[&str]| json!({ "name": "P", "queue_ids": queues, "first_response_secs": 60 });
    let path = format!("/sla-policies/{}", desk.name);
    lead.put(&path, &policy(&[&desk.name])).await.ok();
    lead.put(&path, &policy(&[])).await.error(403);
    lead.put(&path, &policy(&[&other.name])).await.error(403);
    delete(&lead, &path).await.ok();
    let hours = json!({ "name": "H", "time_zone": "UTC", "weekly": [] });
    lead.put(&format!("/business-hours/{}", desk.name), &hours)
        .await
        .error(403);
}
