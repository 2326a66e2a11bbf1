//! API keys: some of their owner's permissions, until they end.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use switchboard_tests::{
    Api, Console,
    api::{items, text},
    desk::now,
    eventually,
};

use crate::world::World;

async fn key(admin: &Api, permissions: Value, expires_at: Option<String>) -> (Api, String) {
    let new = json!({ "name": "A program", "permissions": permissions, "expires_at": expires_at });
    let made = admin.post("/api-keys", &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let mut program = admin.clone();
    program.token = Some(text(&made.body, "key"));
    (program, text(&made.body, "id"))
}

#[tokio::test]
async fn a_key_may_what_it_was_given_and_no_more() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let owner = desk.hire("super_admin").await;
    let (program, id) = key(&owner, json!(["conversations.view", "users.manage"]), None).await;
    program.get("/conversations").await.ok();
    assert_eq!(program.get("/ops/queues").await.error(403), "forbidden");
    assert_eq!(program.get("/me").await.ok()["id"], owner.user_id.as_str());
    // Not by way of others either: people, roles, keys, sessions.
    let user = json!({ "email": format!("{id}@key.test"), "name": "N", "password": "a long password", "role_id": "operations" });
    assert_eq!(program.post("/users", &user).await.error(403), "beyond_your_role");
    let more = json!({ "name": "x", "permissions": ["users.manage"] });
    assert_eq!(program.post("/api-keys", &more).await.error(403), "forbidden");
    assert_eq!(program.delete("/me/sessions").await.error(403), "forbidden");
    assert_eq!(program.post("/me/totp", &json!({})).await.error(403), "forbidden");
    let token = json!({ "token": program.token });
    assert!(
        Console::try_connect(&program.url, &token).await.is_err(),
        "a console for a program"
    );

    // What it does is written down as its own.
    let name = json!({ "name": "By a program" });
    program
        .put(&format!("/branches/k{}", desk.name), &name)
        .await
        .ok();
    let log = desk.admin.get(&format!("/audit-logs?actor={id}")).await.ok();
    assert_eq!(items(&log)[0]["actor"], json!({ "type": "api_key", "id": id }));

    let listed = owner.get("/api-keys").await;
    let secret = program.token.clone().unwrap();
    assert!(!listed.text.contains(&secret), "the key is shown again");
    let listed = listed.ok();
    let one = items(&listed).iter().find(|one| one["id"] == *id).unwrap();
    assert!(one["last_used_at"].is_string(), "{one}");
    let stored = world.corner.database().await.collection::<Document>("api_keys");
    let row = stored.find_one(doc! { "_id": &id }).await.unwrap().unwrap();
    assert!(!row.to_string().contains(&secret), "the key is stored");
    assert!(!world.logs().contains(&secret), "the key is in the log");

    assert_eq!(owner.delete(&format!("/api-keys/{id}")).await.status, 204);
    program.get("/conversations").await.error(401);
    owner.delete(&format!("/api-keys/{id}")).await.error(404);
}

#[tokio::test]
async fn a_key_ends_with_its_time_and_with_its_owner() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let owner = desk.hire("super_admin").await;
    let soon = now().plus(Duration::from_secs(2)).to_string();
    let (short, _) = key(&owner, json!(["ops.view"]), Some(soon)).await;
    let (long, _) = key(&owner, json!(["ops.view"]), None).await;
    long.get("/ops/queues").await.ok();
    eventually("the end of the short one", Duration::from_secs(20), async || {
        short.get("/ops/queues").await.status == 401
    })
    .await;
    // Its owner becomes less, and then nobody.
    let path = format!("/users/{}", owner.user_id);
    desk.admin.patch(&path, &json!({ "role_id": "agent" })).await.ok();
    long.get("/ops/queues").await.error(403);
    desk.admin.patch(&path, &json!({ "enabled": false })).await.ok();
    long.get("/ops/queues").await.error(401);
}

#[tokio::test]
async fn who_may_make_one_and_what_it_may_say() {
    let world = World::shared().await;
    let desk = world.desk().await;
    for role in ["operations", "team_lead", "agent", "branch_manager"] {
        let who = desk.hire(role).await;
        let new = json!({ "name": "x", "permissions": [] });
        assert_eq!(who.post("/api-keys", &new).await.error(403), "forbidden");
        assert_eq!(who.get("/api-keys").await.error(403), "forbidden");
    }
    let past = json!({ "name": "x", "permissions": [], "expires_at": "2020-01-01T00:00:00Z" });
    desk.admin.post("/api-keys", &past).await.error(422);
    let nameless = json!({ "name": " ", "permissions": [] });
    desk.admin.post("/api-keys", &nameless).await.error(422);
    let unknown = json!({ "name": "x", "permissions": ["all"] });
    desk.admin.post("/api-keys", &unknown).await.error(400);
    let mut stranger = Api::stranger(world.url());
    stranger.token = Some("sb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into());
    stranger.get("/me").await.error(401);
}
