//! Attempts that fail are counted, for all nodes together; those that succeed are not.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use switchboard_tests::{Answer, Api, Hub, HubOptions, Isolated, Role, api::PASSWORD, eventually};

async fn attempt(api: &Api, email: &str, password: &str) -> Answer {
    api.post("/auth/login", &json!({ "email": email, "password": password }))
        .await
}

#[tokio::test]
async fn an_address_that_guesses_has_to_wait() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner).split(2, 1).with(
        "SWITCHBOARD_LIMITS__SIGN_IN_PER_ADDRESS",
        "{ count = 5, seconds = 3 }",
    );
    let mut hub = Hub::start(options).await;
    let here = Api::stranger(hub.url());
    let there = here.at(&hub.node(Role::Serve, 1).url);
    // A whole office comes to work at once: more than may fail, and none does.
    let at_once = (0..20).map(|nth| {
        let (api, email) = (
            if nth % 2 == 0 { &here } else { &there },
            format!("agent{}@demo.test", nth % 5 + 1),
        );
        async move { attempt(api, &email, PASSWORD).await.ok() }
    });
    join_all(at_once).await;
    let (mut refused, mut tried) = (0, 0);
    for nth in 0..20 {
        let api = if nth % 2 == 0 { &here } else { &there };
        let answer = attempt(api, &format!("nobody{nth}@demo.test"), "a guess").await;
        if answer.status == 401 {
            tried += 1;
            continue;
        }
        assert_eq!(answer.error(429), "too_many_attempts");
        assert!((1..=3).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
        refused += 1;
    }
    assert!(tried < 20 && refused > 0, "{tried} tried, {refused} refused");
    eventually("the window's end", Duration::from_secs(20), async || {
        attempt(&here, "agent1@demo.test", PASSWORD).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_guessed_at_from_everywhere_rests() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner)
        .with("SWITCHBOARD_HTTP__TRUST_FORWARDED_FOR", "true")
        .with(
            "SWITCHBOARD_LIMITS__SIGN_IN_PER_EMAIL",
            "{ count = 6, seconds = 300 }",
        );
    let hub = Hub::start(options).await;
    let api = Api::stranger(hub.url());
    let from = async |nth: usize, email: &str, password: &str| {
        let request = api
            .request(reqwest::Method::POST, "/auth/login")
            .header("X-Forwarded-For", format!("198.51.100.{nth}"))
            .json(&json!({ "email": email, "password": password }));
        switchboard_tests::api::answer(request).await
    };
    for nth in 0..6 {
        from(nth, "agent2@demo.test", "a guess").await.error(401);
    }
    assert_eq!(
        from(7, "Agent2@demo.test ", PASSWORD).await.error(429),
        "too_many_attempts"
    );
    from(7, "agent3@demo.test", PASSWORD).await.ok();
}
