//! Roles as data: made, handed out and taken away, on every node.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use switchboard_tests::{
    Api, Console, Desk, Hub, HubOptions, Isolated, Role, api::items, desk::id, eventually,
};
use uuid::Uuid;

use crate::world::World;

const SOON: Duration = Duration::from_secs(20);

/// A role with these grants that nobody else uses.
async fn role(desk: &Desk, grants: Value) -> String {
    let id = format!("r{}", &Uuid::new_v4().simple().to_string()[..10]);
    let role = json!({ "id": id, "name": "Made for this", "grants": grants });
    let made = desk.admin.post("/roles", &role).await;
    assert_eq!(made.status, 201, "{}", made.text);
    id
}

#[tokio::test]
async fn a_role_changed_on_one_node_changes_its_holders_everywhere() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let elsewhere = hub.node(Role::Serve, 1).url.clone();
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let made = role(&desk, json!({ "conversations.view": "all" })).await;
    let holder = desk.hire(&made).await.at(&elsewhere);
    let console = Console::connect(&elsewhere, holder.token.as_deref().unwrap()).await;
    let customer = desk.customer();
    let seen = desk.write(&customer, "for all who see everything").await;
    console
        .event("the message", |event| {
            event.is("message.created", "provider_message_id", &seen)
        })
        .await;

    // They see nothing of it any more, neither asked for nor pushed.
    let less = json!({ "name": "Less", "grants": { "conversations.view": "assigned" } });
    desk.admin.put(&format!("/roles/{made}"), &less).await.ok();
    eventually("an empty inbox at the other node", SOON, async || {
        items(&holder.get("/conversations").await.ok()).is_empty()
    })
    .await;
    // The order of the stream: whoever has this event has passed over those before.
    let unseen = desk.write(&customer, "not for them").await;
    let agent = desk.hire("agent").await;
    let conversation = id(&desk.conversation(&desk.admin, &customer).await);
    desk.admin
        .put(
            &format!("/roles/{made}"),
            &json!({ "name": "More", "grants": { "conversations.view": "all" } }),
        )
        .await
        .ok();
    eventually("the inbox again", SOON, async || {
        !items(&holder.get("/conversations").await.ok()).is_empty()
    })
    .await;
    let assign = json!({ "agent_id": agent.user_id });
    desk.admin
        .post(&format!("/conversations/{conversation}/assign"), &assign)
        .await
        .ok();
    console
        .event("the assignment", |event| {
            event.is("conversation.updated", "id", &conversation)
        })
        .await;
    let told = console.events();
    assert!(
        !told
            .iter()
            .any(|event| event.is("message.created", "provider_message_id", &unseen)),
        "pushed to somebody who may not see it"
    );
    holder.at(hub.url()).get("/me").await.ok();
}

#[tokio::test]
async fn nobody_hands_out_what_they_do_not_hold() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let grants = json!({ "users.manage": "all", "conversations.view": "all" });
    let hr = desk.hire(&role(&desk, grants.clone()).await).await;
    let make = async |who: &Api, grants: Value| {
        let id = format!("x{}", &Uuid::new_v4().simple().to_string()[..10]);
        who.post("/roles", &json!({ "id": id, "name": "x", "grants": grants }))
            .await
    };
    make(&hr, grants).await.ok();
    make(&hr, json!({ "conversations.view": "team" })).await.ok();
    let beyond = make(&hr, json!({ "audit.view": "all" })).await;
    assert_eq!(beyond.error(403), "beyond_your_role");

    // Not by way of a person either: neither a new one, nor themselves, nor the password of somebody above them.
    let user = |role: &str| {
        json!({
            "email": format!("{}@desk.test", Uuid::new_v4().simple()), "name": "New",
            "password": "a long password", "role_id": role,
        })
    };
    assert_eq!(
        hr.post("/users", &user("super_admin")).await.error(403),
        "beyond_your_role"
    );
    let themselves = format!("/users/{}", hr.user_id);
    let promoted = hr.patch(&themselves, &json!({ "role_id": "operations" })).await;
    assert_eq!(promoted.error(403), "beyond_your_role");
    let taken_over = hr
        .patch("/users/admin", &json!({ "password": "my own choice" }))
        .await;
    assert_eq!(taken_over.error(403), "beyond_your_role");
    let robbed = hr
        .put("/roles/operations", &json!({ "name": "x", "grants": {} }))
        .await;
    assert_eq!(robbed.error(403), "beyond_your_role");
    // Whoever doesn't manage users makes no role at all.
    let agent = desk.hire("agent").await;
    assert_eq!(make(&agent, json!({})).await.error(403), "forbidden");
    agent.delete("/roles/agent").await.error(403);
}

