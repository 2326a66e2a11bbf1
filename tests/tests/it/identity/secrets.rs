//! Secrets at rest: sealed anew with another key, and never to be read anywhere.

use std::fmt::Write;

use mongodb::bson::{Document, doc};
use serde_json::json;
use switchboard_tests::{
    Api, Desk, Hub, HubOptions, Isolated,
    desk::{ACCESS_TOKEN, SIGNING_SECRET, VERIFY_TOKEN, fresh_wamid},
};

#[tokio::test]
async fn after_a_rotation_the_old_secret_is_not_needed() {
    let corner = Isolated::new().await;
    let with = |key: char, previous: &str| {
        HubOptions::all(&corner)
            .with("SWITCHBOARD_SECRET_KEY", &key.to_string().repeat(32))
            .with("SWITCHBOARD_PREVIOUS_SECRET_KEYS", previous)
    };
    let desk = {
        let hub = Hub::start(with('a', "[]")).await;
        Desk::open(hub.url(), "http://127.0.0.1:9").await
    };
    let rotate = with('b', &format!("[\"{}\"]", "a".repeat(32)));
    for _ in 0..2 {
        let output = rotate.run(&["secrets", "rotate"]);
        assert!(output.status.success(), "{output:?}");
    }
    assert!(
        !with('c', "[]").run(&["secrets", "rotate"]).status.success(),
        "another key opened them"
    );

    let hub = Hub::start(with('b', "[]")).await;
    let webhook = desk.text(&desk.customer(), &fresh_wamid(), "hello");
    let door = format!("{}/webhooks/whatsapp/{}", hub.url(), desk.name);
    assert_eq!(desk.post_to(&door, &webhook).await.status, 200);
    let verified = with('b', "[]").run(&["audit", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

#[tokio::test]
async fn planted_secrets_are_nowhere_to_be_read() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner).with("SWITCHBOARD_LOG__FILTER", "debug")).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let admin = &desk.admin;
    let account = format!("/channels/whatsapp/{}", desk.name);
    // Everything that touches them: shown, changed, tried out, used, and refused.
    let password = "planted-password-5520";
    let user = json!({ "email": "planted@desk.test", "name": "P", "password": password, "role_id": "agent" });
    admin.post("/users", &user).await.ok();
    let login = json!({ "email": "planted@desk.test", "password": password });
    Api::stranger(hub.url()).post("/auth/login", &login).await.ok();
    let mut seen = String::new();
    for path in [
        "/channels",
        &account,
        "/users",
        "/audit-logs",
        "/audit-logs/export",
        "/ops/queues",
        "/me",
    ] {
        seen += &admin.get(path).await.text;
    }
    for action in ["verify", "test-message"] {
        seen += &admin
            .post(&format!("{account}/{action}"), &json!({ "to": "491710000001" }))
            .await
            .text;
    }
    let odd = json!({ "secrets": { "signing_secret": 5, "access_token": ACCESS_TOKEN } });
    seen += &admin.patch(&account, &odd).await.text;
    seen += &admin.outside("/metrics").await.text;
    seen += &admin.outside("/readyz").await.text;
    seen += &admin.outside("/openapi.json").await.text;
    desk.write(&desk.customer(), "hello").await;
    let database = corner.database().await;
    for name in database.list_collection_names().await.unwrap() {
        let mut documents = database
            .collection::<Document>(&name)
            .find(doc! {})
            .await
            .unwrap();
        while documents.advance().await.unwrap() {
            write!(seen, "{:?}", documents.deserialize_current().unwrap()).unwrap();
        }
    }
    for secret in [SIGNING_SECRET, ACCESS_TOKEN, VERIFY_TOKEN, password] {
        assert!(
            !seen.contains(secret),
            "{secret} is in an answer or in the database"
        );
        assert!(!hub.logs().contains(secret), "{secret} is in the log");
    }
    assert!(seen.contains("signing_secret"), "the account wasn't looked at");
}

#[tokio::test]
async fn an_address_of_our_own_network_is_no_providers() {
    let corner = Isolated::new().await;
    let hub = Hub::start(HubOptions::all(&corner).with("SWITCHBOARD_OUTBOUND__ALLOW_PRIVATE", "false")).await;
    let admin = Api::sign_in(hub.url(), "admin@demo.test").await;
    let connect = async |id: &str, url: &str| {
        let account = json!({
            "channel": "whatsapp", "account_id": id, "name": id,
            "settings": { "api_base_url": url, "provider_account_id": id },
            "secrets": { "signing_secret": "s", "access_token": "t", "verify_token": "v" },
        });
        admin.post("/channels", &account).await
    };
    let inside = [
        "http://127.0.0.1:9",
        "http://localhost",
        "http://[::1]",
        "http://169.254.169.254/latest",
        "http://2130706433",
        "http://0x7f.1",
        "http://[::ffff:10.0.0.1]",
        "http://10.1.2.3",
        "http://user@192.168.0.1",
        "http://a.localhost.",
    ];
    for url in inside {
        assert_eq!(connect("inside", url).await.error(422), "invalid", "{url}");
    }
    // The demo's own provider is on this machine, too: set before, it isn't asked either.
    let trial = admin
        .post("/channels/whatsapp/wa-demo/verify", &json!({}))
        .await
        .ok();
    assert_eq!(trial["ok"], false);
    assert_eq!(trial["error"]["code"], "address_not_allowed", "{trial}");
}
