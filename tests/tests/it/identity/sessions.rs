//! Sessions: several at once, renewed in two tabs, through a change of keys, ended from afar.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use switchboard_tests::{
    Answer, Api, Console, Desk, Hub, HubOptions, Isolated,
    api::{PASSWORD, answer, items, text},
    desk::id,
    eventually,
};

use crate::world::World;

const SOON: Duration = Duration::from_secs(20);

async fn sign_in(api: &Api, email: &str) -> Answer {
    api.post("/auth/login", &json!({ "email": email, "password": PASSWORD }))
        .await
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

async fn refresh(api: &Api, cookie: &str) -> Answer {
    let request = api
        .request(Method::POST, "/auth/refresh")
        .header("Cookie", cookie);
    answer(request).await
}

fn with_token(api: &Api, answer: &Answer) -> Api {
    let mut api = api.clone();
    api.token = Some(text(&answer.body, "access_token"));
    api
}

#[tokio::test]
async fn two_tabs_may_renew_at_the_same_moment_and_a_thief_may_not() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner).with("SWITCHBOARD_AUTH__REFRESH_OVERLAP_MILLIS", "60000");
    let hub = Hub::start(options).await;
    let api = Api::stranger(hub.url());
    let first = cookie(&sign_in(&api, "agent1@demo.test").await);
    let (one, two) = tokio::join!(refresh(&api, &first), refresh(&api, &first));
    assert_eq!((one.status, two.status), (200, 200), "{} {}", one.text, two.text);
    let second = cookie(&one);
    assert_eq!(second, cookie(&two), "two tabs have different tokens");
    let third = refresh(&api, &second).await;
    assert_eq!(third.status, 200, "{}", third.text);
    let owner = with_token(&api, &third);
    owner.get("/me").await.ok();

    // Whoever still has the first is no tab of ours: everybody is out, and not in fifteen minutes.
    refresh(&api, &first).await.error(401);
    refresh(&api, &cookie(&third)).await.error(401);
    owner.get("/me").await.error(401);
}

#[tokio::test]
async fn a_new_secret_signs_nobody_out_and_loses_nothing() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner);
    let (api, console_token, first, desk) = {
        let hub = Hub::start(options.clone().with("SWITCHBOARD_SECRET_KEY", &"a".repeat(32))).await;
        let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
        let api = Api::stranger(hub.url());
        let answer = sign_in(&api, "agent1@demo.test").await;
        (api, text(&answer.body, "access_token"), cookie(&answer), desk)
    };
    let rotated = options.with("SWITCHBOARD_SECRET_KEY", &"b".repeat(32)).with(
        "SWITCHBOARD_PREVIOUS_SECRET_KEYS",
        &format!("[\"{}\"]", "a".repeat(32)),
    );
    let hub = Hub::start(rotated.clone()).await;
    let mut api = api.at(hub.url());
    api.token = Some(console_token);
    api.get("/me").await.ok();
    let renewed = refresh(&api, &first).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    with_token(&api, &renewed).get("/me").await.ok();
    // The number's secrets were sealed with the old one.
    let customer = desk.customer();
    let webhook = desk.text(&customer, &switchboard_tests::desk::fresh_wamid(), "hello");
    let door = format!("{}/webhooks/whatsapp/{}", hub.url(), desk.name);
    assert_eq!(desk.post_to(&door, &webhook).await.status, 200);

    // Without the old one, what it signed is nobody's word.
    drop(hub);
    let forgetful = HubOptions::all(&corner).with("SWITCHBOARD_SECRET_KEY", &"c".repeat(32));
    let hub = Hub::start(forgetful.with("SWITCHBOARD_DEMO__ENABLED", "false")).await;
    let api = api.at(hub.url());
    api.get("/me").await.error(401);
    refresh(&api, &cookie(&renewed)).await.error(401);
}

#[tokio::test]
async fn a_session_is_ended_from_another() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let person = desk.hire("agent").await;
    let email = text(&person.get("/me").await.ok(), "email");
    let stranger = Api::stranger(world.url());
    let lost = sign_in(&stranger, &email).await;
    let lost_api = with_token(&stranger, &lost);
    let console = Console::connect(world.url(), lost_api.token.as_deref().unwrap()).await;

    let listed = person.get("/me/sessions").await.ok();
    let sessions = items(&listed);
    assert_eq!(sessions.len(), 2, "{listed}");
    assert_eq!(sessions.iter().filter(|one| one["current"] == true).count(), 1);
    assert!(sessions.iter().all(|one| one["ip"] == "127.0.0.1"), "{listed}");
    let other = sessions.iter().find(|one| one["current"] == false).unwrap();
    let path = format!("/me/sessions/{}", id(other));
    // Not by anybody else.
    let colleague = desk.hire("agent").await;
    colleague.delete(&path).await.error(404);
    assert_eq!(person.delete(&path).await.status, 204);
    lost_api.get("/me").await.error(401);
    refresh(&stranger, &cookie(&lost)).await.error(401);
    eventually("the console is closed", SOON, async || console.is_closed()).await;
    person.delete(&path).await.error(404);
    person.get("/me").await.ok();

    let again = with_token(&stranger, &sign_in(&stranger, &email).await);
    assert_eq!(person.delete("/me/sessions").await.status, 204);
    again.get("/me").await.error(401);
    person.get("/me").await.ok();
}
