//! Sign-in: right, wrong, renewed, stolen, ended.

use reqwest::Method;
use serde_json::json;
use switchboard_tests::{
    Answer, Api,
    api::{PASSWORD, answer, text},
};

use crate::world::World;

async fn sign_in(api: &Api, email: &str, password: &str) -> Answer {
    api.post("/auth/login", &json!({ "email": email, "password": password }))
        .await
}

/// The refresh cookie as a browser would send it back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=", "Path=/api/v1/auth"] {
        assert!(set.contains(attribute), "no {attribute} in {set}");
    }
    set.split(';').next().unwrap_or_default().to_owned()
}

async fn with_cookie(api: &Api, path: &str, cookie: &str) -> Answer {
    answer(api.request(Method::POST, path).header("Cookie", cookie)).await
}

#[tokio::test]
async fn the_right_password_opens_a_session_and_no_other_does() {
    let world = World::shared().await;
    let api = Api::stranger(world.url());
    let right = sign_in(&api, "agent1@demo.test", PASSWORD).await;
    let body = right.clone().ok();
    assert_eq!(body["token_type"], "Bearer");
    assert!(body["expires_in"].as_u64().unwrap() > 0, "{body}");
    assert_eq!(body["user"]["email"], "agent1@demo.test");
    assert_eq!(body["user"]["capacity"], 5);
    assert!(!right.text.contains("password"), "{}", right.text);
    cookie(&right);

    // Neither says which of the two was wrong.
    let wrong = sign_in(&api, "agent1@demo.test", "not-the-password").await;
    let unknown = sign_in(&api, "nobody@demo.test", PASSWORD).await;
    assert_eq!(wrong.error(401), "invalid_credentials");
    assert_eq!(unknown.error(401), "invalid_credentials");
    assert_eq!(wrong.body["error"]["message"], unknown.body["error"]["message"]);
    assert!(
        wrong.header("set-cookie").is_empty(),
        "a cookie for a wrong password"
    );
}

#[tokio::test]
async fn a_token_is_needed_and_must_be_ours() {
    let world = World::shared().await;
    let mut api = Api::stranger(world.url());
    for path in ["/me", "/conversations", "/users", "/channels", "/ops/queues"] {
        assert_eq!(api.get(path).await.error(401), "unauthorized", "{path}");
    }
    // Signed by nobody, and by somebody else.
    for forged in [
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsImV4cCI6OTk5OTk5OTk5OX0.",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiIsImV4cCI6OTk5OTk5OTk5OX0.AAAA",
        "x",
    ] {
        api.token = Some(forged.to_owned());
        let refused = api.get("/me").await;
        assert_eq!(refused.error(401), "unauthorized");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_theft_ends_the_session() {
    let world = World::shared().await;
    let api = Api::stranger(world.url());
    let first = cookie(&sign_in(&api, "agent2@demo.test", PASSWORD).await);
    let renewed = with_cookie(&api, "/auth/refresh", &first).await;
    let second = cookie(&renewed);
    assert_ne!(first, second);
    let mut renewed_api = api.clone();
    renewed_api.token = Some(text(&renewed.ok(), "access_token"));
    assert_eq!(renewed_api.get("/me").await.ok()["id"], "agent2");

    // Used again: whoever has the other one, thief or owner, is signed out as well.
    let reused = with_cookie(&api, "/auth/refresh", &first).await;
    assert_eq!(reused.error(401), "unauthorized");
    assert!(
        reused.header("set-cookie").contains("Max-Age=0"),
        "the cookie stays"
    );
    with_cookie(&api, "/auth/refresh", &second).await.error(401);
    api.post("/auth/refresh", &json!({})).await.error(401);
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let world = World::shared().await;
    let api = Api::stranger(world.url());
    let here = cookie(&sign_in(&api, "agent3@demo.test", PASSWORD).await);
    let elsewhere = cookie(&sign_in(&api, "agent3@demo.test", PASSWORD).await);
    let ended = with_cookie(&api, "/auth/logout", &here).await;
    assert_eq!(ended.status, 204);
    assert!(ended.header("set-cookie").contains("Max-Age=0"));
    with_cookie(&api, "/auth/refresh", &here).await.error(401);
    with_cookie(&api, "/auth/refresh", &elsewhere).await.ok();
}

#[tokio::test]
async fn a_disabled_user_is_out() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let agent = desk.hire("agent").await;
    agent.get("/me").await.ok();
    let path = format!("/users/{}", agent.user_id);
    desk.admin.patch(&path, &json!({ "enabled": false })).await.ok();
    agent.get("/me").await.error(401);
}
