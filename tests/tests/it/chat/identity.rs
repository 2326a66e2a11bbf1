//! Who is let in, and as whom.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard_tests::{Desk, Visitor, tungstenite};

use super::{SECRET, conversation, enter, open_chat};
use crate::world::World;

fn hash_of(user: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(user.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

async fn refused(desk: &Desk, hello: Value) -> Value {
    let visitor = Visitor::knock(desk.url(), &desk.name, hello).await;
    let error = visitor.error().await;
    assert_eq!(visitor.ended().await, 1008);
    error["code"].clone()
}

#[tokio::test]
async fn a_token_is_nobody_elses() {
    let world = World::shared().await;
    let (desk, other) = (world.desk().await, world.desk().await);
    open_chat(&desk, json!({})).await;
    open_chat(&other, json!({})).await;
    let mut visitor = enter(&desk, json!({})).await;
    visitor.write("hello").await;
    let token = visitor.returning()["token"].as_str().unwrap().to_owned();
    let again = enter(&desk, json!({ "token": token })).await;
    assert_eq!(again.id(), visitor.id());

    let (claims, _) = token.rsplit_once('.').unwrap();
    let forged = [
        format!("{claims}.AAAA"),
        format!("{claims}."),
        claims.to_owned(),
        "v1".to_owned(),
        token.replacen("v1.", "v2.", 1),
        token.to_uppercase(),
    ];
    for token in forged {
        assert_eq!(refused(&desk, json!({ "token": token })).await, "token_invalid");
    }
    assert_eq!(refused(&other, json!({ "token": token })).await, "token_invalid");
}

#[tokio::test]
async fn a_page_says_who_its_users_are_and_proves_it() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({ "require_identity": true })).await;
    assert_eq!(refused(&desk, json!({})).await, "identity_required");
    let user = format!("{}-42", desk.name);
    let wrong = [
        json!({ "user_id": user }),
        json!({ "user_id": user, "user_hash": "" }),
        json!({ "user_id": user, "user_hash": hash_of(&user, "another") }),
        json!({ "user_id": "43", "user_hash": hash_of(&user, SECRET) }),
    ];
    for hello in wrong {
        assert_eq!(refused(&desk, hello).await, "identity_invalid");
    }
    let hello = json!({ "user_id": user, "user_hash": hash_of(&user, SECRET), "name": "Dora" });
    let mut visitor = enter(&desk, hello.clone()).await;
    assert_eq!(visitor.frames()[0]["identified"], true);
    visitor.write("It's me").await;
    let conversation = conversation(&desk.admin, &user).await;
    assert_eq!(conversation["contact"]["external_id"], format!("user:{user}"));
    // On another device, without a token: the same person.
    let elsewhere = enter(&desk, hello).await;
    elsewhere
        .frame("what was said before", |frame| {
            frame.to_string().contains("It's me")
        })
        .await;
    // Their token alone makes nobody them.
    let token = visitor.returning()["token"].clone();
    assert_eq!(
        refused(&desk, json!({ "token": token })).await,
        "identity_required"
    );
}

#[tokio::test]
async fn only_the_pages_of_the_company_may_connect() {
    let world = World::shared().await;
    let desk = world.desk().await;
    open_chat(&desk, json!({ "allowed_origins": ["https://shop.example.com"] })).await;
    let connect =
        async |account: &str, origin: Option<&str>| match Visitor::connect(desk.url(), account, origin).await
        {
            Ok(_) => 101,
            Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
        };
    assert_eq!(connect(&desk.name, Some("https://shop.example.com")).await, 101);
    for origin in ["https://evil.example.com", "http://shop.example.com", "null"] {
        assert_eq!(connect(&desk.name, Some(origin)).await, 403, "{origin}");
    }
    assert_eq!(connect("no-such-account", None).await, 404);
    let plain = desk.admin.outside(&format!("/chat/{}", desk.name)).await;
    assert_eq!(plain.error(426), "upgrade_required");
    let unknown = desk.admin.outside("/chat/no-such-account").await;
    assert_eq!(unknown.error(404), "not_found");
}

#[tokio::test]
async fn settings_that_could_let_anybody_in_are_not_taken() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let faulty = [
        json!({ "allowed_origins": "https://shop.example.com" }),
        json!({ "allowed_origins": ["shop.example.com"] }),
        json!({ "allowed_origins": ["https://shop.example.com/"] }),
        json!({ "require_identity": "yes" }),
        json!({ "form": [{ "label": "No name" }] }),
        json!({ "form": [{ "name": "a", "label": "A" }, { "name": "a", "label": "A" }] }),
        json!({ "accent": "red; background: url(https://evil.example.com)" }),
    ];
    for settings in faulty {
        let account = json!({ "channel": "webchat", "account_id": format!("{}-x", desk.name), "name": "x",
            "settings": settings, "secrets": { "signing_secret": SECRET } });
        assert_eq!(
            desk.admin.post("/channels", &account).await.error(422),
            "invalid",
            "{settings}"
        );
    }
}
