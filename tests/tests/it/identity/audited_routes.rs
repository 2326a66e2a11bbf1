//! Every route that changes the configuration writes an audit entry: a walk over all that are described.

use mongodb::bson::{Document, doc};
use reqwest::Method;
use serde_json::{Value, json};
use switchboard_tests::{Desk, api::answer};

use crate::world::World;

/// What people do all day, or to themselves: their work, their own session.
const NOT_CONFIGURATION: [&str; 8] = [
    "/api/v1/conversations/",
    "/api/v1/attachments",
    "/api/v1/auth/",
    "/api/v1/me",
    "/chat/",
    // Asking what would be; drafts are their author's alone until they are published.
    "/api/v1/routing/simulate",
    "/api/v1/routing/rules/draft",
    "/api/v1/routing/agents/",
];

/// How each route is asked: its address and its body. Everything it needs is made for it.
pub async fn request(desk: &Desk, method: &str, path: &str) -> Option<(String, Value)> {
    let name = desk.name.clone();
    let at = |path: &str| path.replace("/api/v1", "").replace("{id}", &name);
    let named = json!({ "name": "Named" });
    let body = match (method, path.trim_start_matches("/api/v1")) {
        ("post", "/branches") => json!({ "id": name, "name": "New" }),
        ("put" | "delete", "/branches/{id}") => {
            desk.admin.put("/branches/b-walk", &named).await.ok();
            return Some(("/branches/b-walk".into(), named));
        }
        ("post", "/channels") => {
            let secrets = json!({ "signing_secret": "0123456789abcdef" });
            json!({ "channel": "webchat", "account_id": name, "name": name, "secrets": secrets })
        }
        (_, channel) if channel.starts_with("/channels/{channel}/{account_id}") => {
            let path = at(path)
                .replace("{channel}", "whatsapp")
                .replace("{account_id}", &name);
            let body = match method {
                "patch" => named,
                _ => json!({ "to": "491710000000" }),
            };
            return Some((path, body));
        }
        ("post", "/roles") => json!({ "id": name, "name": "New", "grants": {} }),
        ("post", "/routing/rules/versions/{version}/restore") => {
            return Some((latest_version(desk).await, Value::Null));
        }
        ("put", "/business-hours/{id}") => json!({ "name": "B", "time_zone": "Europe/Berlin", "weekly": [] }),
        ("put", "/sla-policies/{id}") => json!({ "name": "S", "first_response_secs": 60 }),
        ("put" | "delete", "/roles/{id}") => {
            let role = json!({ "name": "New", "grants": {} });
            desk.admin.put("/roles/r-walk", &role).await.ok();
            return Some(("/roles/r-walk".into(), role));
        }
        ("put", "/routing/queues/{id}") => json!({ "name": "Q", "team_ids": [name] }),
        ("put", "/routing/skills/{id}") => named,
        ("put" | "delete", "/routing/rules/shadow") => {
            return Some(("/routing/rules/shadow".into(), shadow(desk, method).await));
        }
        ("put", "/routing/rules/{id}") => json!({
            "name": "R", "enabled": false, "condition": { "all": [] }, "steps": [{ "queue_id": "default" }],
        }),
        (
            "delete",
            "/api-keys/{id}"
            | "/business-hours/{id}"
            | "/sla-policies/{id}"
            | "/routing/queues/{id}"
            | "/routing/skills/{id}"
            | "/routing/rules/{id}",
        ) => Value::Null,
        ("put", "/teams/{id}") => json!({ "name": "T", "branch_id": name }),
        ("post", "/users") => {
            let email = format!("{name}@walk.test");
            json!({ "email": email, "name": "U", "password": "a long password", "role_id": "agent" })
        }
        ("post", "/api-keys") => json!({ "name": "K", "permissions": ["ops.view"] }),
        ("post", user @ "/users/{id}/invitation") | ("delete", user @ "/users/{id}/totp") => {
            let hired = desk.hire("agent").await.user_id;
            return Some((user.replace("{id}", &hired), Value::Null));
        }
        ("patch", "/users/{id}") => {
            let user = desk.hire("agent").await.user_id;
            return Some((format!("/users/{user}"), named));
        }
        (_, customers) if customers.starts_with("/customers/") => {
            return Some((customers.replace("{id}", &customer(desk).await), Value::Null));
        }
        (_, ops) if ops.starts_with("/ops/") => {
            let path = at(path).replace("{lane}", "bulk").replace(&name, "1-1");
            return Some((path, Value::Null));
        }
        _ => return None,
    };
    Some((at(path), body))
}

/// The id of somebody who has written.
async fn customer(desk: &Desk) -> String {
    let customer = desk.customer();
    desk.write(&customer, "hello").await;
    let conversation = desk.conversation(&desk.admin, &customer).await;
    conversation["customer_id"].as_str().unwrap().to_owned()
}

/// Rules to put into the shadow; what is to be stopped has begun.
async fn shadow(desk: &Desk, method: &str) -> Value {
    let rule = json!({ "id": desk.name, "name": "R", "condition": { "all": [] }, "steps": [{ "queue_id": "default" }] });
    let shadow = json!({ "rules": [rule] });
    if method == "delete" {
        desk.admin.put("/routing/rules/shadow", &shadow).await.ok();
    }
    shadow
}

/// The address that publishes the latest rules again; there are some.
async fn latest_version(desk: &Desk) -> String {
    // Not in force: it would take every conversation of the tests that share this world.
    let rule = json!({
        "name": "R", "enabled": false, "condition": { "all": [] }, "steps": [{ "queue_id": "default" }],
    });
    let path = format!("/routing/rules/{}-walk", desk.name);
    desk.admin.put(&path, &rule).await.ok();
    let versions = desk.admin.get("/routing/rules/versions").await.ok();
    format!(
        "/routing/rules/versions/{}/restore",
        versions["items"][0]["version"]
    )
}

#[tokio::test]
async fn no_change_without_an_entry() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let described = desk.admin.outside("/openapi.json").await.ok();
    let entries = world.corner.database().await.collection::<Document>("audit_logs");
    let mut walked = 0;
    // Those that delete come last: what they delete was made by those before.
    for method in ["post", "put", "patch", "delete"] {
        for (path, methods) in described["paths"].as_object().unwrap() {
            let configures = !NOT_CONFIGURATION.iter().any(|other| path.starts_with(other));
            if methods.get(method).is_none() || !configures {
                continue;
            }
            let (asked, body) = request(&desk, method, path).await.unwrap_or_else(|| {
                panic!("say above how to ask {method} {path}, or why it is no configuration")
            });
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let mut request = desk.admin.request(method.clone(), &asked);
            if !body.is_null() {
                request = request.json(&body);
            }
            let answer = answer(request).await;
            assert!(
                answer.status < 300 || answer.status == 404,
                "{method} {path}: {}",
                answer.text
            );
            let written = entries
                .count_documents(doc! { "request_id": answer.header("x-request-id") })
                .await
                .unwrap();
            assert!(written >= 1, "{method} {path} writes no audit entry");
            walked += 1;
        }
    }
    assert!(walked > 20, "only {walked} routes were walked");
}
