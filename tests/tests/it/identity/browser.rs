//! What browsers are told, and pages of others refused.

use reqwest::Method;
use serde_json::json;
use switchboard_tests::{
    Answer, Api, Hub, HubOptions, Isolated,
    api::{PASSWORD, answer},
    http,
};

use crate::world::World;

async fn login(api: &Api, headers: &[(&str, &str)]) -> Answer {
    let body = json!({ "email": "agent1@demo.test", "password": PASSWORD });
    let mut request = api.request(Method::POST, "/auth/login").json(&body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request).await
}

#[tokio::test]
async fn every_answer_is_dressed() {
    let world = World::shared().await;
    let api = Api::stranger(world.url());
    for path in [
        "/",
        "/api/v1/me",
        "/api/v1/nothing",
        "/openapi.json",
        "/healthz",
        "/widget.js",
    ] {
        let answer = api.outside(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("default-src"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert!(
            answer.header("strict-transport-security").is_empty(),
            "HSTS over plain http"
        );
    }
}

#[tokio::test]
async fn a_page_of_somebody_elses_cant_use_our_cookie() {
    let world = World::shared().await;
    let api = Api::stranger(world.url());
    let answered = login(&api, &[]).await;
    let set = answered.header("set-cookie").to_owned();
    let cookie = set.split(';').next().unwrap().to_owned();
    let foreign = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Origin", "https://evil.example"),
    ];
    for path in ["/auth/refresh", "/auth/logout"] {
        for (name, value) in foreign {
            let request = api
                .request(Method::POST, path)
                .header("Cookie", &cookie)
                .header(name, value);
            assert_eq!(answer(request).await.error(403), "cross_site", "{path} {name}");
        }
    }
    assert_eq!(
        login(&api, &[("Origin", "https://evil.example")])
            .await
            .error(403),
        "cross_site"
    );
    // Nothing has happened to it.
    let own = api
        .request(Method::POST, "/auth/refresh")
        .header("Cookie", &cookie)
        .header("Sec-Fetch-Site", "same-origin")
        .header("Origin", world.url());
    answer(own).await.ok();
}

#[tokio::test]
async fn pages_that_are_named_may_ask_and_https_stays_https() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner)
        .with("SWITCHBOARD_HTTP__CORS_ORIGINS", "[\"https://tools.example\"]")
        .with("SWITCHBOARD_HTTP__PUBLIC_BASE_URL", "https://hub.example");
    let hub = Hub::start(options).await;
    let ask = async |origin: &str| {
        let request = http()
            .request(Method::OPTIONS, format!("{}/api/v1/conversations", hub.url()))
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "authorization");
        answer(request).await
    };
    let named = ask("https://tools.example").await;
    assert_eq!(
        named.header("access-control-allow-origin"),
        "https://tools.example"
    );
    assert!(
        named.header("access-control-allow-credentials").is_empty(),
        "with our cookie"
    );
    assert!(named.header("strict-transport-security").starts_with("max-age="));
    let other = ask("https://evil.example").await;
    assert!(other.header("access-control-allow-origin").is_empty());
}
