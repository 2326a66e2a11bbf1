//! The second factor: asked for, good once, replaceable by recovery codes, and demanded by a role.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha1::Sha1;
use switchboard_tests::{
    Answer, Api, Console, Desk,
    api::{PASSWORD, answer, text},
    desk::now,
    eventually,
};
use uuid::Uuid;

use crate::world::World;

/// What an authenticator app shows `later` steps from now; written apart from the hub's own, from RFC 6238.
pub fn code(secret: &str, later: i64) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digits = secret.chars().map(|digit| alphabet.find(digit).unwrap());
    let bits: Vec<usize> = digits
        .flat_map(|digit| (0..5).rev().map(move |bit| digit >> bit & 1))
        .collect();
    let key: Vec<u8> = bits
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | *bit as u8))
        .collect();
    let step = now().as_millis() / 30_000 + later;
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn sign_in(url: &str, email: &str, totp: Option<&str>) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD, "totp": totp });
    Api::stranger(url).post("/auth/login", &body).await
}

/// Somebody with a second factor: them, their email, the secret, their recovery codes.
async fn armed(desk: &Desk) -> (Api, String, String, Vec<Value>) {
    let person = desk.hire("agent").await;
    let email = text(&person.get("/me").await.ok(), "email");
    let begun = person.post("/me/totp", &json!({})).await.ok();
    let secret = text(&begun, "secret");
    assert!(
        text(&begun, "uri").starts_with("otpauth://totp/Switchboard:"),
        "{begun}"
    );
    // Not asked for before it is confirmed.
    sign_in(&person.url, &email, None).await.ok();
    let wrong = person
        .post("/me/totp/confirm", &json!({ "code": "000000" }))
        .await;
    assert!(matches!(wrong.status, 422), "{}", wrong.text);
    let confirmed = person
        .post("/me/totp/confirm", &json!({ "code": code(&secret, -1) }))
        .await
        .ok();
    let codes = confirmed["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    (person, email, secret, codes)
}

#[tokio::test]
async fn a_code_is_asked_for_and_is_good_once() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (person, email, secret, codes) = armed(&desk).await;
    let url = world.url();
    assert_eq!(sign_in(url, &email, None).await.error(401), "totp_required");
    assert_eq!(sign_in(url, &email, Some("")).await.error(401), "totp_required");
    // The one it was confirmed with is used up; the next is good, and then used up as well.
    let next = code(&secret, 1);
    sign_in(url, &email, Some(&next)).await.ok();
    assert_eq!(sign_in(url, &email, Some(&next)).await.error(401), "invalid_totp");
    assert_eq!(
        person.post("/me/totp", &json!({})).await.error(409),
        "already_exists"
    );

    let recovery = codes[0].as_str().unwrap().to_uppercase();
    sign_in(url, &email, Some(&recovery)).await.ok();
    assert_eq!(
        sign_in(url, &email, Some(&recovery)).await.error(401),
        "invalid_totp"
    );
    let second = json!({ "code": codes[1] });
    let delete = |body: &Value| answer(person.request(Method::DELETE, "/me/totp").json(body));
    assert_eq!(delete(&json!({ "code": "abc" })).await.error(401), "invalid_totp");
    assert_eq!(delete(&second).await.status, 204);
    sign_in(url, &email, None).await.ok();
}

#[tokio::test]
async fn an_administrator_takes_away_what_was_lost() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (person, email, ..) = armed(&desk).await;
    let path = format!("/users/{}/totp", person.user_id);
    assert_eq!(person.delete(&path).await.error(403), "forbidden");
    assert_eq!(desk.admin.delete(&path).await.status, 204);
    desk.admin.delete(&path).await.error(404);
    sign_in(world.url(), &email, None).await.ok();
}

#[tokio::test]
async fn a_role_can_demand_it() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let id = format!("r{}", &Uuid::new_v4().simple().to_string()[..10]);
    let role = json!({ "id": id, "name": "Careful", "grants": { "conversations.view": "all" }, "require_totp": true });
    assert_eq!(desk.admin.post("/roles", &role).await.status, 201);
    let person = desk.hire(&id).await;
    assert_eq!(person.get("/me").await.ok()["totp_setup_required"], true);
    for path in ["/conversations", "/users", "/roles"] {
        assert_eq!(person.get(path).await.error(403), "totp_setup_required", "{path}");
    }
    let token = json!({ "token": person.token });
    assert!(Console::try_connect(&person.url, &token).await.is_err());
    let begun = person.post("/me/totp", &json!({})).await.ok();
    let right = json!({ "code": code(&text(&begun, "secret"), 0) });
    person.post("/me/totp/confirm", &right).await.ok();
    eventually("what the role allows", Duration::from_secs(20), async || {
        person.get("/conversations").await.status == 200
    })
    .await;
    Console::connect(&person.url, person.token.as_deref().unwrap()).await;
}

#[tokio::test]
async fn a_console_hears_nothing_more_once_its_role_demands_it() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let id = format!("r{}", &Uuid::new_v4().simple().to_string()[..10]);
    let role = |required: bool| json!({ "id": id, "name": "C", "grants": { "conversations.view": "all" }, "require_totp": required });
    assert_eq!(desk.admin.post("/roles", &role(false)).await.status, 201);
    let person = desk.hire(&id).await;
    let console = Console::connect(&person.url, person.token.as_deref().unwrap()).await;
    let mut demanding = role(true);
    demanding.as_object_mut().unwrap().remove("id");
    desk.admin.put(&format!("/roles/{id}"), &demanding).await.ok();
    eventually("the console is closed", Duration::from_secs(20), async || {
        console.is_closed()
    })
    .await;
}

#[tokio::test]
async fn whoever_has_somebodys_session_cant_guess_their_second_factor_away() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let (person, _, secret, _) = armed(&desk).await;
    let delete = |code: String| {
        answer(
            person
                .request(Method::DELETE, "/me/totp")
                .json(&json!({ "code": code })),
        )
    };
    for nth in 0..10 {
        delete(format!("{nth}")).await.error(401);
    }
    let right = code(&secret, 1);
    assert_eq!(delete(right).await.error(429), "too_many_attempts");
}
