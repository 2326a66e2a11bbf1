//! Channel accounts: the handshake, and secrets that go in and never come out.

use serde_json::json;
use switchboard_tests::{
    Api, desk,
    wa::{Number, Text},
};

use crate::world::World;

#[tokio::test]
async fn the_handshake_gives_the_challenge_to_whoever_knows_the_token() {
    let world = World::shared().await;
    let api = Api::stranger(world.url());
    let path = "/webhooks/whatsapp/wa-demo?hub.mode=subscribe&hub.challenge=1158201444";
    let right = api.outside(&format!("{path}&hub.verify_token=demo-verify")).await;
    assert_eq!((right.status, right.text.as_str()), (200, "1158201444"));
    assert!(right.header("content-type").starts_with("text/plain"));

    let wrong = api.outside(&format!("{path}&hub.verify_token=guess")).await;
    assert_eq!(wrong.error(403), "forbidden");
    assert!(!wrong.text.contains("1158201444"), "the challenge leaks");
    api.outside(path).await.error(403);
    api.outside("/webhooks/whatsapp/wa-demo").await.error(403);
    api.outside("/webhooks/whatsapp/nobody").await.error(404);
    api.outside("/webhooks/pigeon/wa-demo").await.error(404);
}

#[tokio::test]
async fn an_account_made_through_the_api_works_at_once() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let customer = desk.customer();
    desk.write(&customer, "first").await;
    let conversation = desk.conversation(&desk.admin, &customer).await;
    assert_eq!(conversation["account_id"], desk.name.as_str());
    assert_eq!(conversation["team_id"], desk.name.as_str());
    let handshake = format!(
        "/webhooks/whatsapp/{}?hub.mode=subscribe&hub.challenge=77&hub.verify_token={}",
        desk.name,
        desk::VERIFY_TOKEN
    );
    assert_eq!(desk.admin.outside(&handshake).await.text, "77");
    // Another account's secret doesn't sign for this one.
    let forged = Number::demo().text(&Text {
        id: "wamid.forged",
        from: &customer.phone,
        name: "Customer",
        body: "no",
        at: desk::now(),
    });
    assert_eq!(desk.post(&forged).await.error(401), "unauthenticated");
}

#[tokio::test]
async fn secrets_never_come_out() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let path = format!("/channels/whatsapp/{}", desk.name);
    let shown = desk.admin.get(&path).await;
    assert_eq!(
        shown.body["secrets"],
        json!(["access_token", "signing_secret", "verify_token"])
    );
    let changed = desk
        .admin
        .patch(
            &path,
            &json!({ "secrets": { "access_token": "planted-second-token-c4c4" } }),
        )
        .await;
    let refused = desk
        .admin
        .post(
            "/channels",
            &json!({ "channel": "whatsapp", "account_id": desk.name, "name": "again",
            "secrets": { "signing_secret": desk::SIGNING_SECRET } }),
        )
        .await;
    refused.error(409);
    let unsigned = desk.post(&desk.number.sign(b"{".to_vec())).await;
    unsigned.error(400);
    let list = desk.admin.get("/channels").await;
    let metrics = desk.admin.outside("/metrics").await;
    assert!(
        metrics.text.contains("switchboard_webhooks_total"),
        "{}",
        metrics.text
    );
    let openapi = desk.admin.outside("/openapi.json").await;

    let planted = [
        desk::SIGNING_SECRET,
        desk::ACCESS_TOKEN,
        desk::VERIFY_TOKEN,
        "planted-second-token-c4c4",
    ];
    for secret in planted {
        for answer in [&shown, &changed, &refused, &unsigned, &list, &metrics, &openapi] {
            assert!(!answer.text.contains(secret), "{secret} in {}", answer.text);
        }
        assert!(!world.logs().contains(secret), "{secret} in the log");
    }
    // Nor do they lie open in the database.
    let database = world.corner.database().await;
    let stored = database
        .collection::<mongodb::bson::Document>("channel_accounts")
        .find_one(mongodb::bson::doc! { "account_id": &desk.name })
        .await
        .unwrap();
    let stored = stored.map(|document| format!("{document:?}"));
    let stored = stored.expect("the account in channel_accounts");
    for secret in planted {
        assert!(!stored.contains(secret), "{secret} is stored as it is");
    }
}

#[tokio::test]
async fn an_account_is_tried_out_and_its_health_tells_what_came_of_it() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let path = format!("/channels/whatsapp/{}", desk.name);
    assert_eq!(desk.admin.get(&path).await.ok()["health"]["state"], "connected");

    // Nobody listens there.
    let settings =
        json!({ "settings": { "provider_account_id": "1", "api_base_url": "http://127.0.0.1:1" } });
    desk.admin.patch(&path, &settings).await.ok();
    let trials = [
        ("verify", json!({})),
        ("test-message", json!({ "to": "15550001111", "text": "hello" })),
    ];
    for (trial, body) in trials {
        let result = desk.admin.post(&format!("{path}/{trial}"), &body).await.ok();
        assert_eq!(result["ok"], false, "{result}");
        let error = &result["error"];
        assert!(
            error["message"].as_str().is_some_and(|said| !said.is_empty()),
            "{result}"
        );
        let health = desk.admin.get(&path).await.ok()["health"].clone();
        assert_eq!(health["state"], "degraded", "{health}");
        assert_eq!(health["last_error"]["code"], error["code"], "{health}");
    }

    let (agent, _console) = desk.agent().await;
    agent.post(&format!("{path}/verify"), &json!({})).await.error(403);
    let nowhere = desk
        .admin
        .post(&format!("{path}/test-message"), &json!({ "to": " " }))
        .await;
    nowhere.error(422);
    let unknown = desk
        .admin
        .post("/channels/whatsapp/nobody/verify", &json!({}))
        .await;
    unknown.error(404);
}

#[tokio::test]
async fn a_patch_clears_what_it_says_is_null_and_leaves_the_rest() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let path = format!("/channels/whatsapp/{}", desk.name);
    let cleared = desk.admin.patch(&path, &json!({ "queue_id": null })).await.ok();
    assert!(cleared["queue_id"].is_null(), "{cleared}");
    assert_eq!(cleared["team_id"], desk.name.as_str());
    let manager = desk.hire("branch_manager").await;
    let path = format!("/users/{}", manager.user_id);
    let renamed = desk.admin.patch(&path, &json!({ "name": "Renamed" })).await.ok();
    assert_eq!(renamed["branch_id"], desk.name.as_str());
    let cleared = desk.admin.patch(&path, &json!({ "branch_id": null })).await.ok();
    assert!(cleared["branch_id"].is_null(), "{cleared}");
}