#[tokio::test]
async fn the_roles_every_deployment_has_stay() {
    let world = World::shared().await;
    let desk = world.desk().await;
    for seed in [
        "super_admin",
        "operations",
        "team_lead",
        "agent",
        "branch_manager",
    ] {
        let shown = desk.admin.get(&format!("/roles/{seed}")).await.ok();
        assert_eq!(shown["system"], true);
        let refused = desk.admin.delete(&format!("/roles/{seed}")).await;
        assert_eq!(refused.error(409), "system_role");
    }
    let weaker = json!({ "name": "Weak", "grants": {} });
    let refused = desk.admin.put("/roles/super_admin", &weaker).await;
    assert_eq!(refused.error(409), "system_role");

    let made = role(&desk, json!({ "reports.view": "self" })).await;
    let path = format!("/roles/{made}");
    let holder = desk.hire(&made).await;
    assert_eq!(desk.admin.delete(&path).await.error(409), "in_use");
    let user = format!("/users/{}", holder.user_id);
    desk.admin.patch(&user, &json!({ "role_id": "agent" })).await.ok();
    assert_eq!(desk.admin.delete(&path).await.status, 204);
    desk.admin.get(&path).await.error(404);
    desk.admin.delete(&path).await.error(404);
    // What means nothing is said so.
    for grants in [
        json!({ "audit.view": "team" }),
        json!({ "routing.configure": "self" }),
    ] {
        let role = json!({ "id": made, "name": "x", "grants": grants });
        assert_eq!(desk.admin.post("/roles", &role).await.error(422), "invalid");
    }
    for grants in [
        json!({ "no.such": "all" }),
        json!({ "audit.view": "some" }),
        json!([]),
    ] {
        let role = json!({ "id": made, "name": "x", "grants": grants });
        desk.admin.post("/roles", &role).await.error(400);
    }
}

#[tokio::test]
async fn somebody_is_always_super_admin() {
    let corner = Isolated::new().await;
    let mut hub = Hub::start(HubOptions::all(&corner).split(2, 1)).await;
    let elsewhere = hub.node(Role::Serve, 1).url.clone();
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let demotion = json!({ "role_id": "agent" });
    let refused = desk.admin.patch("/users/admin", &demotion).await;
    assert_eq!(refused.error(409), "last_super_admin");

    // Two who take each other's role away at the same moment, at different nodes.
    for _ in 0..5 {
        let other = desk.hire("super_admin").await.at(&elsewhere);
        let (theirs, ours) = (format!("/users/{}", other.user_id), "/users/admin");
        let (one, two) = tokio::join!(desk.admin.patch(&theirs, &demotion), other.patch(ours, &demotion));
        let users = corner.database().await.collection::<Document>("users");
        let admins = users
            .count_documents(doc! { "role_id": "super_admin", "enabled": true })
            .await
            .unwrap();
        assert_eq!(admins, 1, "{} {}", one.text, two.text);
        // Whoever is left gives it back.
        let survivor = if one.status == 200 { &desk.admin } else { &other };
        survivor
            .patch(ours, &json!({ "role_id": "super_admin" }))
            .await
            .ok();
        desk.admin.get("/me").await.ok();
        desk.admin.patch(&theirs, &demotion).await.ok();
    }
}

#[tokio::test]
async fn branches_come_and_go() {
    let world = World::shared().await;
    let desk = world.desk().await;
    let name = format!("b{}", &Uuid::new_v4().simple().to_string()[..10]);
    let branch = json!({ "id": name, "name": "Harbour" });
    assert_eq!(desk.admin.post("/branches", &branch).await.status, 201);
    assert_eq!(
        desk.admin.post("/branches", &branch).await.error(409),
        "already_exists"
    );
    let path = format!("/branches/{name}");
    desk.admin
        .put(&path, &json!({ "name": "Old harbour" }))
        .await
        .ok();
    let listed = desk.admin.get("/branches").await.ok();
    let ours = items(&listed).iter().find(|one| one["id"] == *name).unwrap();
    assert_eq!(ours["name"], "Old harbour");
    desk.admin
        .put(
            &format!("/teams/{name}"),
            &json!({ "name": "T", "branch_id": name }),
        )
        .await
        .ok();
    assert_eq!(desk.admin.delete(&path).await.error(409), "in_use");
    desk.admin
        .put(&format!("/teams/{name}"), &json!({ "name": "T" }))
        .await
        .ok();
    assert_eq!(desk.admin.delete(&path).await.status, 204);
    desk.admin.delete(&path).await.error(404);
    desk.admin.put(&path, &json!({ "name": " " })).await.error(422);
    assert_eq!(desk.hire("team_lead").await.put(&path, &branch).await.status, 400);
    let lead = desk.hire("team_lead").await;
    assert_eq!(
        lead.put(&path, &json!({ "name": "x" })).await.error(403),
        "forbidden"
    );
}
