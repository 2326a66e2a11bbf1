//! Every error comes in the envelope, with the right status and without internals.

use reqwest::Method;
use serde_json::json;
use switchboard_tests::{Answer, Api, api::answer};

use crate::world::World;

async fn raw(api: &Api, method: Method, path: &str, content_type: &str, body: &str) -> Answer {
    let request = api
        .request(method, path)
        .header("Content-Type", content_type)
        .body(body.to_owned());
    answer(request).await
}

const JSON: &str = "application/json";

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told() {
    let world = World::shared().await;
    let admin = Api::sign_in(world.url(), "admin@demo.test").await;
    let post = async |content_type, body: &str| raw(&admin, Method::POST, "/users", content_type, body).await;
    assert_eq!(post(JSON, "{\"email\":").await.error(400), "bad_request");
    assert_eq!(post(JSON, "[1,2]").await.error(400), "bad_request");
    assert_eq!(post(JSON, "").await.error(400), "bad_request");
    assert_eq!(post(JSON, &"[".repeat(200_000)).await.error(400), "bad_request");
    assert_eq!(
        post("text/plain", "{}").await.error(415),
        "unsupported_media_type"
    );
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(post(JSON, &large).await.error(413), "too_large");
    // As JSON with a string that isn't UTF-8.
    let request = admin.request(Method::POST, "/users").header("Content-Type", JSON);
    let invalid = answer(request.body(b"{\"email\":\"\xff\xfe\"}".to_vec())).await;
    assert_eq!(invalid.error(400), "bad_request");
}

#[tokio::test]
async fn what_cant_be_accepted_names_the_field() {
    let world = World::shared().await;
    let admin = Api::sign_in(world.url(), "admin@demo.test").await;
    let user = json!({ "email": "not an address", "name": "N", "password": "long-enough-for-us", "role_id": "agent" });
    let refused = admin.post("/users", &user).await;
    assert_eq!(refused.error(422), "invalid");
    assert_eq!(refused.body["error"]["details"][0]["field"], "email");
    let user = json!({ "email": "a@b.test", "name": "N", "password": "short", "role_id": "agent" });
    let refused = admin.post("/users", &user).await;
    assert_eq!(refused.error(422), "invalid");
    assert!(!refused.text.contains("short\""), "the password is in the answer");
    let account = json!({ "channel": "whatsapp", "account_id": "no-secret", "name": "N", "secrets": {} });
    let refused = admin.post("/channels", &account).await;
    assert_eq!(refused.error(422), "invalid");
    assert_eq!(
        refused.body["error"]["details"][0]["field"],
        "secrets.signing_secret"
    );
    let again = json!({ "channel": "whatsapp", "account_id": "wa-demo", "name": "N", "secrets": { "signing_secret": "s" } });
    assert_eq!(admin.post("/channels", &again).await.error(409), "already_exists");
}

#[tokio::test]
async fn addresses_and_methods_that_arent_there() {
    let world = World::shared().await;
    let admin = Api::sign_in(world.url(), "admin@demo.test").await;
    for path in [
        "/nothing",
        "/conversations/nothing",
        "/conversations/nothing/messages",
        "/ops/queues/nothing/pause/x",
    ] {
        assert_eq!(admin.get(path).await.error(404), "not_found", "{path}");
    }
    let wrong = raw(&admin, Method::DELETE, "/me", JSON, "").await;
    assert_eq!(wrong.error(405), "method_not_allowed");
    admin
        .post("/conversations/nothing/resolve", &json!({}))
        .await
        .error(404);
    admin.reply("nothing", "hi", "key").await.error(404);
    let put = raw(
        &admin,
        Method::PUT,
        "/../../webhooks/whatsapp/wa-demo",
        JSON,
        "{}",
    )
    .await;
    assert_eq!(put.error(405), "method_not_allowed");
}

#[tokio::test]
async fn lists_have_bounds() {
    let world = World::shared().await;
    let admin = Api::sign_in(world.url(), "admin@demo.test").await;
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=-1",
        "view=sideways",
        "status=lost",
        "cursor=garbage",
    ] {
        let path = format!("/conversations?{query}");
        assert_eq!(admin.get(&path).await.error(400), "bad_request", "{query}");
    }
    admin.get("/conversations?limit=200").await.ok();
}

#[tokio::test]
async fn the_answer_carries_its_request_id() {
    let world = World::shared().await;
    let refused = Api::stranger(world.url()).get("/me").await;
    let id = refused.header("x-request-id").to_owned();
    assert_eq!(refused.body["error"]["request_id"], id.as_str());
    assert!(world.logs().contains(&id), "the log doesn't know request {id}");
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
    assert_eq!(refused.header("content-type"), "application/json");
}
